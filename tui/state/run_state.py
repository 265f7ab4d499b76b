"""What the screen knows of a run: a pure fold of its events. Histories only ever grow at their ends."""

from __future__ import annotations

from dataclasses import dataclass, field

from namestui.engine.link.client import Told, WorkerGone
from namestui.runs import events
from namestui.runs.config import TITLES
from namestui.runs.events import LIVE_STATES, State
from namestui.runs.text import inert
from namestui.tui.state.curve import Curve


@dataclass(slots=True)
class Curves:
    """Values over the epochs, from epoch 1 on; a loss that was not finite is a gap."""

    train_loss: Curve = field(default_factory=Curve)
    validation_loss: Curve = field(default_factory=Curve)
    train_accuracy: Curve = field(default_factory=Curve)
    validation_accuracy: Curve = field(default_factory=Curve)


@dataclass(slots=True)
class RunState:
    """``apply`` folds events in; nothing else changes it, and it does no input or output."""

    run: str
    model: str = ""
    name: str = ""
    state: State = "starting"
    reason: str = ""
    started: events.RunStarted | None = None
    planned_epochs: int = 0
    curves: Curves = field(default_factory=Curves)
    last_epoch: events.EpochFinished | None = None
    best_accuracy: float | None = None
    best_epoch: int = 0
    progress: events.Progress | None = None
    confusion: events.Confusion | None = None
    test: events.TestScored | None = None
    probes: list[events.Probed] = field(default_factory=list)
    alerts: list[str] = field(default_factory=list)
    notice: str = ""
    prediction: events.Predicted | None = None
    examples: events.Examples | None = None
    refused: events.Refused | None = None
    log_tail: list[str] = field(default_factory=list)
    awaited: tuple[str, State] | None = None
    """The request whose acknowledgement ``state`` runs ahead of, and the state to go back to if it is refused."""

    @property
    def title(self) -> str:
        """How the tab is called: by the run's name, else its model; by whose recipe or weights, if by another's."""
        title = self.name or TITLES.get(self.model, inert(self.model.upper()))
        config = self.started.config if self.started is not None else {}
        if config.get("recipe") == "report":
            return f"{title} (report)"
        source = str(config.get("init_from", ""))
        return f"{title} (from {inert(source)[-4:]})" if source and not self.name else title

    @property
    def is_live(self) -> bool:
        """Whether a worker trains it, or is about to."""
        return self.state in LIVE_STATES

    @property
    def epoch(self) -> int:
        """Epochs that are complete."""
        return self.last_epoch.epoch if self.last_epoch is not None else 0

    def apply(self, told: Told) -> None:
        """Fold in one event; events of other runs are the caller's mistake."""
        match told:
            case events.RunStarted():
                self.started = told
                self.model = str(told.config.get("model", self.model))
                self.planned_epochs = int(told.config.get("epochs", 0))
                self.state = "running"
            case events.EpochFinished():
                self._add_epoch(told)
            case events.StateChanged():
                self.state, self.reason, self.awaited = told.state, told.reason, None
                if told.state not in ("running", "pausing", "paused"):
                    self.progress = None
            case events.EpochsPlanned():
                self.planned_epochs = told.epochs
            case events.TestScored():
                self.test = told
            case events.Probed():
                self.probes.append(told)
            case events.Alert():
                self.alerts.append(told.message)
            case events.Notice():
                self.notice = told.message
            case events.Progress():
                self.progress = told
            case events.Confusion():
                self.confusion = told
            case events.Predicted():
                self.prediction = told
            case events.Examples():
                self.examples = told
            case events.Refused():
                self.refused = told
                if self.awaited is not None and self.awaited[0] == told.request:
                    self.state, self.awaited = self.awaited[1], None
            case WorkerGone():
                self._lose_worker(told)
            case events.Greeting(state="interrupted") if self.is_live and self.awaited is None:
                self.state, self.reason = "interrupted", "the worker vanished"  # this one only answers questions
            case events.Greeting() | events.CheckpointSaved():
                pass

    def expect(self, state: State, request: str = "") -> None:
        """Show that a command is on its way (``pausing``, ``stopping``) until the run acknowledges or refuses it."""
        self.awaited = (request, self.state)
        self.state = state

    def _add_epoch(self, done: events.EpochFinished) -> None:
        curves = self.curves
        curves.train_loss.append(done.epoch, done.train_loss)
        curves.validation_loss.append(done.epoch, done.validation_loss)
        curves.train_accuracy.append(done.epoch, done.train_accuracy)
        curves.validation_accuracy.append(done.epoch, done.validation_accuracy)
        self.progress = None
        if done.epoch >= self.epoch:  # else it was trained again: the record had lost it
            self.last_epoch = done
        is_earlier = done.validation_accuracy == self.best_accuracy and done.epoch < self.best_epoch
        if self.best_accuracy is None or done.validation_accuracy > self.best_accuracy or is_earlier:
            self.best_accuracy, self.best_epoch = done.validation_accuracy, done.epoch

    def _lose_worker(self, gone: WorkerGone) -> None:
        self.log_tail = gone.log_tail
        self.progress, self.notice, self.awaited = None, "", None
        if self.is_live:
            self.state, self.reason = "interrupted", gone.reason
