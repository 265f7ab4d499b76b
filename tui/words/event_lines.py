"""An event in one plain line."""

from __future__ import annotations

from namestui.engine.link.updates import Update, WorkerSilent
from namestui.runs.differences import recorded_differences, settings_text
from namestui.runs.events import Alert, AlertLevel, EpochFinished, Notice, RunStarted, StateChanged, TestScored
from namestui.runs.started import settings_of
from namestui.runs.text import inert
from namestui.tui.state.run_state import RunState
from namestui.tui.words.format import loss_text, percent, rate
from namestui.tui.words.split_facts import split_facts

_LEVELS: dict[AlertLevel, str] = {"info": "info", "warning": "alert", "error": "error"}


def event_line(event: Update, state: RunState) -> str | None:
    """One plain line for an event that is worth one, or None; it has been folded into ``state``."""
    match event:
        case RunStarted():
            return _start(event)
        case EpochFinished():
            width = len(str(state.planned_epochs))
            return (
                f"epoch {event.epoch:>{width}}/{state.planned_epochs}  "
                f"loss train {loss_text(event.train_loss)} validation {loss_text(event.validation_loss)}  "
                f"accuracy train {percent(event.train_accuracy)} validation {percent(event.validation_accuracy)}  "
                f"macro-F1 {event.macro_f1:.3f}  {rate(event.names_per_second)}"
            )
        case TestScored():
            return (
                f"test accuracy {percent(event.accuracy)} (95 % interval {100 * event.low:.1f} to "
                f"{100 * event.high:.1f}), macro-F1 {event.macro_f1:.3f}, weights of epoch {event.best_epoch}"
            )
        case StateChanged() if event.state == "running" and (event.epoch or event.batch):
            return f"resumed after epoch {event.epoch}, batch {event.batch}"
        case StateChanged() if event.state not in ("starting", "running", "stopping"):
            return event.state + (f": {inert(event.reason)}" if event.reason else "")
        case Notice() | WorkerSilent() if event.message:
            return inert(event.message)
        case Alert():
            return f"{_LEVELS[event.level]}: {inert(event.message)}"
        case _:
            return None


def _start(event: RunStarted) -> str:
    settings = settings_of(event)
    split = settings.split
    counted_once = event.rows - event.train.rows - event.validation.rows - event.test.rows
    parts = [
        f"{event.train.rows:,} training, {event.validation.rows:,} validation, {event.test.rows:,} test names in "
        f"{len(event.classes)} classes ({inert(settings.corpus)}, {inert(split)} "
        f"split, seed {settings.seed})",
        f"{event.parameters:,} parameters on {inert(event.device)}",
        f"majority baseline {percent(event.majority_baseline).strip()}{split_facts(event, ', ')}",
    ]
    if counted_once > 0 and split == "grouped":
        parts.append(f"{counted_once:,} repeated rows count once")
    if settings.recipe == "report":
        parts.append("recipe report")
    if split == "random":
        parts.append("the validation part of this split is also its test part, and names leak")
    if found := settings_text(recorded_differences(event.config)):
        parts.append(f"changed from the recipe: {inert(found)}")
    return "; ".join(parts)
