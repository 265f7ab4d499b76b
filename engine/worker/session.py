"""One worker's time with a run: load, train and obey, then answer questions until nobody asks any more."""

from __future__ import annotations

import contextlib
import copy
import errno
import math
import os
import queue
import time
import traceback
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from namestui.data import catalogue
from namestui.data.alphabet import ALPHABET
from namestui.data.corpus import CorpusError
from namestui.engine.evidence.prober import Prober
from namestui.engine.nets.devices import choose_device
from namestui.engine.recording.recorder import Recorder
from namestui.engine.recording.server import Request, Server
from namestui.engine.training import checkpoint, metrics
from namestui.engine.training.trainer import BatchDone, EpochDone, LossNotFinite, Trainer
from namestui.engine.worker.describe import describe
from namestui.engine.worker.questions import answer_examples, answer_predict, refusal
from namestui.runs import commands
from namestui.runs.config import MOST_EPOCHS, ConfigError, reading_of_names
from namestui.runs.confusion import MOST_CLASSES
from namestui.runs.events import (
    LIVE_STATES,
    Alert,
    CheckpointSaved,
    Confusion,
    EpochFinished,
    EpochsPlanned,
    Event,
    Probed,
    Progress,
    RunStarted,
    State,
    StateChanged,
    TestScored,
    finite,
)
from namestui.runs.gaps import first_missing
from namestui.runs.history import History
from namestui.runs.store import RunDirectory

if TYPE_CHECKING:
    from namestui.engine.training.ranks import Ranks

PROGRESS_EVERY = 0.1
"""Seconds between two ``progress`` events, at least."""
SAVE_AFTER = 5.0
"""Seconds since the last checkpoint after which the end of an epoch saves one."""
SAVE_WITHIN = 25.0
"""Seconds since the last checkpoint after which the middle of an epoch saves one too."""
IDLE_ALONE = 30.0
"""Seconds that an ended run is still served with no client connected."""
IDLE = 600.0
"""Seconds that an ended run is served without a question."""

_EXPECTED = (CorpusError, ConfigError, checkpoint.CheckpointError)
"""Errors that are the user's to mend: one line, no traceback."""


class _StopTraining(Exception):  # noqa: N818 - not an error
    """A stop command was carried out."""


class Session:
    """Everything here runs in the worker's main thread. ``exit_status`` is 1 where the run failed."""

    def __init__(
        self,
        run: RunDirectory,
        recorder: Recorder,
        server: Server,
        history: History,
        device: str = "",
        ranks: Ranks | None = None,
        begin_writing: Callable[[], object] = lambda: None,
    ) -> None:
        """``device`` overrides the config's where it is not empty; with ``ranks`` this is rank 0 of them.

        ``begin_writing`` is called before a session that has only served changes the record.
        """
        self.exit_status = 0
        self._run = run
        self._recorder = recorder
        self._server = server
        self._history = history
        self._device = device
        self._ranks = ranks
        self._begin_writing = begin_writing
        self._trainer: Trainer | None = None
        self._recorded: Trainer | None = None
        self._prober = Prober(history.probed, sum(epoch.seconds for epoch in history.epochs.values()))
        self._fingerprint = ""
        self._saved_at = time.monotonic()
        self._told_at = 0.0

    def train(self) -> None:
        """Train the run to its end, or until it is told to stop; then answer until idle, and train on if extended."""
        torch.set_num_threads(1)
        try:
            trainer = self._load()
            while True:
                self._change("running")
                if not (trainer.epoch or trainer.batch):
                    self._probe(trainer, 0)
                self._go_on(trainer)
                for step in trainer.run():
                    self._after(trainer, step)
                    self._go_on(trainer)
                self._finish(trainer)
                if not self._answer_until_idle():
                    self._end_ranks()
                    return
                self._go_on(trainer)
                trainer = self._load()  # where the last checkpoint left it, not with the best weights
        except _StopTraining:
            self._end_ranks()
        except _EXPECTED as error:
            self._change("failed", str(error))
            self.exit_status = 1
        except torch.OutOfMemoryError as error:
            first = str(error).partition("\n")[0][:200]
            way_on = f"free some and resume, or: namestui resume {self._run.id} --device cpu"
            self._change("failed", f"out of memory on the device; {way_on} ({first})")
            self.exit_status = 1
        except RuntimeError:
            reason = self._ranks.cause() if self._ranks is not None else None
            if reason is None:
                raise
            if self._history.state in LIVE_STATES:  # else the run has ended, and only questions were answered
                self._change("failed", reason)
            self.exit_status = 1
        except OSError as error:
            # A checkpoint or the log could not be written, and not for want of room: nothing more can be promised.
            self._change("failed", f"cannot write the run: {error.strerror}: {error.filename}")
            self.exit_status = 1

    def serve(self) -> bool:
        """Answer questions about a run that has ended until idle; train on where a client asks for that.

        True where that takes several processes: it is left to the launcher.
        """
        torch.set_num_threads(1)
        if self._answer_until_idle():
            if self._run.config().nproc > 1:
                return True
            self._change("starting")
            self.train()
        return False

    # Loading

    def _load(self) -> Trainer:
        """The trainer of this session, where the run stands; says so where the run begins."""
        self._trainer = trainer = self._build()
        if self._history.started is None:
            self._history.started = self._recorder.log(RunStarted, **describe(trainer, self._fingerprint))
        return trainer

    def _build(self) -> Trainer:
        config = self._run.config()
        device = self._choose_device(config.device)
        if self._ranks is not None:
            device = self._ranks.join(device)
        corpus = catalogue.load(config.corpus, config.reading, cache=self._run.corpus_cache)
        self._fingerprint = corpus.fingerprint()
        started = self._history.started
        if started is not None and started.corpus_fingerprint != self._fingerprint:
            raise CorpusError(f"the corpus {config.corpus} has changed since this run began; restore it to go on")
        weights, problem = None, ""
        if config.init_from:
            try:
                weights = checkpoint.load_initial(self._run, config, corpus.labels)
            except FileNotFoundError:
                problem = f"{self._run.initial_weights.name}: missing: the weights that this run starts from"
            except checkpoint.CheckpointError as error:
                problem = str(error)
        trainer = Trainer(config, corpus, device, self._ranks, weights=weights)
        if not self._restore(trainer) and problem:  # a checkpoint holds what became of them
            raise checkpoint.CheckpointError(problem)
        trainer.epochs = self._history.planned or config.epochs
        return trainer

    def _choose_device(self, configured: str) -> torch.device:
        try:
            return choose_device(self._device or configured)
        except ConfigError as error:
            raise ConfigError(f"{error}; go on with: namestui resume {self._run.id} --device cpu") from None

    def _restore(self, trainer: Trainer) -> bool:
        """Go back to the newest checkpoint that is sound and fits; whether there is one."""
        fresh, taken = copy.deepcopy(trainer.state()), list[dict[str, Any]]()

        def restore(state: dict[str, Any]) -> None:
            trainer.restore(state)
            taken.append(state)

        def restore_before_gap(state: dict[str, Any]) -> None:
            lost = first_missing(self._history.epochs, state["epoch"])
            if lost is not None and self._recorder.may_write:  # a question is answered all the same
                raise checkpoint.CheckpointError(f"is of epoch {state['epoch']}, and the log lacks epoch {lost}")
            restore(state)

        place = trainer.device if self._ranks is None else torch.device("cpu")
        restored, refused = checkpoint.restore_newest(self._run, self._fingerprint, place, restore_before_gap)
        if self._ranks is not None:
            self._ranks.share((self._fingerprint, taken[0] if restored else None))
            self._recorder.while_waiting = self._keep_ranks  # from now on they wait wherever this one writes
        for reason in refused if self._recorder.may_write else []:  # a question changes nothing
            self._recorder.log(Alert, message=f"refused {reason}")
        if not restored and (refused or self._history.saved):
            trainer.restore(fresh)  # what did not fit may have been taken in part
            if not self._recorder.may_write:
                return False
            message = "no checkpoint can be used: the run trains again from its beginning; what is logged must come out"
            self._recorder.log(Alert, message=f"{message} equal")
        return restored

    # Other ranks

    def _go_on(self, trainer: Trainer) -> None:
        """Have the others train on as far as this one."""
        if self._ranks is not None and self._ranks.go_on(trainer.epochs):
            self._server.request(commands.Stop(request="signal"))

    def _keep_ranks(self) -> None:
        """Have the others wait on: a collective that nobody answers for long fails."""
        if self._ranks is not None and self._ranks.wait():
            self._server.request(commands.Stop(request="signal"))

    def _end_ranks(self) -> None:
        if self._ranks is not None:
            self._ranks.end()

    # At a batch boundary

    def _after(self, trainer: Trainer, step: BatchDone | EpochDone | LossNotFinite) -> None:
        now = time.monotonic()
        match step:
            case LossNotFinite():
                self._pause_by_itself(trainer, f"epoch {step.epoch}, batch {step.batch}")
                return
            case EpochDone():
                self._record_epoch(trainer, step)
                self._prober.budget.trained += step.seconds
                self._probe(trainer, step.epoch, always=step.epoch == 1)
                if not math.isfinite(step.train_loss):  # elsewhere than on a CPU nobody has looked before
                    place = f"epoch {step.epoch}, batch {trainer.batches} or before"
                    self._pause_by_itself(trainer, place)
                    return
                self._end_early(trainer)
                if now - self._saved_at >= SAVE_AFTER:
                    self._save(trainer)
            case BatchDone() if now - self._told_at >= PROGRESS_EVERY:
                self._told_at = now
                self._recorder.publish(
                    Progress,
                    epoch=step.epoch,
                    batch=step.batch,
                    batches=step.batches,
                    loss=finite(trainer.recent_loss()),
                    names_per_second=trainer.names_per_second(),
                )
        if now - self._saved_at >= SAVE_WITHIN:
            self._save(trainer)
        while not self._server.requests.empty():
            self._obey(trainer, self._server.requests.get())

    def _record_epoch(self, trainer: Trainer, done: EpochDone) -> None:
        """Log the epoch; one that was logged before a crash must have come out equal and is not logged again."""
        train_loss, validation_loss = finite(done.train_loss), finite(done.validation_loss)
        logged = self._history.epochs.get(done.epoch)
        if logged is not None:
            if (logged.train_loss, logged.validation_loss) != (train_loss, validation_loss):
                message = f"epoch {done.epoch}, trained again after a crash, came out differently than logged"
                self._recorder.log(Alert, message=message)
            return
        matrix = self._record_matrix(trainer, done)
        self._history.epochs[done.epoch] = self._recorder.log(
            EpochFinished,
            epoch=done.epoch,
            train_loss=train_loss,
            validation_loss=validation_loss,
            train_accuracy=done.train_accuracy,
            validation_accuracy=done.validation_accuracy,
            macro_f1=done.macro_f1,
            learning_rate=done.learning_rate,
            seconds=done.seconds,
            names_per_second=done.names_per_second,
        )
        if matrix is not None and done.epoch == max(self._history.epochs):
            self._recorder.publish(Confusion, epoch=done.epoch, matrix=matrix)

    def _end_early(self, trainer: Trainer) -> None:
        """Plan no further epoch where the last ones were in vain; whoever extends a run has decided otherwise."""
        if self._history.planned is None and trainer.epoch < trainer.epochs and trainer.is_out_of_patience():
            self._history.planned = trainer.epochs = trainer.epoch
            self._recorder.log(EpochsPlanned, epochs=trainer.epoch)
            patience = trainer.config.patience
            epochs = "an epoch" if patience == 1 else f"{patience} epochs"
            message = f"no better validation accuracy for {epochs}: the run ends after epoch {trainer.epoch}"
            self._recorder.log(Alert, message=message)

    def _record_matrix(self, trainer: Trainer, done: EpochDone) -> list[list[int]] | None:
        """The matrix of an epoch, once it is on disk; None where there are too many classes to keep this one."""
        many = len(done.matrix) > MOST_CLASSES
        if many and not (done.epoch in (1, trainer.epochs) or done.is_best):
            return None
        matrix: list[list[int]] = done.matrix.tolist()
        file = self._run.confusion(len(matrix))
        if many:
            keep = (1, trainer.best_epoch)
            self._recorder.when_there_is_room(lambda: file.append_instead(done.epoch, matrix, keep))
        else:
            self._recorder.when_there_is_room(lambda: file.append(done.epoch, matrix))
        return matrix

    def _probe(
        self, trainer: Trainer, epoch: int, weights: Mapping[str, Tensor] | None = None, *, always: bool = True
    ) -> None:
        """Log what the network of ``epoch`` shows if that is due; trouble with it is told, and ends nothing."""
        if not self._prober.is_due(epoch, trainer.epochs, always=always):
            return
        self._keep_ranks()
        try:
            found = self._prober.look(trainer, epoch, weights)
        except Exception as error:
            traceback.print_exc()
            first = str(error).partition("\n")[0][:200]
            message = f"epoch {epoch} could not be probed ({type(error).__name__}: {first}); worker.log has more"
            self._recorder.log(Alert, message=message)
            return
        self._recorder.log(Probed, **found)

    def _save(self, trainer: Trainer) -> None:
        """Save the best weights and a checkpoint; nothing is touched where a weight is not finite."""
        self._saved_at = time.monotonic()
        if not trainer.weights_are_finite():
            self._recorder.log(Alert, message="no checkpoint: a weight is not finite; the one before is kept")
            return

        def write() -> None:
            if trainer.best_epoch:
                labels = trainer.corpus.labels
                checkpoint.save_best(self._run, trainer.best_weights, trainer.config, labels, ALPHABET)
            self._recorder.sync()
            checkpoint.save_checkpoint(self._run, trainer.state(), self._fingerprint)

        self._recorder.when_there_is_room(write)
        self._recorder.log(
            CheckpointSaved,
            epoch=trainer.epoch,
            batch=trainer.batch,
            epochs=trainer.epochs,
            best_accuracy=trainer.best_accuracy if trainer.best_epoch else None,
        )

    def _finish(self, trainer: Trainer) -> None:
        """Keep the final weights, score the test part with the best ones, and say that the run is done."""
        self._save(trainer)
        self._probe(trainer, trainer.epoch)
        self._probe(trainer, trainer.best_epoch, trainer.best_weights)
        trainer.use_best_weights()
        if not self._history.tested:  # a kill may have come between the score and the end
            self._score_test(trainer)
            self._history.tested = True
        self._change("finished")

    def _score_test(self, trainer: Trainer) -> None:
        matrix = trainer.test_matrix()
        accuracy, rows = metrics.accuracy(matrix), int(matrix.sum())
        low, high = metrics.wilson_interval(accuracy, rows)
        self._recorder.log(
            TestScored,
            best_epoch=trainer.best_epoch,
            rows=rows,
            accuracy=accuracy,
            low=low,
            high=high,
            macro_f1=metrics.macro_f1(matrix),
            by_class=metrics.by_class(matrix),
        )

    def _change(self, state: State, reason: str = "") -> None:
        at = self._trainer or self._history
        self._history.state = state
        self._recorder.log(StateChanged, state=state, reason=reason, epoch=at.epoch, batch=at.batch)

    # Commands

    def _obey(self, trainer: Trainer, request: Request) -> None:
        """Carry out a command while training or paused."""
        match request.command:
            case commands.Pause():
                self._pause(trainer, "")
            case commands.Resume():
                request.answer(refusal(self._run.id, request.command, "it is not paused"))
            case commands.Stop():
                self._change("stopping")
                self._save(trainer)
                self._change("stopped")
                raise _StopTraining
            case commands.Checkpoint():
                self._save(trainer)
            case commands.Extend():
                self._extend(request)
            case commands.Predict() | commands.ListExamples():
                request.answer(self._answer(request.command))

    def _pause_by_itself(self, trainer: Trainer, place: str) -> None:
        self._recorder.log(Alert, message=f"the loss is not finite at {place}: the run paused itself")
        self._pause(trainer, f"the loss is not finite at {place}")

    def _pause(self, trainer: Trainer, reason: str) -> None:
        """Say so, save, and wait for ``resume`` or ``stop``, carrying out what else comes."""
        self._change("paused", reason)
        self._save(trainer)
        while True:
            request = self._next_request()
            match request.command:
                case commands.Resume():
                    self._change("running")
                    return
                case commands.Pause():
                    request.answer(refusal(self._run.id, request.command, "it is paused already"))
                case _:
                    self._obey(trainer, request)

    def _next_request(self) -> Request:
        """Wait for a command.

        Raises:
            OSError: the run's directory has vanished, so that nobody can send one any more.
        """
        while True:
            with contextlib.suppress(queue.Empty):
                return self._server.requests.get(timeout=1)
            self._keep_ranks()
            if not self._run.path.is_dir():
                raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(self._run.path))

    def _extend(self, request: Request) -> bool:
        epochs = request.command.epochs if isinstance(request.command, commands.Extend) else 0
        if not 1 <= epochs <= MOST_EPOCHS:
            request.answer(refusal(self._run.id, request.command, f"extend takes 1 to {MOST_EPOCHS} epochs"))
            return False
        self._begin_writing()
        planned = self._trainer.epochs if self._trainer else self._history.planned or self._run.config().epochs
        self._history.planned, self._history.tested = planned + epochs, False
        if self._trainer:
            self._trainer.epochs = planned + epochs
        self._recorder.log(EpochsPlanned, epochs=planned + epochs)
        return True

    def _answer_until_idle(self) -> bool:
        """Answer questions about an ended run; True as soon as it is to be trained on, False once nobody asks."""
        asked_at = alone_since = time.monotonic()
        while True:
            now = time.monotonic()
            if self._server.clients:
                alone_since = now
            if now - asked_at > IDLE or now - alone_since > IDLE_ALONE:
                return False
            try:
                request = self._server.requests.get(timeout=1)
            except queue.Empty:
                self._keep_ranks()
                continue
            asked_at = time.monotonic()
            match request.command:
                case commands.Predict() | commands.ListExamples():
                    request.answer(self._answer(request.command))
                case commands.Extend():
                    if self._extend(request):
                        return True
                case commands.Resume() if self._trainer is None and self._can_resume():
                    self._begin_writing()
                    return True
                case commands.Stop():
                    return False
                case _:
                    request.answer(refusal(self._run.id, request.command, "it has ended"))

    def _can_resume(self) -> bool:
        return self._history.state != "finished" or bool(self._history.gaps())

    def _answer(self, command: commands.Predict | commands.ListExamples) -> Event:
        try:
            if isinstance(command, commands.ListExamples):
                self._recorded = self._trainer or self._recorded or self._build()
                return answer_examples(self._run.id, command, self._recorded)
            reading = reading_of_names(self._run.config() if self._trainer is None else self._trainer.config)
            if self._trainer is None:
                model, classes = checkpoint.load_best(self._run)
                return answer_predict(self._run.id, command, model, classes, reading)
            return answer_predict(self._run.id, command, self._trainer.model, self._trainer.corpus.labels, reading)
        except _EXPECTED as error:
            return refusal(self._run.id, command, str(error))
        except Exception as error:
            # A question is no part of training: whatever goes wrong with it must not end the run.
            traceback.print_exc()
            first = str(error).partition("\n")[0][:200]
            return refusal(self._run.id, command, f"{type(error).__name__}: {first}; worker.log has more")
