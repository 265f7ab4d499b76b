"""Text from outside, made inert before it reaches a terminal."""

from __future__ import annotations

import unicodedata
from typing import NewType

Inert = NewType("Inert", str)
"""Text that steers no terminal: made by `inert`, or put together of nothing but such text and our own words."""

NOTHING = Inert("")

_BIDI = frozenset("\u200e\u200f\u061c\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def inert(text: str) -> Inert:
    """``text`` on one line, its control, escape, direction and unassigned characters shown as ``\\x1b`` and so on.

    Idempotent, and the identity on printable text.
    """
    if text.isascii() and text.isprintable():  # nearly all there is
        return Inert(text)
    return Inert("".join(character if _is_safe(character) else _escaped(character) for character in text))


def inert_lines(text: str) -> list[Inert]:
    """The lines of ``text``, each made inert; tabs become spaces."""
    return [inert(line.expandtabs(4)) for line in text.replace("\r\n", "\n").split("\n")]


def _is_safe(character: str) -> bool:
    if " " <= character <= "~":
        return True
    return unicodedata.category(character) not in {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"} and character not in _BIDI


def _escaped(character: str) -> str:
    code = ord(character)
    return f"\\x{code:02x}" if code < 256 else f"\\u{code:04x}" if code < 65536 else f"\\U{code:08x}"
