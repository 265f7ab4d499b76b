"""What reports to a person, or a program, where there is no screen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from namestui.engine.link.updates import Update
from namestui.runs.folds import Folds
from namestui.tui.state.run_state import RunState


class Reporter(Protocol):
    """Is passed every event of the watched runs; any method may raise OutputError."""

    def update(self, event: Update, state: RunState) -> None:
        """``event`` has just been folded into ``state``."""

    def end(self, state: RunState, log_tail: Sequence[str]) -> None:
        """A run is not watched any more; the last lines of its log are given where it ended badly."""

    def suspend(self) -> None:
        """This process is about to be stopped (ctrl+z): leave the terminal as it was."""

    def resume(self) -> None:
        """It runs again."""

    def close(self) -> None:
        """No more events will come."""

    def sum_up(self, folds: Folds) -> None:
        """All folds have been trained; comes after ``close``."""
