"""The 57 symbols of the names data set, and how a name is brought to them."""

from __future__ import annotations

import string
import unicodedata

ALPHABET = string.ascii_letters + " .,;'"
"""The symbols, in the order of the network's inputs."""

LONGEST = 200
"""Letters that a name may have."""

_KNOWN = frozenset(ALPHABET)


def fold(text: str) -> tuple[str, str]:
    """``text`` as a network reads it, and what of it was dropped.

    As in the report: NFD, accents removed, then only the 57 symbols kept; edge spaces stripped. Removed accents
    are a change, not a loss, so they are not among the dropped characters; edge spaces neither.
    """
    kept: list[str] = []
    dropped: list[str] = []
    for character in unicodedata.normalize("NFD", text.strip()):
        if character in _KNOWN:
            kept.append(character)
        elif unicodedata.category(character) != "Mn":
            dropped.append(character)
    return "".join(kept).strip(), "".join(dropped)


def is_clean(line: str) -> bool:
    """Whether ``fold`` would leave ``line`` as it is, and it is short enough for any name: the fast path."""
    return len(line) <= 64 and _KNOWN.issuperset(line) and line[:1] != " " and line[-1:] != " "
