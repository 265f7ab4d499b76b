"""What a confusion matrix says of each class, and which classes it confuses most."""

from __future__ import annotations

from heapq import heappush, heapreplace
from typing import NamedTuple

from namestui.runs.text import Inert
from namestui.tui.widgets.matrix.data import Matrix


class ClassScores(NamedTuple):
    """Shares from 0 to 1: precision is None where the class was never predicted, all are where it never occurs."""

    label: Inert
    precision: float | None
    recall: float | None
    f1: float | None
    support: int
    """Names of the class."""


class Confused(NamedTuple):
    """Names of one class that were taken for another."""

    true: Inert
    predicted: Inert
    names: int
    support: int
    """All names of the true class."""


def scores_of(matrix: Matrix) -> list[ClassScores]:
    """Of each class, in the matrix's order."""
    found = []
    for index, label in enumerate(matrix.labels):
        hits, rows = matrix.count(index, index), matrix.total(index)
        named = matrix.predicted[index] if index < len(matrix.predicted) else 0
        if not rows:
            found.append(ClassScores(label, None, None, None, rows))
            continue
        # 2 hits / (rows + named) is the harmonic mean of precision and recall, and 0 where both are.
        found.append(ClassScores(label, hits / named if named else None, hits / rows, 2 * hits / (rows + named), rows))
    return found


def most_confused(matrix: Matrix, count: int) -> list[Confused]:
    """At most ``count`` (1 or more) pairs of classes, those with the most names first; equals in the matrix's order."""
    heap: list[tuple[int, int, int]] = []
    for row, cells in enumerate(matrix.counts):
        if len(heap) == count and max(cells, default=0) <= heap[0][0]:
            continue  # of 1,000 classes most rows need no second look
        for column, cell in enumerate(cells):
            place = (cell, -row, -column)
            if row == column or not cell:
                continue
            if len(heap) < count:
                heappush(heap, place)
            elif place > heap[0]:
                heapreplace(heap, place)
    return [
        Confused(matrix.labels[-row], matrix.labels[-column], cell, matrix.total(-row))
        for cell, row, column in sorted(heap, reverse=True)
    ]
