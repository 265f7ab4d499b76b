"""Dividing a corpus into training, validation and test parts."""

from __future__ import annotations

import hashlib
import random
from array import array
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from namestui.data.corpus import Corpus, CorpusError
from namestui.data.groups import NameGroups, group_names
from namestui.data.name_array import NameArray

_REPORT_EVERY = 100_000
"""Names between two reports of progress."""


@dataclass(frozen=True, slots=True)
class Parts:
    """Row numbers of a corpus, in arrays (4 bytes a row); in the ``random`` split validation and test are the same."""

    train: Sequence[int]
    validation: Sequence[int]
    test: Sequence[int]


def split_corpus(corpus: Corpus, split: str, seed: int, on_progress: Callable[[int, int], None] | None = None) -> Parts:
    """Divide ``corpus`` by ``split`` (``grouped`` or ``random``).

    ``on_progress`` is called with how many names have been hashed, and how many there are.

    Raises:
        CorpusError: a part would be empty, or the training part lacks a label.
    """
    parts = grouped_split(corpus, seed, on_progress) if split == "grouped" else random_split(corpus, seed)
    for name, rows in (("training", parts.train), ("validation", parts.validation), ("test", parts.test)):
        if not rows:
            raise CorpusError(f"the {name} part would be empty: {len(corpus.names)} names are too few to split")
    absent = np.bincount(corpus.targets[np.asarray(parts.train)], minlength=len(corpus.labels)) == 0
    if absent.any():
        label = corpus.labels[int(absent.argmax())]
        raise CorpusError(f"no name of {label} falls into the training part: give it more names, or another seed")
    return parts


def grouped_split(corpus: Corpus, seed: int, on_progress: Callable[[int, int], None] | None = None) -> Parts:
    """About 80/10/10 by a hash of the case-folded name, so nothing leaks and adding names moves none.

    All spellings and labels of a case-folded name share a part; a repeated (name, label) row counts once.
    """
    part_of_row = _kept_parts(corpus, seed)
    if part_of_row is None:
        part_of_row = _part_of_each_row(corpus, seed, on_progress)
        if corpus.kept is not None:
            corpus.kept.write(f"grouped-{seed}", {"part": part_of_row})
    return Parts(*(_rows(np.flatnonzero(part_of_row == part)) for part in range(3)))


def _part_of_each_row(
    corpus: Corpus, seed: int, on_progress: Callable[[int, int], None] | None
) -> npt.NDArray[np.uint8]:
    """0 training, 1 validation, 2 test, 3 none: the row repeats one before it."""
    groups = group_names(corpus.names)
    shares = _shares(corpus.names, groups, seed, on_progress)
    part = (shares >= 0.8).astype(np.uint8) + (shares >= 0.9)
    found: npt.NDArray[np.uint8] = np.where(_first_of_each(groups.of_row, corpus.targets), part[groups.of_row], 3)
    return found.astype(np.uint8)


def _kept_parts(corpus: Corpus, seed: int) -> npt.NDArray[np.uint8] | None:
    kept = corpus.kept.read(f"grouped-{seed}") if corpus.kept is not None else None
    part = kept.get("part") if kept is not None else None
    return part if part is not None and part.shape == corpus.targets.shape and part.dtype == np.uint8 else None


def _shares(
    names: NameArray, groups: NameGroups, seed: int, on_progress: Callable[[int, int], None] | None
) -> npt.NDArray[np.float64]:
    """``hash_share`` of every group's case-folded name."""
    key = seed.to_bytes(8, "little")
    keyed = hashlib.blake2b(digest_size=8, key=key)
    digests = bytearray()
    distinct = NameArray(names.letters, names.lengths[groups.first], names.starts[groups.first])
    for number, name in enumerate(distinct):
        if on_progress is not None and not number % _REPORT_EVERY:
            on_progress(number, len(distinct))
        one = keyed.copy()  # cheaper than a new one: the key is taken in already
        one.update(name.lower().encode())
        digests += one.digest()
    return np.frombuffer(digests, dtype=">u8").astype(np.float64) / 2**64


def _first_of_each(groups: npt.NDArray[np.int32], targets: npt.NDArray[np.int32]) -> npt.NDArray[np.bool_]:
    """Which rows are the first of their group and target."""
    first = np.zeros(len(groups), dtype=np.bool_)
    pairs = groups.astype(np.int64) << 32 | targets
    first[np.unique(pairs, return_index=True)[1]] = True
    return first


def random_split(corpus: Corpus, seed: int) -> Parts:
    """The report's: 80/20 over the rows at random, the 20 % serving as validation and test. It leaks."""
    rows = array("i", range(len(corpus.names)))
    random.Random(seed).shuffle(rows)
    held_out = rows[round(0.8 * len(rows)) :]
    return Parts(rows[: round(0.8 * len(rows))], held_out, held_out)


def _rows(rows: npt.NDArray[np.int64]) -> array[int]:
    return array("i", rows.astype(np.intc).tobytes())


def hash_share(text: str, seed: int) -> float:
    """A number from 0 to 1 that depends on nothing but ``text`` and ``seed``."""
    digest = hashlib.blake2b(text.encode(), digest_size=8, key=seed.to_bytes(8, "little")).digest()
    return int.from_bytes(digest, "big") / 2**64
