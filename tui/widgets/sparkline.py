"""A course over time in a few rows of blocks; pure functions, no widget."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence

from namestui.tui.words.machine import Fold, Point

_FOLDS: dict[Fold, Callable[[list[tuple[float, float]]], float]] = {
    "mean": lambda parts: sum(value * weight for value, weight in parts) / sum(weight for _, weight in parts),
    "max": lambda parts: max(value for value, _ in parts),
    "min": lambda parts: min(value for value, _ in parts),
}


def columns(points: Iterable[Point], begin: float, end: float, count: int, fold: Fold) -> list[float | None]:
    """The value in each of ``count`` equal parts of the time from ``begin`` to ``end``; None: nothing was measured.

    A mean is weighted by how long each point lasts within the part.
    """
    width = (end - begin) / count
    parts: list[list[tuple[float, float]]] = [[] for _ in range(count)]
    for point in points:
        first = max(0, math.floor((point.begin - begin) / width))
        last = min(count - 1, math.ceil((point.end - begin) / width) - 1)
        for column in range(first, last + 1):
            left = begin + column * width
            shared = min(point.end, left + width) - max(point.begin, left)
            if shared > 1e-9 * width:
                parts[column].append((point.value, shared))
    return [_FOLDS[fold](part) if part else None for part in parts]


def bars(values: Sequence[float | None], high: float, height: int, levels: str) -> list[str]:
    """``height`` rows, the upper first, of bars from 0 to ``high``; ``levels`` are a cell's fillings, lowest first.

    What was measured has at least the lowest of them, and so differs from what was not.
    """
    steps = len(levels)
    filled = [
        0 if value is None else max(1, min(round(value / high * steps * height), steps * height)) if high > 0 else 1
        for value in values
    ]
    return [
        "".join(" " if (above := count - row * steps) <= 0 else levels[min(above, steps) - 1] for count in filled)
        for row in range(height - 1, -1, -1)
    ]
