"""The alerts that the epochs of a run give rise to, each logged once, however often its epoch is trained."""

from __future__ import annotations

from collections import deque

from namestui.engine.recording.recorder import Recorder
from namestui.engine.training.boundaries import EpochDone
from namestui.engine.training.metrics import Matrix
from namestui.engine.training.trainer import Trainer
from namestui.runs.alert_rules import (
    UNPREDICTED_FOR,
    Columns,
    EpochFacts,
    EpochRules,
    Finding,
    never_predicted,
    never_predicted_finding,
)
from namestui.runs.events import Alert, finite
from namestui.runs.history import History
from namestui.runs.store import RunDirectory


class EpochAlerts:
    """Folds the rules over the epochs of the trainer that it follows: those before where it stands come from the
    record, so that a resumed run raises what an uninterrupted one would."""

    def __init__(self, run: RunDirectory, recorder: Recorder, history: History) -> None:
        self._run = run
        self._recorder = recorder
        self._history = history
        self._rules = EpochRules.of(0)
        self._columns: deque[Columns | None] = deque(maxlen=UNPREDICTED_FOR + 1)

    def follow(self, trainer: Trainer) -> None:
        """Stand where ``trainer`` stands."""
        self._rules = EpochRules.of(len(trainer.validation_set))
        for epoch in range(1, trainer.epoch + 1):
            if epoch in self._history.losses:
                self._rules = self._rules.after(self._history.losses.facts(epoch))
        file = self._run.confusion(len(trainer.corpus.labels))
        self._columns.clear()
        for epoch in range(max(1, trainer.epoch - UNPREDICTED_FOR), trainer.epoch + 1):
            matrix = file.of(epoch)
            self._columns.append(None if matrix is None else _columns_of_rows(matrix))

    def after(self, trainer: Trainer, done: EpochDone) -> None:
        """Log what the epoch that ``trainer`` has just completed warns of, unless that was logged before a crash."""
        epoch = EpochFacts(done.epoch, finite(done.train_loss), finite(done.validation_loss), done.validation_accuracy)
        before, self._rules = self._rules, self._rules.after(epoch)
        for finding in self._rules.findings(before, epoch):
            self._log(done.epoch, finding)
        self._columns.append(_columns(done.matrix))
        if classes := never_predicted(done.epoch, list(self._columns)):
            support = done.matrix.sum(axis=1).tolist()
            self._log(done.epoch, never_predicted_finding(classes, trainer.corpus.labels, support))

    def _log(self, epoch: int, finding: Finding) -> None:
        if not any(alert.topic == finding.topic and alert.epoch == epoch for alert in self._history.alerts):
            topic, level, message = finding
            self._recorder.log(Alert(message=message, topic=topic, level=level, epoch=epoch))


def _columns(matrix: Matrix) -> Columns:
    return Columns(matrix.sum(axis=1).tolist(), matrix.sum(axis=0).tolist())


def _columns_of_rows(matrix: list[list[int]]) -> Columns:
    return Columns([sum(row) for row in matrix], [sum(column) for column in zip(*matrix, strict=True)])
