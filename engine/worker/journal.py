"""What training gave, written into the record: states, epochs and their matrices, probes, checkpoints, test scores."""

from __future__ import annotations

import time
from collections.abc import Mapping

import msgspec
from torch import Tensor

from namestui.engine.evidence.prober import Prober
from namestui.engine.nets.weights import save_best
from namestui.engine.recording.recorder import Recorder
from namestui.engine.recording.worker_log import note
from namestui.engine.training import checkpoint, metrics
from namestui.engine.training.boundaries import EpochDone
from namestui.engine.training.trainer import Trainer
from namestui.engine.worker.crew import Crew
from namestui.engine.worker.epoch_alerts import EpochAlerts
from namestui.engine.worker.first_event import first_event
from namestui.runs.confusion import MAX_CLASSES
from namestui.runs.events import (
    Alert,
    CheckpointSaved,
    Confusion,
    EpochFinished,
    EpochsPlanned,
    Metrics,
    Probed,
    Progress,
    State,
    StateChanged,
    TestScored,
    finite,
)
from namestui.runs.history import History
from namestui.runs.store import RunDirectory

PROGRESS_EVERY = 0.1
"""Seconds between two ``progress`` events, at least."""
SAVE_AFTER = 5.0
"""Seconds since the last checkpoint after which the end of an epoch saves one."""
SAVE_WITHIN = 25.0
"""Seconds since the last checkpoint after which the middle of an epoch saves one too."""

Matrix = list[list[int]]


class Journal:
    """Writes for one trainer: that of ``follow``."""

    def __init__(self, run: RunDirectory, recorder: Recorder, history: History, crew: Crew) -> None:
        self._run = run
        self._recorder = recorder
        self._history = history
        self._crew = crew
        self._prober = Prober(history.probed, history.trained)
        self._alerts = EpochAlerts(run, recorder, history)
        self._fingerprint = ""
        self._saved_at = time.monotonic()
        self._reported_at = 0.0

    def follow(self, trainer: Trainer, fingerprint: str) -> None:
        """From now on write of ``trainer``; say so where the run begins."""
        self._fingerprint = fingerprint
        if self._history.started is None:
            self._recorder.log(first_event(trainer, fingerprint))
        self._alerts.follow(trainer)

    def change(self, state: State, reason: str = "", trainer: Trainer | None = None) -> None:
        """Log the state of the run; where it stands is said by ``trainer``, else by the record."""
        at = trainer or self._history
        self._recorder.log(StateChanged(state=state, reason=reason, epoch=at.epoch, batch=at.batch))

    def report_trouble(self, trouble: str) -> None:
        """Log that something went wrong in the thread that serves the clients."""
        message = f"serving the clients failed ({trouble}) and was restarted; see worker.log"
        self._recorder.log(Alert(message=message, topic="clients", level="error"))

    def report_not_finite(self, place: str) -> None:
        """Log that the run pauses itself, and why."""
        message = f"the loss is not finite at {place}: the run paused itself"
        self._recorder.log(Alert(message=message, topic="not-finite", level="error"))

    # Epochs

    def report_progress(self, trainer: Trainer, epoch: int, batch: int) -> None:
        """Send the clients where training stands, if that is due."""
        now = time.monotonic()
        if now - self._reported_at < PROGRESS_EVERY:
            return
        self._reported_at = now
        loss, speed = finite(trainer.recent_loss()), trainer.names_per_second()
        self._recorder.publish(
            Progress(epoch=epoch, batch=batch, batches=trainer.batches, loss=loss, names_per_second=speed)
        )

    def record_epoch(self, trainer: Trainer, done: EpochDone) -> None:
        """Log the epoch, its matrix first; one that was logged before a crash must have come out equal, and is not
        logged again. Then probe its network, if that is due."""
        matrix = self._record_matrix(trainer, done)
        losses = finite(done.train_loss), finite(done.validation_loss)
        if done.epoch not in self._history.losses:
            self._log_epoch(done, losses)
            if matrix is not None and done.epoch == self._history.epoch:
                self._recorder.publish(Confusion(epoch=done.epoch, matrix=matrix))
        elif self._history.losses.of(done.epoch) != losses:
            message = f"epoch {done.epoch}, trained again after a crash, came out differently than logged"
            self._recorder.log(Alert(message=message, topic="divergence", level="error"))
        if done.epoch not in self._history.metered:
            values = {"gradient_norm": finite(done.gradient_norm)}
            self._recorder.log(Metrics(step=done.epoch * len(trainer.train_set), epoch=done.epoch, values=values))
        self._alerts.after(trainer, done)
        self._prober.budget.trained += done.seconds
        self.probe(trainer, done.epoch, always=done.epoch == 1)

    def _log_epoch(self, done: EpochDone, losses: tuple[float | None, float | None]) -> None:
        self._recorder.log(
            EpochFinished(
                epoch=done.epoch,
                train_loss=losses[0],
                validation_loss=losses[1],
                train_accuracy=done.train_accuracy,
                validation_accuracy=done.validation_accuracy,
                macro_f1=done.macro_f1,
                learning_rate=done.learning_rate,
                seconds=done.seconds,
                names_per_second=done.names_per_second,
            )
        )

    def _record_matrix(self, trainer: Trainer, done: EpochDone) -> Matrix | None:
        """The matrix of an epoch, once it is written; None where there are too many classes to keep this one."""
        many = len(done.matrix) > MAX_CLASSES
        if many and not (done.epoch in (1, trainer.epochs) or done.is_best):
            return None
        matrix: Matrix = done.matrix.tolist()
        file, keep = self._run.confusion(len(matrix)), (1, trainer.best_epoch)
        if not many:
            self._recorder.keep_trying(self._run.confusion_file, lambda: file.put(done.epoch, matrix))
        elif file.of(done.epoch) is None:
            self._recorder.keep_trying(self._run.confusion_file, lambda: file.append_instead(done.epoch, matrix, keep))
        return matrix

    def end_early(self, trainer: Trainer) -> None:
        """Plan no further epoch where the last ones brought no improvement, unless the run was extended."""
        if self._history.replanned or trainer.epoch >= trainer.epochs or not trainer.is_out_of_patience():
            return
        self.plan(trainer.epoch)
        trainer.epochs = trainer.epoch
        patience = trainer.config.patience
        epochs = "an epoch" if patience == 1 else f"{patience} epochs"
        message = f"no improvement in validation accuracy for {epochs}: the run finishes after epoch {trainer.epoch}"
        self._recorder.log(Alert(message=message, topic="early-stop", level="info"))

    def plan(self, epochs: int) -> None:
        """Log that the run is planned for ``epochs`` epochs."""
        self._recorder.log(EpochsPlanned(epochs=epochs))

    # Probes

    def probe(
        self, trainer: Trainer, epoch: int, weights: Mapping[str, Tensor] | None = None, *, always: bool = True
    ) -> None:
        """Log what the network of ``epoch`` shows if that is due; a failure is an alert, and ends nothing."""
        if not self._prober.is_due(epoch, trainer.epochs, always=always):
            return
        self._crew.keep()
        try:
            found = self._prober.probe(trainer, epoch, weights)
        except Exception as error:  # a probe is no part of training: whatever goes wrong with it must not end the run
            note(error)
            first = str(error).partition("\n")[0][:200]
            message = f"epoch {epoch} could not be probed ({type(error).__name__}: {first}); see worker.log"
            self._recorder.log(Alert(message=message, topic="probe"))
            return
        self._recorder.log(Probed(**found))

    # Checkpoints and the end

    def save_if_due(self, trainer: Trainer, *, epoch_ended: bool) -> None:
        """Save a checkpoint where the last one was long ago."""
        if time.monotonic() - self._saved_at >= (SAVE_AFTER if epoch_ended else SAVE_WITHIN):
            self.save(trainer)

    def save(self, trainer: Trainer) -> bool:
        """Save the best weights and a checkpoint, after what it vouches for; False, and nothing is touched, where a
        weight is not finite."""
        self._saved_at = time.monotonic()
        if not trainer.weights_are_finite():
            message = "no checkpoint: a weight is not finite; the one before is kept"
            self._recorder.log(Alert(message=message, topic="not-finite"))
            return False
        run, labels, write = self._run, trainer.corpus.labels, self._recorder.keep_trying
        if trainer.best_epoch:
            best = trainer.best_weights
            write(run.best_weights, lambda: save_best(run, best, trainer.config, labels))
        write(run.confusion_file, run.confusion(len(labels)).sync)
        write(run.events_file, self._recorder.sync)
        state = trainer.state()
        write(run.last_checkpoint, lambda: checkpoint.save_checkpoint(run, trainer.config, self._fingerprint, state))
        self._recorder.log(
            CheckpointSaved(
                epoch=trainer.epoch,
                batch=trainer.batch,
                epochs=trainer.epochs,
                best_accuracy=trainer.best_accuracy if trainer.best_epoch else None,
            )
        )
        return True

    def finish(self, trainer: Trainer) -> None:
        """Keep the final weights, score the test part with the best ones, and say that the run is done."""
        self.save(trainer)
        self.probe(trainer, trainer.epoch)
        self.probe(trainer, trainer.best_epoch, trainer.best_weights)
        trainer.use_best_weights()
        if self._history.test is None:  # a kill may have come between the score and the end
            self._score_test(trainer)
        self.change("finished", trainer=trainer)

    def _score_test(self, trainer: Trainer) -> None:
        scores = metrics.scores_of(trainer.test_matrix())
        self._recorder.log(TestScored(best_epoch=trainer.best_epoch, **msgspec.structs.asdict(scores)))
