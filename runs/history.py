"""What the log of a run says: the one fold of a record, from its start (`History`) or from its end (`Latest`).

The rules are these, for both:

* the last change of state is the state; an epoch after it means that the run is running, for any other state would
  have been logged;
* the last plan is the plan (each checkpoint repeats it; `RunStarted`, which may be written again where a record was
  damaged, only says what was planned at first), and an extended run is scored again;
* what is reached is the highest epoch of which anything is said: epochs may be out of order, where a damaged record
  was completed;
* the best epoch is the one with the highest validation accuracy, of several the first, as its weights are kept: its
  loss must be finite (each checkpoint repeats its accuracy).
"""

from __future__ import annotations

import math
from array import array
from collections.abc import Iterable, Iterator

from namestui.runs.alert_rules import EpochFacts
from namestui.runs.decoding import UnreadableError, file_reason
from namestui.runs.eventlog import read_backwards, read_events
from namestui.runs.events import (
    Alert,
    CheckpointSaved,
    EpochFinished,
    EpochsPlanned,
    Logged,
    Metrics,
    Probed,
    RunHead,
    RunStarted,
    State,
    StateChanged,
    TestScored,
)
from namestui.runs.pace import Pace
from namestui.runs.started import NamesSettings, head_of, settings_of
from namestui.runs.store import RunDirectory, RunError
from namestui.runs.text import inert

MAX_LOSSES = 1 << 20
"""Epochs above this are not compared after a crash: a damaged number must not take the memory."""
MAX_COUNT = (1 << 63) - 1
"""Epochs of a damaged record, at most: what does not fit into 64 bits can be neither kept nor computed with."""


class History:
    """A record folded from its start, event by event.

    ``epoch`` epochs are complete and ``batch`` batches of the next one, as far as the record says; ``planned`` is what
    is planned now (0: not said yet), ``replanned`` whether it was extended or ended early; ``test`` is None (again)
    until the plan as it is now has been scored; ``trained`` is the seconds of all epochs; ``best_macro_f1`` is that of
    the best epoch, on the validation part; ``metered`` are the epochs whose further metrics are logged.
    """

    def __init__(self) -> None:
        self.next_seq = 0
        self.time: float | None = None
        self.started: RunStarted | None = None
        self.head: RunHead = head_of(None)
        self.settings: NamesSettings = settings_of(None)
        self.state: State = "starting"
        self.reason = ""
        self.epoch = 0
        self.batch = 0
        self.planned = 0
        self.replanned = False
        self._plan = 0
        self.last_epoch: EpochFinished | None = None
        self.best_accuracy: float | None = None
        self.best_epoch = 0
        self.best_macro_f1: float | None = None
        self.trained = 0.0
        self.pace = Pace()
        self.losses = Losses()
        self.metered = EpochSet()
        self.saved: CheckpointSaved | None = None
        self.test: TestScored | None = None
        self.probed: list[Probed] = []
        self.alerts: list[Alert] = []

    @classmethod
    def read(cls, run: RunDirectory, *, refuse_newer: bool = False) -> History:
        """The record of ``run`` as far as it is written.

        Raises:
            RunError: it cannot be read; the text says why.
            NewerLogError: a newer namestui has written it, and ``refuse_newer``.
        """
        history = cls()
        for event in _events_of(run, refuse_newer=refuse_newer):
            history.apply(event)
        return history

    def apply(self, event: Logged) -> None:
        """Fold in the next event."""
        self.next_seq, self.time = event.seq + 1, event.time
        self.state = _state(event) or self.state
        planned, self._plan = self.planned, _plan(event) or self._plan
        epoch = _epoch(event)
        if epoch > self.epoch:
            self.epoch, self.batch = epoch, 0
        match event:
            case EpochFinished():
                self._add_epoch(event)
            case Metrics():
                self.metered.add(event.epoch)
            case StateChanged():
                self.reason = event.reason
                if event.epoch == self.epoch:
                    self.batch = event.batch
            case RunStarted():
                self.started, self.head, self.settings = event, head_of(event), settings_of(event)
            case CheckpointSaved():
                self.saved = event
                if planned and event.epochs not in (0, planned):
                    self.replanned = True  # the line that said so was damaged
            case EpochsPlanned():
                self.replanned = True
                self.test = None  # an extended run is scored again
            case TestScored():
                self.test = event
            case Probed():
                self.probed.append(event)
            case Alert():
                self.alerts.append(event)
        self.planned = self._plan or _count(self.head.epochs)

    @property
    def can_resume(self) -> bool:
        """Whether there is something left to do, or to write again, for a worker that is started now."""
        return self.state != "finished" or bool(self.gaps())

    def gaps(self) -> str:
        """What the record of a finished run lacks, such as ``5 of 60 epochs``; empty where it is whole.

        Lines of it were damaged: resuming the run writes it again. Who recorded a loop of his own trains it himself.
        """
        if self.head.kind != "names":
            return ""
        lost = min(self.epoch, MAX_LOSSES) - self.losses.count
        parts = [
            f"{lost} of {self.epoch} epochs" if lost else "",
            "" if self.started is not None else "its beginning",
            "" if self.test is not None else "the test scores",
        ]
        return ", ".join(part for part in parts if part)

    def _add_epoch(self, done: EpochFinished) -> None:
        self.reason = ""
        self.trained += done.seconds
        self.losses.add(done)
        if self.last_epoch is None or done.epoch >= self.last_epoch.epoch:
            self.last_epoch = done
        accuracy, best = _accuracy(done), self.best_accuracy
        self.pace.add(done, accuracy)
        if accuracy is None:
            return
        if best is None or accuracy > best or (accuracy == best and done.epoch < self.best_epoch):
            self.best_accuracy, self.best_epoch, self.best_macro_f1 = accuracy, done.epoch, done.macro_f1


class Latest:
    """A record folded from its end: ``time``, ``state``, ``reason``, ``epoch``, ``planned`` and ``best_accuracy`` of
    `History`.

    Reads no further than to the last checkpoint (which repeats plan and best accuracy) and the last state, so that a
    record of 200,000 epochs is listed at once.
    """

    def __init__(self, newest_first: Iterable[Logged]) -> None:
        self.problem = ""
        self.reason = ""
        self.time: float | None = None
        self.epoch = 0
        self.planned = 0
        self.best_accuracy: float | None = None
        state: State | None = None
        configured: int | None = None
        for event in newest_first:
            self.time = event.time if self.time is None else self.time
            if state is None and isinstance(event, StateChanged):
                self.reason = event.reason
            state = state or _state(event)
            self.planned = self.planned or _plan(event)
            if isinstance(event, RunStarted) and configured is None:
                configured = _count(head_of(event).epochs)
            self.epoch = max(self.epoch, _epoch(event))
            accuracy = _accuracy(event)
            if accuracy is not None and (self.best_accuracy is None or accuracy > self.best_accuracy):
                self.best_accuracy = accuracy
            if isinstance(event, CheckpointSaved) and state is not None:
                break
        self.planned = self.planned or configured or 0
        self.state: State = state or "starting"

    @classmethod
    def read(cls, run: RunDirectory) -> Latest:
        """The record of ``run`` as far as it is written; ``problem`` says why where it cannot be read."""
        problem = ""

        def newest_first() -> Iterator[Logged]:
            nonlocal problem
            try:
                yield from read_backwards(run.events_file)
            except FileNotFoundError:
                return
            except OSError as error:
                problem = file_reason(error, run.events_file)
            except UnreadableError as error:
                problem = str(error)

        latest = cls(newest_first())
        latest.problem = problem
        return latest


class EpochSet(bytearray):
    """Some epochs of a record, a byte an epoch."""

    def add(self, epoch: int) -> None:
        """Put ``epoch`` in."""
        if not 1 <= epoch <= MAX_LOSSES:
            return
        self.extend(bytes(max(0, epoch - len(self))))
        self[epoch - 1] = 1

    def __contains__(self, epoch: object) -> bool:
        return isinstance(epoch, int) and 1 <= epoch <= len(self) and self[epoch - 1] == 1


class Losses:
    """The two losses of every epoch of a record, which must be equal where they come out again, and its validation
    accuracy; 24 bytes an epoch."""

    def __init__(self) -> None:
        self.count = 0
        """How many epochs are in the record."""
        self._values = array("d")
        self._accuracies = array("d")

    def add(self, done: EpochFinished) -> None:
        """Keep the losses of an epoch."""
        if not 1 <= done.epoch <= MAX_LOSSES:
            return
        missing = 2 * done.epoch - len(self._values)
        if missing > 0:
            self._values.extend([math.nan] * missing)
            self._accuracies.extend([math.nan] * (missing // 2))
        self.count += done.epoch not in self
        self._values[2 * done.epoch - 2] = _to_float(done.train_loss)
        self._values[2 * done.epoch - 1] = _to_float(done.validation_loss)
        self._accuracies[done.epoch - 1] = done.validation_accuracy

    def __contains__(self, epoch: int) -> bool:
        return 1 <= epoch <= len(self._values) // 2 and not math.isnan(self._values[2 * epoch - 2])

    def first_missing(self, epochs: int) -> int | None:
        """The first of ``epochs`` epochs that is not in the record; None where all are."""
        return next((epoch for epoch in range(1, epochs + 1) if epoch not in self), None)

    def of(self, epoch: int) -> tuple[float | None, float | None]:
        """Training and validation loss of an epoch that is in the record; None where one was not finite.

        Raises:
            KeyError: the record has no such epoch.
        """
        if epoch not in self:
            raise KeyError(epoch)
        train, validation = self._values[2 * epoch - 2 : 2 * epoch]
        return _to_loss(train), _to_loss(validation)

    def facts(self, epoch: int) -> EpochFacts:
        """What the rules of alerts see of an epoch that is in the record.

        Raises:
            KeyError: the record has no such epoch.
        """
        return EpochFacts(epoch, *self.of(epoch), self._accuracies[epoch - 1])


def started_of(run: RunDirectory) -> RunStarted | None:
    """The first event of the record of ``run``, read alone; None where it says nothing yet.

    Raises:
        RunError: it cannot be read.
    """
    first = next(_events_of(run), None)
    return first if isinstance(first, RunStarted) else None


def _events_of(run: RunDirectory, *, refuse_newer: bool = False) -> Iterator[Logged]:
    try:
        for chunk in read_events(run.events_file, refuse_newer=refuse_newer):
            yield from chunk
    except OSError as error:
        raise RunError(f"run {inert(run.id)}: {file_reason(error, run.events_file)}") from None


def _state(event: Logged) -> State | None:
    match event:
        case StateChanged():
            return event.state
        case EpochFinished() | RunStarted():
            return "running"
    return None


def _plan(event: Logged) -> int:
    match event:
        case EpochsPlanned() | CheckpointSaved():
            return _count(event.epochs)
    return 0


def _epoch(event: Logged) -> int:
    match event:
        case EpochFinished() | StateChanged() | CheckpointSaved():
            return _count(event.epoch)
    return 0


def _accuracy(event: Logged) -> float | None:
    match event:
        case EpochFinished():
            return None if event.validation_loss is None else event.validation_accuracy
        case CheckpointSaved():
            return event.best_accuracy
    return None


def _count(number: int) -> int:
    return min(max(number, 0), MAX_COUNT)


def _to_float(loss: float | None) -> float:
    """A loss in an array of floats, where NaN stands for no epoch."""
    return math.inf if loss is None else loss


def _to_loss(value: float) -> float | None:
    return None if value == math.inf else value
