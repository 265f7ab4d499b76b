"""The 57 symbols of the names data set, and how a name is brought to them."""

from __future__ import annotations

import string
import unicodedata
from functools import lru_cache
from typing import Literal, NamedTuple, get_args

from namestui.data.transliteration import join_by_spaces, plain

ALPHABET = string.ascii_letters + " .,;'"
"""The symbols, in the order of the network's inputs."""

MAX_LETTERS = 200
"""Letters that a name may have."""

Reading = Literal["legacy", "strict", "transliterated"]
"""How names are brought to the symbols: ``strict`` as the report did, accents removed and all other letters dropped;
``transliterated`` with other Latin letters replaced (ß by ss) and hyphens read as spaces. ``legacy`` is how runs read
their corpora before they recorded it: letters strictly, rows and labels of the files as they came."""
READINGS: tuple[Reading, ...] = get_args(Reading)

_KNOWN = frozenset(ALPHABET)


class Folded(NamedTuple):
    """A name as a network reads it, the characters that were dropped, and (character, what was read for it)."""

    name: str
    dropped: str = ""
    replaced: tuple[tuple[str, str], ...] = ()


def fold(text: str, reading: Reading) -> Folded:
    """``text`` in the 57 symbols, edge spaces stripped.

    Removed accents are a change, not a loss, so they are not among the dropped characters; edge spaces neither.
    """
    return _transliterated(text) if reading == "transliterated" else _strict(text)


def _strict(text: str) -> Folded:
    """As in the report: NFD, accents removed, then only the 57 symbols kept."""
    kept: list[str] = []
    dropped: list[str] = []
    for character in unicodedata.normalize("NFD", text.strip()):
        if character in _KNOWN:
            kept.append(character)
        elif unicodedata.category(character) != "Mn":
            dropped.append(character)
    return Folded("".join(kept).strip(), "".join(dropped))


def _transliterated(text: str) -> Folded:
    text = text.strip()
    spaced = join_by_spaces(text)
    kept: list[str] = []
    dropped: list[str] = []
    replaced = [("-", " ")] if spaced != text else []
    for character in spaced:
        if character in _KNOWN:
            kept.append(character)
            continue
        read, lost, is_replaced = _read(character)
        kept.append(read)
        dropped.append(lost)
        if is_replaced:
            replaced.append((character, read))
    return Folded("".join(kept).strip(), "".join(dropped), tuple(replaced))


@lru_cache(maxsize=4096)
def _read(character: str) -> tuple[str, str, bool]:
    """The symbols read for a character, what of it is lost, and whether more than an accent was taken off."""
    letters = plain(character)
    read = "".join(letter for letter in letters if letter in _KNOWN)
    lost = "".join(letter for letter in letters if letter not in _KNOWN) if read else character if letters else ""
    return read, lost, bool(read) and read != without_accents(character)


def without_accents(text: str) -> str:
    """``text`` decomposed, without combining marks."""
    return "".join(part for part in unicodedata.normalize("NFD", text) if unicodedata.category(part) != "Mn")


def is_clean(line: str) -> bool:
    """Whether any reading would leave ``line`` as it is, and it is short enough for any name: the fast path."""
    return len(line) <= 64 and _KNOWN.issuperset(line) and line[:1] != " " and line[-1:] != " "
