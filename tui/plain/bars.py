"""A progress bar a run, for terminals."""

from __future__ import annotations

from collections.abc import Sequence

from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from namestui.engine.link.updates import Update
from namestui.runs import events
from namestui.tui.plain.lines import LineReporter
from namestui.tui.plain.steady import SteadyConsole
from namestui.tui.state.run_state import RunState
from namestui.tui.words.format import percent


class BarReporter(LineReporter):
    """What is worth keeping is printed above the bars; epochs are in their status."""

    def __init__(self, run_ids: Sequence[str], summary: Sequence[str]) -> None:
        super().__init__(run_ids, summary)
        self.resume()

    def update(self, event: Update, state: RunState) -> None:
        """Move the bar; epochs are in its status, not in lines."""
        task = self._tasks.get(state.run)
        if task is None:
            task = self._tasks[state.run] = self._bars.add_task(self._name(state), total=None, status="starting")
        done = float(state.epoch)
        if isinstance(event, events.Progress) and event.batches:
            done = event.epoch - 1 + event.batch / event.batches
        best = "" if state.best_accuracy is None else f" · best {percent(state.best_accuracy)}"
        status = f"{state.state} · epoch {state.epoch}/{state.planned_epochs}{best}"
        self._bars.update(task, total=state.planned_epochs or None, completed=done, status=status)
        if not isinstance(event, events.EpochFinished):
            super().update(event, state)

    def suspend(self) -> None:
        """Leave the bars as they stand, the cursor below them."""
        self._bars.stop()

    def resume(self) -> None:
        """Draw them again, below what was written since."""
        self._bars = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            TextColumn("{task.fields[status]}", markup=False),
            TimeRemainingColumn(compact=True),
            console=SteadyConsole(),
        )
        self._tasks: dict[str, TaskID] = {}
        self._bars.start()

    def close(self) -> None:
        """Leave the bars as they stand."""
        self._bars.stop()
