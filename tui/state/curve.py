"""A curve of any length in bounded room: what a chart can show of it, spikes and gaps included."""

from __future__ import annotations

from bisect import bisect_left
from itertools import pairwise
from math import isfinite, nan
from typing import NamedTuple

from namestui.tui.state.buckets import Buckets, Columns, Row
from namestui.tui.state.chart_view import XAxis

BUCKETS = 1024
"""Buckets after a merge; twice as many before the next one. More than a terminal has columns of dots."""


class Point(NamedTuple):
    """A value after ``x`` epochs and ``step`` steps or names seen (0: not counted); None is a gap.

    ``time`` is in seconds since 1970, ``elapsed`` in seconds of training since the start (both 0 where unknown).
    """

    x: float
    y: float | None
    step: int = 0
    time: float = 0.0
    elapsed: float = 0.0


class Means(NamedTuple):
    """What a curve was smoothed from: the mean of neighbouring points, placed at the last of them; NaN is a gap.

    ``counts`` are the finite points of each, ``below`` how many of them are not above 0, ``samples`` the last
    point of each, which stands for those that are not kept (NaN where it is a gap).
    """

    xs: tuple[float, ...] = ()
    ys: tuple[float, ...] = ()
    counts: tuple[float, ...] = ()
    below: tuple[float, ...] = ()
    samples: tuple[float, ...] = ()


class Track(NamedTuple):
    """A curve over one axis, ascending: the points that are kept (NaN is a gap), and the epoch of each."""

    xs: tuple[float, ...]
    ys: tuple[float, ...]
    epochs: tuple[float, ...]
    means: Means
    width: int
    """How many neighbouring points share a mean and at most three of the points; 1: all points are there."""


class Curve:
    """Values over a growing x; ``append`` takes constant time, and the points kept never pass a few thousand.

    Up to 2,048 points are kept as they are. Beyond that neighbours share a bucket, which keeps its lowest and highest
    point and any gap, so that no spike is lost however long the run; and its mean, for smoothing.
    """

    def __init__(self) -> None:
        self._last = Columns()
        """Every point, or beyond 2,048 the last one of every bucket."""
        self._buckets: Buckets | None = None
        self._kept: Columns | None = None
        self._tracks: dict[XAxis, Track] = {}

    @property
    def first(self) -> Point | None:
        """The leftmost point that is kept as a last one of its bucket."""
        return _point(self._last.row(0)) if self._last.x else None

    @property
    def newest(self) -> Point | None:
        """The point that is farthest to the right."""
        return _point(self._last.row(-1)) if self._last.x else None

    @property
    def width(self) -> int:
        """How many neighbouring points share a bucket; 1: all points are kept."""
        return self._buckets.width if self._buckets is not None else 1

    def append(self, x: float, y: float | None, step: int = 0, time: float = 0.0, elapsed: float = 0.0) -> None:
        """Add a point, normally to the right of all others; None is a gap. One at the place of another replaces it."""
        row = (x, float(step), nan if y is None or not isfinite(y) else y, time, elapsed)
        self._kept = None
        self._tracks.clear()
        last, buckets = self._last, self._buckets
        if last.x and (x < last.x[-1] or (x == last.x[-1] and step <= last.step[-1])):
            self._put_between(row)
        elif buckets is None:
            last.append(row)
        elif buckets.is_open:
            buckets.add(-1, row)
            last.replace(-1, row)
        else:
            buckets.open(row)
            last.append(row)
        if len(last.x) > 2 * BUCKETS:
            self._halve()

    def points(self) -> list[Point]:
        """What is kept, by x. The last point is always the newest value."""
        return [_point(row) for row in self._columns().rows()]

    def track(self, axis: XAxis) -> Track:
        """What is kept, over ``axis``; the same object until a point is added."""
        if axis not in self._tracks:
            self._tracks[axis] = self._track(axis)
        return self._tracks[axis]

    def _put_between(self, row: Row) -> None:
        """Add a point that comes late: its epoch was trained again for a record that had lost it."""
        last = self._last
        at = bisect_left(range(len(last.x)), row[:2], key=lambda index: (last.x[index], last.step[index]))
        is_there = (last.x[at], last.step[at]) == row[:2]
        if self._buckets is not None:
            self._buckets.add(at, row)
        if is_there:
            last.replace(at, row)
        elif self._buckets is None:
            last.insert(at, row)

    def _halve(self) -> None:
        if self._buckets is None:
            self._buckets = Buckets(self._last)
        self._buckets.halve()
        odd = [len(self._last.x) - 1] if len(self._last.x) % 2 else []
        self._last = self._last.at([*range(1, len(self._last.x), 2), *odd])

    def _columns(self) -> Columns:
        if self._buckets is None:
            return self._last
        if self._kept is None:
            rows = self._buckets.rows()
            newest = self._last.row(-1)
            self._kept = Columns.of([*rows, newest] if rows[-1][:2] != newest[:2] else rows)
        return self._kept

    def _track(self, axis: XAxis) -> Track:
        kept = self._columns()
        xs, ys, epochs = tuple(kept.over(axis)), tuple(kept.y), tuple(kept.x)
        if self._buckets is None:
            counts = tuple(0.0 if y != y else 1.0 for y in ys)
            means = Means(xs, ys, counts, tuple(1.0 if y <= 0 else 0.0 for y in ys), ys)
        else:
            means = Means(*self._buckets.means(self._last.over(axis), self._last.y))
        if any(left > right for left, right in pairwise(xs)):  # trained again, later
            order = sorted(range(len(xs)), key=xs.__getitem__)
            xs, ys, epochs = (tuple(column[at] for at in order) for column in (xs, ys, epochs))
            order = sorted(range(len(means.xs)), key=means.xs.__getitem__)
            means = Means(*(tuple(column[at] for at in order) for column in means))
        return Track(xs, ys, epochs, means, self.width)


def _point(row: Row) -> Point:
    x, step, y, time, elapsed = row
    return Point(x, y if isfinite(y) else None, int(step), time, elapsed)
