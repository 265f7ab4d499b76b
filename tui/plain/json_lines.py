"""The logged events as JSON, for programs; what the machine does as well, where it is asked for."""

from __future__ import annotations

from collections.abc import Sequence

from namestui.engine.link.updates import Update
from namestui.runs.events import LOGGED_KINDS, Event, Machine
from namestui.runs.folds import Folds
from namestui.tui.plain.output import say_json, warn
from namestui.tui.state.run_state import RunState


class JsonReporter:
    """The logged events as they happen, a JSON object a line, nothing else."""

    def __init__(self, *, machine: bool = False) -> None:
        """With ``machine`` every sample of what the machine does, too: one every two seconds of each run."""
        self._kinds: tuple[type[Event], ...] = (*LOGGED_KINDS, Machine) if machine else LOGGED_KINDS

    def update(self, event: Update, _state: RunState) -> None:
        """Print what is wanted of the events."""
        if isinstance(event, Event) and isinstance(event, self._kinds):
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
