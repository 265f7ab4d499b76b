"""How training is told without a screen: plain lines for pipes and logs, rich bars for a terminal."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Protocol

import msgspec

from namestui.engine.link.updates import Update, WorkerSilent
from namestui.runs.events import (
    LOGGED_KINDS,
    Alert,
    EpochFinished,
    Event,
    Notice,
    Progress,
    RunStarted,
    StateChanged,
    TestScored,
    encode,
)
from namestui.runs.folds import Estimate, Folds
from namestui.runs.models import title_of
from namestui.runs.text import inert
from namestui.tui.state.run_state import RunState
from namestui.tui.words.facts import split_facts
from namestui.tui.words.format import loss, percent, rate


def describe(update: Update, state: RunState) -> str | None:
    """One plain line for an event worth telling, or None."""
    match update:
        case RunStarted():
            config = update.config
            repeated = update.rows - update.train.rows - update.validation.rows - update.test.rows
            return (
                f"{update.train.rows:,} training, {update.validation.rows:,} validation, {update.test.rows:,} test "
                f"names in {len(update.classes)} classes ({inert(str(config['corpus']))}, "
                f"{inert(str(config['split']))} split, seed {config['seed']}); "
                f"{update.parameters:,} parameters on {inert(update.device)}; "
                f"majority baseline {percent(update.majority_baseline).strip()}{split_facts(update, ', ')}"
                + (f"; {repeated:,} repeated rows count once" if repeated > 0 and config["split"] == "grouped" else "")
                + ("; recipe report" if config.get("recipe") == "report" else "")
                + ("; this split's validation part is its test part, and leaks" if config["split"] == "random" else "")
            )
        case EpochFinished():
            width = len(str(state.planned_epochs))
            return (
                f"epoch {update.epoch:>{width}}/{state.planned_epochs}  "
                f"loss train {loss(update.train_loss)} validation {loss(update.validation_loss)}  "
                f"accuracy train {percent(update.train_accuracy)} validation {percent(update.validation_accuracy)}  "
                f"macro-F1 {update.macro_f1:.3f}  {rate(update.names_per_second)}"
            )
        case TestScored():
            return (
                f"test accuracy {percent(update.accuracy)} (95 % interval {100 * update.low:.1f} to "
                f"{100 * update.high:.1f}), macro-F1 {update.macro_f1:.3f}, weights of epoch {update.best_epoch}"
            )
        case StateChanged() if update.state == "running" and (update.epoch or update.batch):
            return f"resumed after epoch {update.epoch}, batch {update.batch}"
        case StateChanged() if update.state not in ("starting", "running", "stopping"):
            return update.state + (f": {inert(update.reason)}" if update.reason else "")
        case Notice() | WorkerSilent() if update.message:
            return inert(update.message)
        case Alert():
            return f"alert: {inert(update.message)}"
        case _:
            return None


def fold_table(folds: Folds) -> list[str]:
    """Means over the folds, aligned; where some have not finished, over how many."""
    if not folds.scores:
        return [f"none of {folds.planned} folds has finished: no mean"]
    rows: list[tuple[str, ...]] = [
        ("model", "folds", "test accuracy", "macro-F1", f"minus {title_of(folds.scores[0].than)}, points")
    ]
    for score in folds.scores:
        rows.append(
            (
                title_of(score.model),
                f"{score.folds} of {folds.planned}",
                _interval(_share(score.accuracy), "{:.1f} %", "{:.1f}", 100),
                _interval(_share(score.macro_f1), "{:.3f}", "{:.3f}", 1),
                "" if score.minus is None else _interval(score.minus, "{:+.2f}", "{:+.2f}", 100),
            )
        )
    if len(rows) == 2:
        rows = [row[:-1] for row in rows]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    seeds = sorted({seed for score in folds.scores for seed in score.seeds})
    return [f"split seeds {', '.join(map(str, seeds))}; mean and 95 % interval", *lines]


def _share(found: Estimate) -> Estimate:
    """No share is below 0 or above 1, whatever two folds say of it."""
    if found.low is None or found.high is None:
        return found
    return Estimate(mean=found.mean, low=max(found.low, 0.0), high=min(found.high, 1.0))


def _interval(found: Estimate, number: str, end: str, scale: float) -> str:
    text = number.format(scale * found.mean)
    if found.low is None or found.high is None:
        return text
    return f"{text} ({end.format(scale * found.low)} to {end.format(scale * found.high)})"


class Reporter(Protocol):
    """Tells a person, or a program, what happens."""

    def report(self, update: Update, state: RunState) -> None:
        """``told`` has just been folded into ``state``."""

    def end(self, state: RunState, log_tail: Sequence[str]) -> None:
        """A run has ended; the last lines of its log are given where it ended badly."""

    def close(self) -> None:
        """No more events will come."""

    def sum_up(self, folds: Folds) -> None:
        """All folds have been trained; comes after ``close``."""


class JsonReporter:
    """The logged events as they happen, a JSON object a line, nothing else."""

    def report(self, update: Update, _state: RunState) -> None:
        """Print logged events."""
        if isinstance(update, Event) and isinstance(update, LOGGED_KINDS):
            sys.stdout.write(encode(update).decode())
            sys.stdout.flush()

    def end(self, state: RunState, log_tail: Sequence[str]) -> None:
        """The log's last lines are no events: they go to stderr."""
        for line in log_tail:
            print(f"{inert(state.run)}  worker.log: {line}", file=sys.stderr)

    def close(self) -> None:
        """Nothing to clear away."""

    def sum_up(self, folds: Folds) -> None:
        """One object of ``kind`` ``folds``."""
        sys.stdout.write(msgspec.json.encode(folds).decode() + "\n")


class LineReporter:
    """A line an epoch and no escape codes."""

    def __init__(self, run_ids: Sequence[str], summary: Sequence[str]) -> None:
        self._names: dict[str, str] = {}
        self._noticed: dict[str, str] = {}
        self._run_ids = list(run_ids)
        for finding in summary:
            print(f"corpus: {finding}", flush=True)

    def report(self, update: Update, state: RunState) -> None:
        """Print one line for an event worth one."""
        if isinstance(update, Notice | WorkerSilent):  # repeated for those that come later
            if update.message == self._noticed.get(update.run):
                return
            self._noticed[update.run] = update.message
        line = describe(update, state)
        if line is not None:
            print(f"{self._name(state)}  {line}", flush=True)

    def end(self, state: RunState, log_tail: Sequence[str]) -> None:
        """What became of a run whose worker cannot say it any more, and the log's last lines."""
        if state.state == "interrupted":
            print(f"{self._name(state)}  interrupted: {inert(state.reason)}", flush=True)
        for line in log_tail:
            print(f"{self._name(state)}  worker.log: {line}", flush=True)

    def close(self) -> None:
        """Nothing to clear away."""

    def sum_up(self, folds: Folds) -> None:
        """A small table."""
        print("\n".join(fold_table(folds)))

    def _name(self, state: RunState) -> str:
        """``RNN``, ``LSTM``; the run id beside it where two runs have the same model."""
        if state.run not in self._names:
            model = state.run.split("-")[2:3]
            twins = [run_id for run_id in self._run_ids if run_id.split("-")[2:3] == model]
            self._names[state.run] = state.title if len(twins) == 1 else f"{state.title} {state.run[-4:]}"
        return f"{self._names[state.run]:<4}"


class BarReporter(LineReporter):
    """A rich progress bar a run on a terminal, with what is worth keeping printed above it."""

    def __init__(self, run_ids: Sequence[str], summary: Sequence[str]) -> None:
        from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

        super().__init__(run_ids, summary)
        self._bars = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.fields[status]}"),
            TimeRemainingColumn(compact=True),
        )
        self._tasks: dict[str, object] = {}
        self._bars.start()

    def report(self, update: Update, state: RunState) -> None:
        """Move the bar; epochs are in its status, not in lines."""
        task = self._tasks.get(state.run)
        if task is None:
            task = self._tasks[state.run] = self._bars.add_task(self._name(state), total=None, status="starting")
        done = float(state.epoch)
        if isinstance(update, Progress) and update.batches:
            done = update.epoch - 1 + update.batch / update.batches
        best = "" if state.best_accuracy is None else f" · best {percent(state.best_accuracy)}"
        status = f"{state.state} · epoch {state.epoch}/{state.planned_epochs}{best}"
        self._bars.update(task, total=state.planned_epochs or None, completed=done, status=status)  # type: ignore[arg-type]
        if not isinstance(update, EpochFinished):
            super().report(update, state)

    def close(self) -> None:
        """Leave the bars as they stand."""
        self._bars.stop()
        sys.stdout.flush()
