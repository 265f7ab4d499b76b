"""Building a run's trainer, and putting it where the run stands."""

from __future__ import annotations

import copy
from typing import Any, NamedTuple

import torch

from namestui.data import catalogue
from namestui.data.corpus import CorpusError
from namestui.engine.nets.devices import choose_device
from namestui.engine.nets.weights import WeightsError, load_initial
from namestui.engine.recording.recorder import Recorder
from namestui.engine.training import checkpoint
from namestui.engine.training.trainer import Trainer
from namestui.engine.worker.crew import Crew
from namestui.runs.config import ConfigError
from namestui.runs.confusion import MAX_CLASSES
from namestui.runs.events import Alert
from namestui.runs.history import History
from namestui.runs.store import RunDirectory
from namestui.runs.text import inert


class Loaded(NamedTuple):
    """A trainer where its run stands, and the fingerprint of its corpus."""

    trainer: Trainer
    fingerprint: str


def load_trainer(run: RunDirectory, recorder: Recorder, history: History, crew: Crew, device: str = "") -> Loaded:
    """The trainer of ``run``, at its newest checkpoint; ``device`` takes the place of the config's if not empty.

    What is odd is logged as alerts, unless the record is only read.

    Raises:
        RunError, CorpusError, ConfigError, WeightsError: it cannot be built; the text says why in one line.
    """
    config = run.config()
    place = crew.join(_choose_device(run, device or config.device))
    corpus = catalogue.load_by_name(config.corpus, config.reading, cache=run.corpus_cache)
    fingerprint = corpus.fingerprint()
    if history.started is not None and history.started.corpus_fingerprint != fingerprint:
        raise CorpusError(
            f"the corpus {config.corpus} has changed since this run started; restore it, then resume the run"
        )
    weights, problem = None, ""
    if config.init_from:
        try:
            weights = load_initial(run, config, corpus.labels)
        except FileNotFoundError:
            problem = f"{run.initial_weights.name}: missing: the weights that this run starts from"
        except WeightsError as error:
            problem = str(error)
    trainer = Trainer(config, corpus, place, crew.ranks, weights=weights)
    restored = _Restoring(run, recorder, history, crew).restore(trainer, fingerprint)
    if not restored and problem:  # a checkpoint holds what became of them
        raise WeightsError(problem)
    trainer.epochs = history.planned if history.replanned else config.epochs
    return Loaded(trainer, fingerprint)


def _choose_device(run: RunDirectory, wanted: str) -> torch.device:
    try:
        return choose_device(wanted)
    except ConfigError as error:
        raise ConfigError(f"{error}; resume it with: namestui resume {run.id} --device cpu") from None


class _Restoring:
    def __init__(self, run: RunDirectory, recorder: Recorder, history: History, crew: Crew) -> None:
        self._run, self._recorder, self._history, self._crew = run, recorder, history, crew

    def restore(self, trainer: Trainer, fingerprint: str) -> bool:
        """Go back to the newest checkpoint that is sound and fits; whether there is one."""
        fresh, taken = copy.deepcopy(trainer.state()), list[dict[str, Any]]()

        def take(state: dict[str, Any]) -> None:
            lost = self._history.losses.first_missing(state["epoch"])
            if lost is not None and self._recorder.may_write:  # a question is answered all the same
                raise checkpoint.CheckpointError(f"is of epoch {state['epoch']}, and the log lacks epoch {lost}")
            trainer.restore(state)
            taken.append(state)

        place = self._crew.place(trainer.device)
        restored, refused, made_as = checkpoint.restore_newest(self._run, trainer.config, fingerprint, place, take)
        self._crew.share(fingerprint, taken[0] if restored else None)
        for reason in refused:
            self._alert(Alert(message=f"refused {reason}", topic="checkpoint"))
        if made_as:
            message = f"resumed from a checkpoint of run {inert(made_as)}: this directory was renamed, or is a copy"
            self._alert(Alert(message=message, topic="checkpoint"))
        if not restored and (refused or self._history.saved is not None):
            trainer.restore(fresh)  # what did not fit may have been taken in part
            message = "no checkpoint can be used: the run trains again from the start; its results must equal the"
            self._alert(Alert(message=f"{message} log", topic="checkpoint"))
        self._report_lost_matrices(trainer)
        return restored

    def _report_lost_matrices(self, trainer: Trainer) -> None:
        """Say which epochs before the checkpoint have none: they are not trained again for them, later ones are."""
        classes, names = len(trainer.corpus.labels), len(trainer.validation_set)
        if classes > MAX_CLASSES or not trainer.epoch:
            return
        whole = self._run.confusion(classes).whole(names)
        lost = [epoch for epoch in range(1, trainer.epoch + 1) if epoch not in whole]
        if not lost:
            return
        which = f"epoch {lost[0]}" if len(lost) == 1 else f"{len(lost)} epochs from {lost[0]} to {lost[-1]}"
        message = f"the confusion matrix of {which} is lost; weights, losses and scores are not"
        if all(alert.message != message for alert in self._history.alerts):
            self._alert(Alert(message=message, topic="record"))

    def _alert(self, alert: Alert) -> None:
        if self._recorder.may_write:  # a question changes nothing
            self._recorder.log(alert)
