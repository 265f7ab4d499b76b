"""What a corpus and its split allow, in words."""

from __future__ import annotations

from namestui.runs.events import RunStarted
from namestui.tui.words.format import percent


def split_facts(started: RunStarted, before: str) -> str:
    """What the split allows and gives away; empty for a run that did not record it."""
    if started.ceiling is None or started.leak is None:
        return ""
    return f"{before}ceiling {percent(started.ceiling).strip()}, leak {percent(started.leak).strip()}"
