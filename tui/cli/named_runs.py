"""The runs that a command is about."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from namestui.runs.store import RunDirectory, RunStore


def open_store() -> RunStore:
    """All runs of this user."""
    from namestui.runs.store import RunStore

    return RunStore()


def run_named(wanted: str, *, finished: bool = False) -> RunDirectory:
    """The one run that ``wanted`` means; ``finished`` as in `find_run`.

    Raises:
        RunError: none, or several.
    """
    from namestui.runs.find import find_run

    return find_run(open_store(), wanted, finished=finished)
