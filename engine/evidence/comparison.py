"""Why does one network do better than another? The evidence of both; the verdict on it is in ``verdict.py``."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np

from namestui.data import catalogue
from namestui.data.corpus import Corpus, CorpusError
from namestui.data.name_array import Rows
from namestui.data.splits import split_corpus
from namestui.engine.evidence.probes import Probe, gradient_norms, probe, sample, shares
from namestui.engine.nets.building import initial_model
from namestui.engine.nets.weights import WeightsError, load_best
from namestui.runs.events import Probed, finite
from namestui.runs.history import History
from namestui.runs.models import MODELS
from namestui.runs.store import RunDirectory, RunError


@dataclass(frozen=True, slots=True)
class Reach:
    """How far back the gradient reached: after ``epoch`` (None: not recorded), by distance as shares of ``last``, the
    mean norm at the last letter."""

    epoch: int | None
    gradients: list[float | None]
    last: float | None

    @property
    def far(self) -> float | None:
        """The share that reaches the farthest letter measured."""
        return self.gradients[-1] if self.gradients else None


@dataclass(frozen=True, slots=True)
class Side:
    """One run: its name, what its best weights show, how far its gradient reached before training, and what was
    logged of it while it trained, by epoch (nothing in records of before this was logged)."""

    title: str
    model: str
    probe: Probe
    untrained: Reach
    probed: list[Probed] = field(default_factory=list)
    best_epoch: int | None = None

    @property
    def best(self) -> Reach:
        """That of the best weights."""
        return Reach(self.best_epoch, self.probe.gradients or [], self.probe.last_gradient)

    def trained(self) -> list[Reach]:
        """After an epoch, as far as it was probed, first to last."""
        return [_reach(event) for event in self.probed if event.epoch]

    def first(self) -> Reach | None:
        """After the first epoch, if that was probed."""
        return next((reach for reach in self.trained() if reach.epoch == 1), None)

    def last(self) -> Reach | None:
        """After the last epoch that was probed, if there is one."""
        return next(reversed(self.trained()), None)


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two runs on the same validation names; ``lengths`` (N,) in letters; ``advantage`` of the better side over the
    other with its 95 % interval, from the names on which they differ (paired)."""

    better: Side
    other: Side
    lengths: np.ndarray[tuple[int], np.dtype[np.int64]]
    advantage: float
    low: float
    high: float


def compare(first: RunDirectory, second: RunDirectory) -> Comparison:
    """Probe the best weights of two runs on the validation part that both were validated on.

    Raises:
        RunError: they were not trained on the same corpus and split, or one has no weights yet.
    """
    if first.id == second.id:
        raise RunError(f"{first.id} is both of them: name two runs")
    one, two = first.config(), second.config()
    if (one.corpus, one.split, one.split_seed) != (two.corpus, two.split, two.split_seed):
        raise RunError(f"{first.id} and {second.id} differ in corpus, split or seed: nothing can be compared")
    if one.reading != two.reading and one.corpus != "bundled":  # the bundled names are in the alphabet as they are
        raise RunError(f"{first.id} read its corpus {one.reading}, {second.id} {two.reading}: nothing can be compared")
    try:
        corpus = catalogue.load_by_name(one.corpus, one.reading, cache=first.corpus_cache)
        rows = split_corpus(corpus, one.split, one.split_seed).validation
        sides = [_side(run, corpus, rows) for run in (first, second)]
    except (CorpusError, WeightsError) as error:
        raise RunError(str(error)) from None
    if sides[0].title == sides[1].title:
        sides = [
            replace(side, title=f"{side.title} {run.id[-4:]}") for side, run in zip(sides, (first, second), strict=True)
        ]
    sides.sort(key=lambda side: -side.probe.accuracy)
    better, other = sides
    difference = better.probe.correct.astype(float) - other.probe.correct.astype(float)
    spread = 1.96 * difference.std(ddof=1) / len(rows) ** 0.5
    return Comparison(
        better=better,
        other=other,
        lengths=corpus.names.lengths[np.asarray(rows)].astype(np.int64),
        advantage=float(difference.mean()),
        low=float(difference.mean() - spread),
        high=float(difference.mean() + spread),
    )


def _side(run: RunDirectory, corpus: Corpus, rows: Rows) -> Side:
    config = run.config()
    model, classes = load_best(run)
    if tuple(classes) != corpus.labels:
        raise RunError(f"{run.id}: the corpus has other labels now than when it was trained")
    probed, best_epoch = _logged(run)
    if probed and probed[0].epoch == 0:
        untrained = _reach(probed[0])
    else:
        norms = gradient_norms(initial_model(config, len(corpus.labels)), corpus, sample(rows))
        untrained = Reach(0, shares(norms), finite(norms[0]) if norms else None)
    found = probe(model, corpus, rows, cut=len(rows))
    return Side(MODELS[config.model].title, config.model, found, untrained, probed, best_epoch)


def _logged(run: RunDirectory) -> tuple[list[Probed], int | None]:
    """What was seen while it trained, by epoch, and the epoch of its best weights where the run says it."""
    history = History.read(run)
    best = history.test.best_epoch if history.test is not None else None
    return sorted(history.probed, key=lambda event: event.epoch), best


def _reach(event: Probed) -> Reach:
    return Reach(event.epoch, event.gradients, event.last_gradient)
