"""What the screen knows of a run: a pure fold of its record and of what its worker sends. Curves only ever grow."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import isfinite
from typing import NamedTuple

from namestui.engine.link.updates import Update, WorkerGone, WorkerSilent
from namestui.runs import events
from namestui.runs.events import LIVE_STATES, AlertLevel, State
from namestui.runs.history import History
from namestui.runs.machine import MachineHistory
from namestui.runs.models import title_of
from namestui.runs.text import NOTHING, Inert, inert
from namestui.tui.state.curve import Curve
from namestui.tui.state.training_clock import TrainingClock

_MAX_COUNT = 1 << 53
"""Epochs and steps beyond this are a damaged number's."""

RESUMABLE = ("stopped", "failed", "interrupted")
"""States that a new worker resumes from."""


class Alerted(NamedTuple):
    """An alert, the seconds since 1970 at which it came, and the epoch that it is about, else those complete then."""

    time: float
    epoch: int
    message: Inert
    level: AlertLevel
    topic: Inert = NOTHING


@dataclass(slots=True)
class RunState:
    """``apply`` folds updates in and does no input or output; ``expect`` is what the user has just asked for."""

    run: str
    model: str = ""
    name: Inert = NOTHING
    history: History = field(default_factory=History)
    series: dict[str, Curve] = field(default_factory=dict)
    """Every metric by name, over epochs, steps, time and training time; a value that was not finite is a gap."""
    clock: TrainingClock = field(default_factory=TrainingClock)
    """The time spent training, and where that stood still."""
    progress: events.Progress | None = None
    confusion: events.Confusion | None = None
    machine: MachineHistory = field(default_factory=MachineHistory)
    notice: Inert = NOTHING
    """What the run waits for, or who does not answer."""
    gone: WorkerGone | None = None
    """That no worker holds the run, until there is one again."""
    log_tail: list[Inert] = field(default_factory=list)
    alerts: list[Alerted] = field(default_factory=list)
    """All that its record holds, the oldest first."""
    seen_alerts: int = 0
    """How many of them, from the oldest on, the user has seen."""
    expected: State | None = None
    """What a command will make of it, until the run says what has become of it."""

    @property
    def state(self) -> State:
        """What the run is, or is about to be by the user's wish."""
        return self.expected or self.known_state

    @property
    def known_state(self) -> State:
        """What the run is, by its record and by whether its worker lives."""
        is_lost = self.gone is not None and self.history.state in LIVE_STATES
        return "interrupted" if is_lost else self.history.state

    @property
    def reason(self) -> Inert:
        """Why it is what it is, where that was said."""
        is_lost = self.gone is not None and self.history.state in LIVE_STATES
        return inert(self.gone.reason if self.gone is not None and is_lost else self.history.reason)

    @property
    def fresh_alert(self) -> Alerted | None:
        """The latest alert, until it is seen or an epoch is completed after it."""
        latest = self.alerts[-1] if self.unseen_alerts else None
        return latest if latest is not None and latest.epoch == self.epoch else None

    @property
    def unseen_alerts(self) -> list[Alerted]:
        """Those that the user has not seen yet."""
        return self.alerts[self.seen_alerts :]

    @property
    def title(self) -> Inert:
        """How the run is called: by its name, else by what is trained."""
        return self.name or self.model_title

    @property
    def model_title(self) -> Inert:
        """What is trained; by whose recipe or from whose weights, where they are another's."""
        head = self.history.head.title if self.history.started is not None else ""
        title = inert(head) if head else title_of(self.model)
        settings = self.history.settings
        if settings.recipe == "report":
            return Inert(f"{title} (report)")
        return Inert(f"{title} (from {inert(settings.init_from)[-4:]})") if settings.init_from else title

    @property
    def gaps(self) -> str:
        """What the record of a finished run has lost, in words; empty where it is whole, or not finished."""
        return self.history.gaps() if self.known_state == "finished" else ""

    @property
    def can_resume(self) -> bool:
        """Whether a worker that is started now trains it on, or writes again what its record has lost."""
        return self.state in RESUMABLE or (self.state == "finished" and bool(self.gaps))

    @property
    def is_live(self) -> bool:
        """Whether a worker trains it, or is about to."""
        return self.state in LIVE_STATES

    @property
    def started(self) -> events.RunStarted | None:
        """What is trained on what; None before the worker has said it."""
        return self.history.started

    @property
    def epoch(self) -> int:
        """The last epoch that is complete."""
        return self.last_epoch.epoch if self.last_epoch is not None else 0

    @property
    def planned_epochs(self) -> int:
        """Epochs that are planned now; 0 before that is known."""
        return self.history.planned

    @property
    def last_epoch(self) -> events.EpochFinished | None:
        """What came of it."""
        return self.history.last_epoch

    @property
    def best_accuracy(self) -> float | None:
        """The best validation accuracy so far, 0 to 1."""
        return self.history.best_accuracy

    @property
    def test(self) -> events.TestScored | None:
        """The score on the test part, once the plan as it is now has been trained."""
        return self.history.test

    def apply(self, update: Update) -> None:
        """Fold in one update; those of other runs are the caller's mistake."""
        match update:
            case events.LoggedEvent():
                self._add(update)
            case events.Progress():
                self.progress = update
            case events.Confusion():
                self.confusion = update
            case events.Machine():
                self.machine.append(update)
            case events.Notice() | WorkerSilent():
                self.notice = inert(update.message)
            case events.Greeting():
                vanished = WorkerGone(run=self.run, reason="the worker vanished", log_tail=[])
                # One that greets with "interrupted" only answers questions.
                self.gone = (self.gone or vanished) if update.state == "interrupted" else None
            case WorkerGone():
                self.gone = self.gone or update  # what ends after that only answered questions
                self.log_tail = [inert(line) for line in update.log_tail]
                self.progress, self.notice = None, NOTHING
                if self.expected in ("pausing", "stopping"):
                    self.expected = None

    def expect(self, state: State) -> None:
        """Show that a command is on its way (``pausing``, ``stopping``, ``starting``)."""
        self.expected = state

    def withdraw(self, state: State) -> None:
        """The command that was to lead to ``state`` will not be carried out; a newer one still may."""
        if self.expected == state:
            self.expected = None

    def _add(self, event: events.Logged) -> None:
        """Fold in an event of the record."""
        self.history.apply(event)
        self.clock.apply(event)
        self.gone = None  # who writes lives
        match event:
            case events.RunStarted():
                self.model = self.history.settings.model or self.model
            case events.StateChanged():
                self.expected = None
                if event.state not in ("running", "pausing", "paused"):
                    self.progress = None
            case events.EpochFinished():
                self.progress = None
                self._plot(event, values_of(event), event.epoch * (self.started.train.rows if self.started else 0))
            case events.Alert():
                self.alerts.append(alerted(event, self.epoch))
            case events.Metrics():
                self._plot(event, event.values, event.step)

    def _plot(self, event: events.EpochFinished | events.Metrics, values: dict[str, float | None], step: int) -> None:
        """Add to the curves; ``step`` steps are done, or names seen."""
        epoch, step = (min(max(number, -_MAX_COUNT), _MAX_COUNT) for number in (event.epoch, step))
        time = event.time if isfinite(event.time) else 0.0
        for name, value in values.items():
            if (curve := self.series.get(name)) is None:
                curve = self.series[name] = Curve()
            curve.append(epoch, value, step, time, self.clock.elapsed)


def alerted(alert: events.Alert, epoch: int) -> Alerted:
    """As it is shown: of an alert that names no epoch, ``epoch`` was complete."""
    about = epoch if alert.epoch is None else alert.epoch
    return Alerted(alert.time, about, inert(alert.message), alert.level, inert(alert.topic))


def values_of(done: events.EpochFinished) -> dict[str, float | None]:
    """The metrics of an epoch, called as a recorded run would call them."""
    return {
        "train/loss": done.train_loss,
        "validation/loss": done.validation_loss,
        "train/accuracy": done.train_accuracy,
        "validation/accuracy": done.validation_accuracy,
        "macro_f1": done.macro_f1,
        "learning_rate": done.learning_rate,
        "names_per_second": done.names_per_second,
    }
