"""What the shell completes: runs, fields and filters; quick, and silent where something is wrong."""

from __future__ import annotations

from namestui.runs.store import RunError


def complete_run(incomplete: str) -> list[str]:
    """Ids, names and models of runs, and ``last`` and ``best``."""
    from namestui.runs.find import names_of_runs
    from namestui.runs.store import RunStore

    try:
        return [name for name in names_of_runs(RunStore()) if name.startswith(incomplete)]
    except (RunError, OSError):  # the command itself says so
        return []


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
