"""A plain line an event, for pipes, logs and terminals that can do no more."""

from __future__ import annotations

from collections.abc import Sequence

from namestui.engine.link.updates import Update, WorkerSilent
from namestui.runs.events import Notice
from namestui.runs.folds import Folds
from namestui.runs.text import inert
from namestui.tui.plain.output import say
from namestui.tui.state.run_state import RunState
from namestui.tui.words.event_lines import event_line
from namestui.tui.words.fold_table import fold_table
from namestui.tui.words.table import pad


class LineReporter:
    """A line an epoch and no escape codes."""

    def __init__(self, run_ids: Sequence[str], summary: Sequence[str]) -> None:
        self._names: dict[str, str] = {}
        self._noticed: dict[str, str] = {}
        self._run_ids = list(run_ids)
        for finding in summary:
            say(f"corpus: {finding}")

    def update(self, event: Update, state: RunState) -> None:
        """Print one line for an event worth one."""
        if isinstance(event, Notice | WorkerSilent):  # repeated for those that come later
            if event.message == self._noticed.get(event.run):
                return
            self._noticed[event.run] = event.message
        line = event_line(event, state)
        if line is not None:
            say(f"{self._name(state)}  {line}")

    def end(self, state: RunState, log_tail: Sequence[str]) -> None:
        """What became of a run whose worker cannot say it any more, and the log's last lines."""
        if state.state == "interrupted":
            say(f"{self._name(state)}  interrupted: {inert(state.reason)}")
        for line in log_tail:
            say(f"{self._name(state)}  worker.log: {line}")

    def suspend(self) -> None:
        """Nothing to clear away."""

    def resume(self) -> None:
        """Nothing to bring back."""

    def close(self) -> None:
        """Nothing to clear away."""

    def sum_up(self, folds: Folds) -> None:
        """A small table."""
        say("\n".join(fold_table(folds)))

    def _name(self, state: RunState) -> str:
        """``RNN``, ``LSTM``; the run id beside it where two runs have the same model."""
        if state.run not in self._names:
            model = state.run.split("-")[2:3]
            twins = [run_id for run_id in self._run_ids if run_id.split("-")[2:3] == model]
            self._names[state.run] = state.title if len(twins) <= 1 else f"{state.title} {inert(state.run)[-4:]}"
        return pad(self._names[state.run], 4)
