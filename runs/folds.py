"""What repeating a training over several splits says: a mean with its interval, and differences that are paired."""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import fmean, variance

import msgspec

from namestui.runs.models import MODELS


class Estimate(msgspec.Struct, frozen=True, kw_only=True):
    """A mean over folds and its 95 % interval; no interval where there is but one fold."""

    mean: float
    low: float | None
    high: float | None


class FoldScores(msgspec.Struct, frozen=True, kw_only=True):
    """One model over its folds: test accuracy and macro-F1 (0 to 1); ``minus`` is the difference of its accuracy from
    that of the model ``than``, fold by fold (None for that model itself)."""

    model: str
    folds: int
    seeds: list[int]
    accuracy: Estimate
    macro_f1: Estimate
    than: str
    minus: Estimate | None


class Folds(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", tag="folds"):
    """All models of one ``train --folds``."""

    planned: int
    scores: list[FoldScores]


class FoldResult(msgspec.Struct, frozen=True, kw_only=True):
    """The test part of one run; ``share`` is its rows over those of the training part."""

    model: str
    seed: int
    accuracy: float
    macro_f1: float
    share: float


def summarise_folds(planned: int, scores: Sequence[FoldResult]) -> Folds:
    """All models compared with the one that is the reference where it is among them, else with the first."""
    models = list(dict.fromkeys(score.model for score in scores))
    references = [model for model in models if model in MODELS and MODELS[model].reference]
    than = next(iter([*references, *models]), "")
    by_model = {model: {score.seed: score for score in scores if score.model == model} for model in models}
    found = []
    for model, mine in by_model.items():
        share = fmean(score.share for score in mine.values())
        both = sorted(set(mine) & set(by_model[than]))
        differences = [mine[seed].accuracy - by_model[than][seed].accuracy for seed in both]
        found.append(
            FoldScores(
                model=model,
                folds=len(mine),
                seeds=sorted(mine),
                accuracy=estimate([score.accuracy for score in mine.values()], share),
                macro_f1=estimate([score.macro_f1 for score in mine.values()], share),
                than=than,
                minus=estimate(differences, share) if model != than and differences else None,
            )
        )
    return Folds(planned=planned, scores=found)


def estimate(values: Sequence[float], share: float) -> Estimate:
    """Mean and 95 % interval of what K overlapping splits gave.

    Their trainings share most names, so that the usual interval is too narrow: the variance of the mean is taken as
    (1/K + test rows / training rows) times that of the values (Nadeau and Bengio 2003, "Inference for the
    generalization error"); ``share`` is that quotient.
    """
    mean, count = fmean(values), len(values)
    if count < 2:
        return Estimate(mean=mean, low=None, high=None)
    spread = student_t(count - 1) * math.sqrt((1 / count + share) * variance(values))
    return Estimate(mean=mean, low=mean - spread, high=mean + spread)


def student_t(freedom: int) -> float:
    """The 97.5 % quantile of Student's t with ``freedom`` degrees (at least 1), to 1e-9.

    The distribution function is the finite sum of Abramowitz and Stegun 26.7.3 and 26.7.4, inverted by bisection.
    """
    low, high = 1.9, 13.0
    while high - low > 1e-9:
        middle = (low + high) / 2
        low, high = (middle, high) if _within(middle, freedom) < 0.95 else (low, middle)
    return (low + high) / 2


def _within(t: float, freedom: int) -> float:
    """The probability of values from -t to t."""
    angle = math.atan(t / math.sqrt(freedom))
    cosine = math.cos(angle)
    if freedom % 2 == 0:
        term = total = 1.0
        for k in range(2, freedom, 2):
            term *= cosine * cosine * (k - 1) / k
            total += term
        return math.sin(angle) * total
    term = total = cosine
    for k in range(3, freedom, 2):
        term *= cosine * cosine * (k - 1) / k
        total += term
    return 2 / math.pi * (angle + (math.sin(angle) * total if freedom > 1 else 0.0))
