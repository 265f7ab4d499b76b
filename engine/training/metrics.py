"""What a confusion matrix (rows true, columns predicted) says."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from namestui.runs.events import ClassScore
from namestui.runs.scores import Scores

Matrix = npt.NDArray[np.int64]


def scores_of(matrix: Matrix) -> Scores:
    """All that a confusion matrix of at least one name says."""
    rows, share = int(matrix.sum()), accuracy(matrix)
    low, high = wilson_interval(share, rows)
    return Scores(rows=rows, accuracy=share, low=low, high=high, macro_f1=macro_f1(matrix), by_class=by_class(matrix))


def accuracy(matrix: Matrix) -> float:
    """Share of names on the diagonal, 0 to 1."""
    return float(matrix.trace() / matrix.sum())


def macro_f1(matrix: Matrix) -> float:
    """Mean F1 over the classes that occur, as true or as predicted."""
    hits = matrix.diagonal().astype(np.float64)
    occurrences = matrix.sum(axis=0) + matrix.sum(axis=1)
    occurring = occurrences > 0
    return float((2 * hits[occurring] / occurrences[occurring]).mean())


def by_class(matrix: Matrix) -> list[ClassScore]:
    """Precision (None where the class was never predicted), recall (None where it never occurs) and its rows."""
    hits, predicted, true = matrix.diagonal().tolist(), matrix.sum(axis=0).tolist(), matrix.sum(axis=1).tolist()
    return [
        ClassScore(precision=hit / named if named else None, recall=hit / rows if rows else None, support=rows)
        for hit, named, rows in zip(hits, predicted, true, strict=True)
    ]


def wilson_interval(share: float, count: int, z: float = 1.959964) -> tuple[float, float]:
    """95 % score interval of a proportion ``share`` of ``count`` (Wilson 1927)."""
    centre = share + z * z / (2 * count)
    spread = z * math.sqrt(share * (1 - share) / count + z * z / (4 * count * count))
    scale = 1 + z * z / count
    return max(0.0, (centre - spread) / scale), min(1.0, (centre + spread) / scale)
