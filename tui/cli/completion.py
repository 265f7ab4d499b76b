"""What the shell completes: runs, fields and filters; quick, and silent where something is wrong."""

from __future__ import annotations

from namestui.runs.store import RunError
from namestui.runs.text import inert


def complete_run(incomplete: str) -> list[str]:
    """``last`` and ``best``, ids of runs, the newest first, names, models."""
    from namestui.runs.notes import read_notes
    from namestui.runs.run_ids import is_text, model_of_id
    from namestui.runs.store import RunStore

    try:
        store = RunStore()
        ids = sorted(filter(is_text, store.ids()), reverse=True)
        words = ["last", "best", *ids, *(read_notes(store.get(run_id)).name for run_id in ids), *map(model_of_id, ids)]
    except (RunError, OSError):  # the command itself says so
        return []
    found = [word for word in dict.fromkeys(words) if word and ids and word.startswith(incomplete)]
    return [word for word in found if inert(word) == word]  # a shell prints them as they are


def complete_field(incomplete: str) -> list[str]:
    """Names of columns and settings."""
    from namestui.runs.run_fields import FIELDS

    minus = "-" if incomplete.startswith("-") else ""
    return [minus + name for name in FIELDS if name.startswith(incomplete.removeprefix("-"))]


def complete_filter(incomplete: str) -> list[str]:
    """The last part of a filter: a field, or a value that runs have."""
    from namestui.runs.filter_completion import completions
    from namestui.runs.store import RunStore
    from namestui.runs.summary import summaries

    try:
        return completions(incomplete, summaries(RunStore()))
    except (RunError, OSError):  # the command itself says so
        return []
