"""The logged events as JSON, for programs."""

from __future__ import annotations

from collections.abc import Sequence

from namestui.engine.link.updates import Update
from namestui.runs.events import LOGGED_KINDS, Event
from namestui.runs.folds import Folds
from namestui.tui.plain.output import say_json, warn
from namestui.tui.state.run_state import RunState


class JsonReporter:
    """The logged events as they happen, a JSON object a line, nothing else."""

    def update(self, event: Update, _state: RunState) -> None:
        """Print logged events."""
        if isinstance(event, Event) and isinstance(event, LOGGED_KINDS):
            say_json(event)

    def end(self, state: RunState, log_tail: Sequence[str]) -> None:
        """The log's last lines are no events: they go to standard error."""
        for line in log_tail:
            warn(f"{state.run}: worker.log: {line}")

    def suspend(self) -> None:
        """Nothing to clear away."""

    def resume(self) -> None:
        """Nothing to bring back."""

    def close(self) -> None:
        """Nothing to clear away."""

    def sum_up(self, folds: Folds) -> None:
        """One object of ``kind`` ``folds``."""
        say_json(folds)
