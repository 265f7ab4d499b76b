"""One worker's time with a run: train and carry out orders, then answer questions until nobody asks any more."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from functools import partial

import torch

from namestui.engine.recording.recorder import Recorder, ReplacedError, StoppedWaitingError
from namestui.engine.recording.requests import Request
from namestui.engine.recording.server import Server
from namestui.engine.training.boundaries import BatchDone, EpochDone, LossNotFinite
from namestui.engine.training.trainer import Trainer
from namestui.engine.worker.answering import Answerer
from namestui.engine.worker.crew import Crew
from namestui.engine.worker.failures import failure_reason
from namestui.engine.worker.idle import next_order
from namestui.engine.worker.journal import Journal
from namestui.engine.worker.last_answers import carrying_out
from namestui.engine.worker.loading import load_trainer
from namestui.runs import commands
from namestui.runs.config import MAX_EPOCHS
from namestui.runs.events import LIVE_STATES, State
from namestui.runs.history import History
from namestui.runs.store import RunDirectory

MAX_QUESTIONS = 4
"""Questions that are answered at one batch boundary, at most."""


class _StopTraining(Exception):  # noqa: N818 - not an error
    """A stop command was carried out."""


class TrainingSession:
    """Everything here runs in the worker's main thread. ``exit_status`` is 1 where the run failed."""

    def __init__(
        self,
        run: RunDirectory,
        recorder: Recorder,
        server: Server,
        history: History,
        device: str = "",
        crew: Crew | None = None,
        begin_writing: Callable[[], object] = lambda: None,
    ) -> None:
        """``device`` overrides the config's where it is not empty; with a ``crew`` this is the first of its processes.

        ``begin_writing`` is called before a session that has only served changes the record.
        """
        self.exit_status = 0
        self._run = run
        self._recorder = recorder
        self._history = history
        self._server = server
        self._requests = server.requests
        self._crew = crew or Crew()
        self._load = partial(load_trainer, run, recorder, history, self._crew, device)
        self._begin_writing = begin_writing
        self.journal = Journal(run, recorder, history, self._crew)
        self._answerer = Answerer(run, lambda: self._load().trainer)
        self._trainer: Trainer | None = None
        self._to_accept: list[Request] = []  # orders that take effect as soon as the run is running
        recorder.while_waiting = self._crew.keep

    def train(self) -> None:
        """Train the run until it finishes or is stopped; then answer until idle, and train on if extended."""
        torch.set_num_threads(1)
        try:
            for trainer in self._trainings():
                for step in trainer.run():
                    self._after(trainer, step)
                    self._crew.train_on(trainer.epochs)
                self.journal.finish(trainer)
        except _StopTraining:
            self._crew.end()
        except (StoppedWaitingError, ReplacedError) as error:  # nothing can be written
            self._refuse_all(str(error))
            self._crew.end()
            raise
        except Exception as error:
            self._fail(error)
        else:
            self._crew.end()

    def serve(self) -> bool:
        """Answer questions about a run that has ended until idle; train on where a client asks for that.

        True where that takes several processes: it is left to the launcher.
        """
        torch.set_num_threads(1)
        if self._answer_until_idle():
            if self._run.config().nproc > 1:
                self._accept_all()
                return True
            with carrying_out(*self._to_accept):
                self.journal.change("starting")
            self.train()
        return False

    def _trainings(self) -> Iterator[Trainer]:
        """A trainer where the run stands, and another each time that the run has ended and is extended: where the last
        checkpoint left it, not with the best weights."""
        while True:
            loaded = self._load()
            self._trainer = trainer = loaded.trainer
            self.journal.follow(*loaded)
            self._change("running")
            self._accept_all()
            if not (trainer.epoch or trainer.batch):
                self.journal.probe(trainer, 0)
            self._crew.train_on(trainer.epochs)
            yield trainer
            if not self._answer_until_idle():
                return
            self._crew.train_on(trainer.epochs)

    def _answer(self, question: Request) -> None:
        self._answerer.answer(question, self._trainer)

    def _change(self, state: State, reason: str = "") -> None:
        self.journal.change(state, reason, self._trainer)

    def _fail(self, error: Exception) -> None:
        """Log why the run failed.

        Raises:
            Exception: ``error`` itself, where nobody has thought of it.
        """
        reason = failure_reason(error, self._run, self._crew)
        if reason is None:
            raise error
        self.exit_status = 1
        if self._history.state in LIVE_STATES or self._to_accept:  # else only questions were answered
            self._change("failed", reason)
        self._refuse_all(reason)

    def _after(self, trainer: Trainer, step: BatchDone | EpochDone | LossNotFinite) -> None:
        match step:
            case BatchDone():
                self.journal.report_progress(trainer, step.epoch, step.batch)
                self.journal.save_if_due(trainer, epoch_ended=False)
            case EpochDone():
                self.journal.record_epoch(trainer, step)
                if not math.isfinite(step.train_loss):  # elsewhere than on a CPU nobody has checked before
                    self._pause_by_itself(trainer, f"epoch {step.epoch}, batch {trainer.batches} or before")
                else:
                    self.journal.end_early(trainer)
                    self.journal.save_if_due(trainer, epoch_ended=True)
            case LossNotFinite():
                self._pause_by_itself(trainer, f"epoch {step.epoch}, batch {step.batch}")
        self._obey_all(trainer)

    def _obey_all(self, trainer: Trainer) -> None:
        """Carry out what was ordered, then answer a few questions: others wait for the next boundary."""
        while (request := self._requests.order()) is not None:
            self._obey(trainer, request)
        for _ in range(MAX_QUESTIONS):
            if (request := self._requests.question()) is not None:
                self._answer(request)
        while not self._server.troubles.empty():
            self.journal.report_trouble(self._server.troubles.get())
        self._recorder.log_alerts_of_threads()

    def _obey(self, trainer: Trainer, request: Request) -> None:
        """Carry out an order while training or paused."""
        match request.command:
            case commands.Pause():
                self._pause(trainer, "", request)
            case commands.Resume():
                request.accept()  # it is running
            case commands.Stop():
                self._stop(trainer, request)
            case commands.Checkpoint():
                with carrying_out(request):
                    is_saved = self.journal.save(trainer)
                if is_saved:
                    request.accept()
                else:
                    request.refuse("a weight is not finite: the checkpoint before is kept")
            case commands.Extend() as extend:
                if self._extend(extend, request):
                    request.accept()
            case _:
                self._answer(request)

    def _stop(self, trainer: Trainer, request: Request) -> None:
        """Save and end.

        Raises:
            RuntimeError: another rank has died; then its launcher's order to stop is only what followed from that.
        """
        self._crew.keep()
        self._recorder.hurry()
        with carrying_out(request):
            self._change("stopping")
        request.accept()
        self.journal.save(trainer)
        self._change("stopped")
        raise _StopTraining

    def _pause_by_itself(self, trainer: Trainer, place: str) -> None:
        self.journal.report_not_finite(place)
        self._pause(trainer, f"the loss is not finite at {place}")

    def _pause(self, trainer: Trainer, reason: str, request: Request | None = None) -> None:
        """Say so, save, and wait for ``resume`` or ``stop``, carrying out what else comes."""
        with carrying_out(request):
            self._change("paused", reason)
            self.journal.save(trainer)
        if request is not None:
            request.accept()
        while True:
            self._recorder.check_directory()
            if (ordered := self._requests.next(1)) is None:
                self._keep()
                continue
            match ordered.command:
                case commands.Resume():
                    with carrying_out(ordered):
                        self._change("running")
                    ordered.accept()
                    return
                case commands.Pause():
                    ordered.accept()  # it is paused
                case _:
                    self._obey(trainer, ordered)

    def _extend(self, command: commands.Extend, request: Request) -> bool:
        """Plan more epochs; False where that is refused."""
        if not 1 <= command.epochs <= MAX_EPOCHS:
            request.refuse(f"extend takes 1 to {MAX_EPOCHS} epochs")
            return False
        planned = self._trainer.epochs if self._trainer else self._history.planned or self._run.config().epochs
        with carrying_out(request):
            self._begin_writing()
            self.journal.plan(planned + command.epochs)
        if self._trainer:
            self._trainer.epochs = planned + command.epochs
        return True

    def _answer_until_idle(self) -> bool:
        """Answer questions about an ended run; True as soon as it is to be trained on, False once nobody asks."""
        while (request := next_order(self._server, self._answer, self._keep)) is not None:
            match request.command:
                case commands.Extend() as extend:
                    if self._extend(extend, request):
                        self._to_accept.append(request)
                        return True
                case commands.Resume() if self._trainer is None and self._history.can_resume:
                    with carrying_out(request):
                        self._begin_writing()
                    self._to_accept.append(request)
                    return True
                case commands.Stop():
                    request.accept()
                    return False
                case _:
                    request.refuse("it has ended")
        return False

    def _keep(self) -> None:
        """While nothing is trained."""
        self._crew.keep()
        self._recorder.log_alerts_of_threads()

    def _accept_all(self) -> None:
        while self._to_accept:
            self._to_accept.pop().accept()

    def _refuse_all(self, reason: str) -> None:
        while self._to_accept:
            self._to_accept.pop().refuse(reason)
