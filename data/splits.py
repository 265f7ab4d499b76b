"""Dividing a corpus into training, validation and test parts."""

from __future__ import annotations

import hashlib
import random
from dataclasses import dataclass

from namestui.data.corpus import Corpus, CorpusError


@dataclass(frozen=True, slots=True)
class Parts:
    """Row numbers of a corpus; in the ``random`` split validation and test are the same rows."""

    train: list[int]
    validation: list[int]
    test: list[int]


def split_corpus(corpus: Corpus, split: str, seed: int) -> Parts:
    """Divide ``corpus`` by ``split`` (``grouped`` or ``random``).

    Raises:
        CorpusError: a part would be empty, or the training part lacks a label.
    """
    parts = grouped_split(corpus, seed) if split == "grouped" else random_split(corpus, seed)
    for name, rows in (("training", parts.train), ("validation", parts.validation), ("test", parts.test)):
        if not rows:
            raise CorpusError(f"the {name} part would be empty: {len(corpus.names)} names are too few to split")
    absent = set(range(len(corpus.labels))) - {corpus.targets[row] for row in parts.train}
    if absent:
        label = corpus.labels[min(absent)]
        raise CorpusError(f"no name of {label} falls into the training part: give it more names, or another seed")
    return parts


def grouped_split(corpus: Corpus, seed: int) -> Parts:
    """About 80/10/10 by a hash of the case-folded name, so nothing leaks and adding names moves none.

    All spellings and labels of a case-folded name share a part; a repeated (name, label) row counts once.
    """
    parts = Parts([], [], [])
    seen: set[tuple[str, int]] = set()
    for row, (name, target) in enumerate(zip(corpus.names, corpus.targets, strict=True)):
        key = name.casefold()
        if (key, target) in seen:
            continue
        seen.add((key, target))
        share = hash_share(key, seed)
        part = parts.train if share < 0.8 else parts.validation if share < 0.9 else parts.test
        part.append(row)
    return parts


def random_split(corpus: Corpus, seed: int) -> Parts:
    """The report's: 80/20 over the rows at random, the 20 % serving as validation and test. It leaks."""
    rows = list(range(len(corpus.names)))
    random.Random(seed).shuffle(rows)
    held_out = rows[round(0.8 * len(rows)) :]
    return Parts(rows[: round(0.8 * len(rows))], held_out, held_out)


def hash_share(text: str, seed: int) -> float:
    """A number from 0 to 1 that depends on nothing but ``text`` and ``seed``."""
    digest = hashlib.blake2b(text.encode(), digest_size=8, key=seed.to_bytes(8, "little")).digest()
    return int.from_bytes(digest, "big") / 2**64
