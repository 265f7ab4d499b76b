"""Many names in little memory: one array of letters, read as a sequence of strings."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import overload

import numpy as np
import numpy.typing as npt

from namestui.data.alphabet import ALPHABET
from namestui.data.encoding import encode_names

Letters = npt.NDArray[np.uint8]
Rows = Sequence[int] | npt.NDArray[np.integer]

_SYMBOLS = np.frombuffer(ALPHABET.encode(), dtype=np.uint8)
_DECODED_AT_ONCE = 65_536
"""Names that an iteration turns into strings at a time."""


class NameArray(Sequence[str]):
    """Cleaned names. ``letters`` are alphabet positions (uint8) of all names one after the other; name i has
    ``lengths[i]`` (uint8) of them from ``starts[i]`` (int64) on."""

    def __init__(self, letters: Letters, lengths: Letters, starts: npt.NDArray[np.int64] | None = None) -> None:
        """Without ``starts`` each name begins where the one before ends."""
        if starts is None:
            starts = np.cumsum(lengths, dtype=np.int64)
            starts -= lengths
        self.letters, self.lengths, self.starts = letters, lengths, starts

    @classmethod
    def of(cls, names: Iterable[str]) -> NameArray:
        """The same names, encoded.

        Raises:
            ValueError: a character outside the alphabet, or a name of more than 255 letters.
        """
        listed = list(names)
        lengths = np.array([len(name) for name in listed], dtype=np.int64)
        if len(lengths) and lengths.max() > 255:
            raise ValueError(f"a name of {lengths.max()} letters: at most 255")
        joined = "".join(listed)
        letters = encode_names([joined])[0] if joined else np.empty(0, dtype=np.uint8)
        return cls(letters, lengths.astype(np.uint8))

    @classmethod
    def joined(cls, blocks: Sequence[NameArray]) -> NameArray:
        """The names of several arrays, each of them without gaps between its names, in one."""
        if not blocks:
            return cls.of([])
        return cls(np.concatenate([one.letters for one in blocks]), np.concatenate([one.lengths for one in blocks]))

    def __len__(self) -> int:
        return len(self.lengths)

    @overload
    def __getitem__(self, row: int) -> str: ...
    @overload
    def __getitem__(self, row: slice) -> NameArray: ...
    def __getitem__(self, row: int | slice) -> str | NameArray:
        if isinstance(row, slice):
            return NameArray(self.letters, self.lengths[row], self.starts[row])
        start = int(self.starts[row])
        return _SYMBOLS[self.letters[start : start + int(self.lengths[row])]].tobytes().decode("ascii")

    def __iter__(self) -> Iterator[str]:
        for first in range(0, len(self), _DECODED_AT_ONCE):
            lengths = self.lengths[first : first + _DECODED_AT_ONCE].astype(np.int64)
            ends = np.cumsum(lengths)
            text = _SYMBOLS[self.packed(slice(first, first + _DECODED_AT_ONCE))].tobytes().decode("ascii")
            for start, end in zip((ends - lengths).tolist(), ends.tolist(), strict=True):
                yield text[start:end]

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Sequence) or isinstance(other, str):
            return NotImplemented
        return len(self) == len(other) and all(mine == theirs for mine, theirs in zip(self, other, strict=True))

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"NameArray({list(self[:5])!r}{', ...' if len(self) > 5 else ''})"

    def packed(self, rows: slice) -> Letters:
        """The letters of ``rows``, one name after the other with nothing in between."""
        lengths = self.lengths[rows].astype(np.int64)
        ends = np.cumsum(lengths)
        within = np.arange(int(ends[-1]) if len(ends) else 0) - np.repeat(ends - lengths, lengths)
        found: Letters = self.letters[np.repeat(self.starts[rows], lengths) + within]
        return found

    def matrix(self, rows: Rows, length: int) -> Letters:
        """The letters of ``rows``, whose names all have ``length`` letters: (len(rows), length)."""
        starts = self.starts[np.asarray(rows)]
        found = np.empty((len(starts), length), dtype=np.uint8)
        for letter in range(length):  # by columns: no index array of the result's size
            found[:, letter] = self.letters[starts + letter]
        return found

    def endings(self, letters: int) -> NameArray:
        """The last ``letters`` letters of every name."""
        lengths = np.minimum(self.lengths, min(letters, 255)).astype(np.uint8)
        return NameArray(self.letters, lengths, self.starts + self.lengths - lengths)
