"""Which rows of a corpus hold the same name, upper and lower case taken as one."""

from __future__ import annotations

import string
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from namestui.data.alphabet import ALPHABET
from namestui.data.name_array import NameArray

_LOWER = np.array([ALPHABET.index(symbol.lower()) for symbol in ALPHABET], dtype=np.uint64)
_LOWER[2 * len(string.ascii_lowercase) <= _LOWER] -= np.uint64(len(string.ascii_uppercase))
_LOWER += np.uint64(1)  # five bits: 26 letters and five signs from 1 on, and 0 where the name has ended
_A_WORD = 12
"""Letters of five bits that a key of 64 bits holds."""


@dataclass(frozen=True, slots=True)
class NameGroups:
    """``of_row[i]`` is the group of row i; ``first[g]`` the first row of group g."""

    of_row: npt.NDArray[np.int32]
    first: npt.NDArray[np.int64]


def group_names(names: NameArray) -> NameGroups:
    """Exact, by sorting each name's letters packed in 64-bit words."""
    of_row = np.empty(len(names), dtype=np.int32)
    first: list[npt.NDArray[np.int64]] = []
    found = 0
    words_of_row = np.maximum(1, -(-names.lengths.astype(np.int16) // _A_WORD))
    for words in np.unique(words_of_row).tolist():
        rows = np.flatnonzero(words_of_row == words)
        keys = [_word(names, rows, word * _A_WORD) for word in range(words)]
        order = np.lexsort(keys) if words > 1 else np.argsort(keys[0], kind="stable")  # stable: first rows come first
        begins = np.zeros(len(rows), dtype=np.bool_)
        begins[0] = True
        for key in keys:
            ranked = key[order]
            begins[1:] |= ranked[1:] != ranked[:-1]
        of_row[rows[order]] = np.cumsum(begins, dtype=np.int32) + (found - 1)
        first.append(rows[order[begins]])
        found += len(first[-1])
    return NameGroups(of_row, np.concatenate(first) if first else np.empty(0, dtype=np.int64))


def _word(names: NameArray, rows: npt.NDArray[np.int64], start: int) -> npt.NDArray[np.uint64]:
    """The letters of ``rows`` from ``start`` on, as many as a word holds."""
    lengths, starts = names.lengths[rows], names.starts[rows]
    word = np.zeros(len(rows), dtype=np.uint64)
    for letter in range(start, start + _A_WORD):
        there = letter < lengths
        word[there] = word[there] << np.uint64(5) | _LOWER[names.letters[starts[there] + letter]]
    return word
