"""What a mistyped word may have meant."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

from namestui.runs.text import inert


def suggest(word: str, choices: Iterable[str]) -> str:
    """``; did you mean learning_rate?`` for ``learing_rate``; empty where nothing is near."""
    near = difflib.get_close_matches(word.casefold(), list(choices), n=1, cutoff=0.7)
    return f"; did you mean {inert(near[0])}?" if near else ""
