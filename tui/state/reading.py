"""How a name was read, where the network saw something else than was typed."""

from __future__ import annotations

from namestui.data.alphabet import without_accents
from namestui.runs.text import inert


def reading_note(name: str, read: str, dropped: str) -> str:
    """What a network read for ``name`` where more than accents and edge spaces was taken off; else empty."""
    if not dropped and read == without_accents(name).strip():
        return ""
    return f"read as {inert(read)}" + (f"; not in the alphabet: {inert(dropped)}" if dropped else "")
