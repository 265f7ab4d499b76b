"""Thin a curve out to what a row of screen columns can show, without losing its spikes."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from itertools import islice
from math import isfinite
from operator import le

Segment = tuple[list[float], list[float]]
"""The xs and ys of points that one unbroken line joins; at least one point, ascending in x."""


def downsample(
    xs: Sequence[float], ys: Sequence[float | None], x_limits: tuple[float, float], columns: int
) -> list[Segment]:
    """Keep the lowest and the highest point of every column, in order, split where the curve has gaps.

    The span `x_limits` is cut into `columns` equal columns. Points outside it are left out but the nearest on either
    side, to which the line leads; left out are also points whose x or y is not finite or is None: these are gaps, and
    two kept points share a segment only if no gap lies between them. Returns at most `2 * columns + 2` points in all;
    fewer points than that are all returned.
    """
    points_x, points_y, breaks = _finite(xs, ys)
    kept = _extremes(points_x, points_y, x_limits, max(1, columns))
    segments: list[Segment] = []
    last_break = -1
    for index in kept:
        breaks_before = bisect_right(breaks, index)
        if breaks_before != last_break:
            segments.append(([], []))
            last_break = breaks_before
        segments[-1][0].append(points_x[index])
        segments[-1][1].append(points_y[index])
    return segments


def _finite(xs: Sequence[float], ys: Sequence[float | None]) -> tuple[Sequence[float], Sequence[float], list[int]]:
    """The finite points, ascending in x, and the indices of those that follow a gap."""
    count = min(len(xs), len(ys))
    xs, ys = xs[:count], ys[:count]
    if not _ascending(xs):
        pairs = sorted(((x, y) for x, y in zip(xs, ys, strict=True) if isfinite(x)), key=lambda pair: pair[0])
        xs, ys = [x for x, _ in pairs], [y for _, y in pairs]
    points_x: list[float] = []
    points_y: list[float] = []
    breaks: list[int] = []
    start = 0
    for gap in [*_gaps(ys), len(xs)]:
        if gap > start:
            if points_x:
                breaks.append(len(points_x))
            points_x += xs[start:gap]
            points_y += ys[start:gap]  # type: ignore[arg-type]  # no None lies between two gaps
        start = gap + 1
    return points_x, points_y, breaks


def _gaps(ys: Sequence[float | None]) -> list[int]:
    if None not in ys and all(map(isfinite, ys)):  # type: ignore[arg-type]
        return []  # the usual case, found fast
    return [index for index, y in enumerate(ys) if y is None or not isfinite(y)]


def _ascending(xs: Sequence[float]) -> bool:
    """Whether all are finite and none is below the one before."""
    if not xs:
        return True
    return isfinite(xs[0]) and isfinite(xs[-1]) and all(map(le, xs, islice(xs, 1, None)))


def _extremes(xs: Sequence[float], ys: Sequence[float], x_limits: tuple[float, float], columns: int) -> list[int]:
    """Indices of every column's lowest and highest point, ascending."""
    low, high = x_limits
    start, end = bisect_left(xs, low), bisect_right(xs, high)
    before, after = [start - 1] * (start > 0), [end] * (end < len(xs))
    if end - start <= 2 * columns:
        return [*before, *range(start, end), *after]
    kept = before
    for column in range(columns):
        edge = low + (high - low) * (column + 1) / columns
        stop = end if column == columns - 1 else bisect_left(xs, edge, start, end)
        if stop > start:
            inside = ys[start:stop]
            lowest = start + inside.index(min(inside))
            highest = start + inside.index(max(inside))
            kept += sorted({lowest, highest})
        start = stop
    return kept + after
