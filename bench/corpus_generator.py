"""A corpus of any size that can be learned: ``python -m bench.corpus_generator OUT --names 10_000_000 --labels 18``.

Each label draws the lengths and letters of its names from a Markov chain of its own, over a shared preference for
vowels after consonants, so that a name gives its label away more or less as real surnames do. OUT ending in .csv or
.tsv becomes one table with the labels mixed, anything else a folder of Label.txt files. Equal arguments give equal
bytes; names are written as they are made, so memory does not depend on how many there are.
"""

from __future__ import annotations

import argparse
import string
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt

from namestui.data.table_dialect import SUFFIXES

LETTERS = string.ascii_lowercase
MIN_LETTERS, MAX_LETTERS = 3, 12
"""Letters of a name."""
BLOCK = 100_000
"""Names that are made at once."""
PECULIARITY = 1.5
"""How much the chains of the labels differ, as the spread of their logits; 0: not at all."""

Chain = npt.NDArray[np.float64]


def chains(labels: int, generator: np.random.Generator) -> Chain:
    """Cumulative probabilities (labels, 27, 26) of the next letter after each, and of a name's first (row 26)."""
    vowel = np.array([letter in "aeiou" for letter in LETTERS])
    shared = np.where(vowel[:, None] == vowel[None, :], -1.0, 1.0)  # vowels follow consonants, mostly
    shared = np.vstack([shared, np.zeros((1, len(LETTERS)))])
    odds = np.exp(shared + PECULIARITY * generator.standard_normal((labels, len(LETTERS) + 1, len(LETTERS))))
    cumulative = np.cumsum(odds, axis=2)
    found: Chain = cumulative / cumulative[:, :, -1:]
    return found


def names_of(chain: Chain, count: int, generator: np.random.Generator) -> list[str]:
    """``count`` names of one label's chain (27, 26), each with a capital."""
    letters = np.empty((count, MAX_LETTERS), dtype=np.uint8)
    state = np.full(count, len(LETTERS))
    for position in range(MAX_LETTERS):
        drawn = generator.random(count)
        for before in range(len(LETTERS) + 1):
            rows = np.flatnonzero(state == before)
            letters[rows, position] = np.searchsorted(chain[before], drawn[rows], side="right").clip(max=25)
        state = letters[:, position].astype(np.int64)
    text = (letters + ord("a")).tobytes().decode()
    lengths = generator.integers(MIN_LETTERS, MAX_LETTERS + 1, count).tolist()
    return [text[at * MAX_LETTERS : at * MAX_LETTERS + length].capitalize() for at, length in enumerate(lengths)]


def blocks(names: int, labels: int, seed: int) -> Iterator[tuple[int, list[str]]]:
    """Labels' numbers, each with some of its names; the labels in turns, all with about as many names."""
    generator = np.random.default_rng(seed)
    of_label = chains(labels, generator)
    left = [names // labels + (label < names % labels) for label in range(labels)]
    most = max(1, BLOCK // labels)
    while any(left):
        for label in range(labels):
            count = min(left[label], most)
            if count:
                left[label] -= count
                yield label, names_of(of_label[label], count, generator)


def label_name(number: int) -> str:
    """``Label0007``."""
    return f"Label{number:04}"


def generate(out: Path, names: int, labels: int, seed: int = 0) -> None:
    """Write the corpus; a folder is made, what it holds already is replaced where the names are equal."""
    delimiter = SUFFIXES.get(out.suffix.lower())
    if delimiter is None:
        out.mkdir(parents=True, exist_ok=True)
        for label in range(labels):
            (out / f"{label_name(label)}.txt").write_bytes(b"")
        for label, block in blocks(names, labels, seed):
            with (out / f"{label_name(label)}.txt").open("a", encoding="ascii", newline="\n") as file:
                file.write("\n".join(block) + "\n")
        return
    with out.open("w", encoding="ascii", newline="\n") as file:
        file.write(f"name{delimiter}label\n")
        for label, block in blocks(names, labels, seed):
            ending = f"{delimiter}{label_name(label)}\n"
            file.write(ending.join(block) + ending)


def main() -> None:
    """Write what the arguments say."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", metavar="OUT", type=Path, help="a folder, or a file ending in .csv or .tsv")
    parser.add_argument("--names", type=int, default=10_000_000)
    parser.add_argument("--labels", type=int, default=18)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    if options.labels < 2 or options.names < options.labels:
        parser.error("at least two labels, and a name for each")
    generate(options.out, options.names, options.labels, options.seed)


if __name__ == "__main__":
    main()
