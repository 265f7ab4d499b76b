"""Bringing lines of text to names: what can be is done for many lines at once, the rest line by line."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import numpy as np
import numpy.typing as npt

from namestui.data.alphabet import MAX_LETTERS, Folded, Reading, fold, is_clean
from namestui.data.encoding import OUTSIDE, codes_of_bytes
from namestui.data.name_array import NameArray

RawCorpus = tuple[tuple[str, ...], NameArray, npt.NDArray[np.int32]]
"""Labels, cleaned names, and the index of each name's label."""

_NEWLINE, _SPACE = 10, 32


class CorpusError(ValueError):
    """Bad input; its text is one line that names the file and, where there is one, the line."""


@dataclass(slots=True)
class Cleaning:
    """How names are read, and what loading changed or dropped, in names.

    ``letters`` were dropped and ``replacements`` made (``ß→ss``), each with the names that it was in.
    ``alike`` are groups of labels that look the same.
    """

    reading: Reading = "transliterated"
    blank: int = 0
    changed: int = 0
    replaced: int = 0
    dropped_letters: int = 0
    vanished: int = 0
    letters: dict[str, int] = field(default_factory=dict)
    replacements: dict[str, int] = field(default_factory=dict)
    alike: list[str] = field(default_factory=list)

    def summary(self) -> list[str]:
        """One sentence a finding, none where nothing was changed."""
        lines: list[str] = []
        if self.changed:
            lines.append(f"{self.changed:,} names had accents or edge spaces removed")
        if self.replaced:
            lines.append(f"{self.replaced:,} names had letters replaced: {_commonest(self.replacements)}")
        if self.dropped_letters:
            lost = _commonest(self.letters)
            lines.append(f"{self.dropped_letters:,} names lost characters outside the alphabet: {lost}")
        if self.vanished:
            lines.append(f"{self.vanished:,} names had no letter of the alphabet and were dropped")
        if self.blank:
            lines.append(f"{self.blank:,} blank lines were skipped")
        lines += [f"labels that look alike: {group}; if they are one class, give them one name" for group in self.alike]
        return lines

    def count(self, line: str, folded: Folded) -> None:
        """Count what was done to ``line``."""
        for character in set(folded.dropped):
            visible = _visible(character)
            self.letters[visible] = self.letters.get(visible, 0) + 1
        for character, read in set(folded.replaced):
            change = f"{_visible(character)}→{'space' if read == ' ' else read}"
            self.replacements[change] = self.replacements.get(change, 0) + 1
        if not folded.name:
            self.vanished += 1
            return
        self.dropped_letters += bool(folded.dropped)
        self.replaced += bool(folded.replaced)
        self.changed += folded.name != line and not folded.dropped and not folded.replaced


def clean_lines(
    data: bytes, place: Callable[[int], str], cleaning: Cleaning
) -> tuple[NameArray, npt.NDArray[np.bool_]]:
    r"""The names of UTF-8 lines, each ended by ``\n``, and which lines gave one (a bool a line).

    ``place(i)`` says where line i stands, for the error; what was done is counted in ``cleaning``. Lines that are
    clean already, by far the most in any large corpus, never become Python objects.

    Raises:
        CorpusError: a control character, or a name that is too long.
    """
    text = np.frombuffer(data, dtype=np.uint8)
    codes = codes_of_bytes(text)
    ends = np.flatnonzero(text == _NEWLINE)
    lengths = np.diff(ends, prepend=-1) - 1  # in bytes, without the newline
    starts = ends - lengths
    clean = (lengths > 0) & (lengths <= MAX_LETTERS)
    clean &= (text[starts] != _SPACE) & (text[ends - 1] != _SPACE)
    outside = codes == OUTSIDE
    outside[ends] = False
    clean[np.searchsorted(ends, np.flatnonzero(outside))] = False
    letters_of_line = np.where(clean, lengths, 0)
    unclean = {}
    for line in np.flatnonzero(~clean).tolist():
        name = clean_name(data[starts[line] : ends[line]].decode(), partial(place, line), cleaning)
        if name:
            unclean[line] = name
            letters_of_line[line] = len(name)
    in_clean_line = np.repeat(clean, lengths + 1)
    in_clean_line[ends] = False
    letters = codes[in_clean_line]
    if unclean:
        from_clean_line = np.repeat(clean, letters_of_line)
        merged = np.empty(len(from_clean_line), dtype=np.uint8)
        merged[from_clean_line] = letters
        merged[~from_clean_line] = NameArray.of(unclean.values()).letters
        letters = merged
    kept = letters_of_line > 0
    return NameArray(letters, letters_of_line[kept].astype(np.uint8)), kept


def clean_name(line: str, place: Callable[[], str], cleaning: Cleaning) -> str:
    """One line's name, empty where nothing is left; what was done is counted in ``cleaning``.

    Raises:
        CorpusError: a control character, or a name that is too long.
    """
    if line and is_clean(line):
        return line
    if not line.strip():
        cleaning.blank += 1
        return ""
    for character in line:
        if unicodedata.category(character) == "Cc":
            what_to_do = "end lines with LF or CRLF" if character == "\r" else "remove it"
            raise CorpusError(f"{place()}: control character U+{ord(character):04X}; {what_to_do}")
    if len(line.strip()) > MAX_LETTERS:
        raise CorpusError(f"{place()}: {len(line.strip())} letters; the limit is {MAX_LETTERS}")
    folded = fold(line, cleaning.reading)
    if len(folded.name) > MAX_LETTERS:
        raise CorpusError(f"{place()}: {len(folded.name)} letters as it is read; the limit is {MAX_LETTERS}")
    cleaning.count(line, folded)
    return folded.name


def _commonest(counts: dict[str, int]) -> str:
    ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return " ".join(what for what, _ in ranked[:8])


def _visible(character: str) -> str:
    return character if character.isprintable() and not character.isspace() else f"U+{ord(character):04X}"


def shown(path: Path | str) -> str:
    """A path as it may be printed: control and escape characters cannot reach the terminal."""
    text = str(path)
    return text if text.isprintable() else ascii(text)[1:-1]
