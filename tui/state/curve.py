"""A curve of any length in bounded room: what a chart can show of it, spikes and gaps included."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from typing import NamedTuple

BUCKETS = 1024
"""Buckets after a merge; twice as many before the next one. More than a terminal has columns of dots."""


class Point(NamedTuple):
    """A value after ``x`` epochs and ``step`` steps (0: not counted); None is a gap."""

    x: float
    y: float | None
    step: int = 0


@dataclass(slots=True)
class _Bucket:
    """Neighbouring points from ``start`` on: the lowest, the highest, and one that was not finite."""

    start: tuple[float, int]
    low: Point | None
    high: Point | None
    gap: Point | None
    points: int = 1

    @classmethod
    def of(cls, point: Point) -> _Bucket:
        return cls(_place(point), None, None, point) if point.y is None else cls(_place(point), point, point, None)

    def merge(self, other: _Bucket) -> None:
        """Take in the points of another bucket."""
        if other.low is not None and (self.low is None or _height(other.low) < _height(self.low)):
            self.low = other.low
        if other.high is not None and (self.high is None or _height(other.high) > _height(self.high)):
            self.high = other.high
        self.gap = other.gap if self.gap is None else self.gap
        self.start = min(self.start, other.start)
        self.points += other.points


class Curve:
    """Values over a growing x; ``append`` takes constant time, and the points kept never pass a few thousand.

    Up to 2,048 points are kept as they are. Beyond that neighbours share a bucket, which keeps its lowest and highest
    point and any gap, so that no spike is lost however long the run.
    """

    def __init__(self) -> None:
        self._buckets: list[_Bucket] = []
        self._width = 1
        self.newest: Point | None = None
        """The point that is farthest to the right."""

    def append(self, x: float, y: float | None, step: int = 0) -> None:
        """Add a point, normally to the right of all others; None is a gap. One at the place of another replaces it."""
        point = Point(x, y, step)
        bucket = _Bucket.of(point)
        if self.newest is not None and _place(point) <= _place(self.newest):
            self._put_between(bucket)
            if _place(point) == _place(self.newest):
                self.newest = point
            return
        self.newest = point
        if self._buckets and self._buckets[-1].points < self._width:
            self._buckets[-1].merge(bucket)
            return
        self._buckets.append(bucket)
        if len(self._buckets) > 2 * BUCKETS:
            self._halve()

    def _put_between(self, bucket: _Bucket) -> None:
        """Add a point that comes late: its epoch was trained again for a record that had lost it."""
        after = bisect_right(self._buckets, bucket.start, key=lambda one: one.start)
        if self._width > 1:
            self._buckets[max(after - 1, 0)].merge(bucket)
        elif after and self._buckets[after - 1].start == bucket.start:
            self._buckets[after - 1] = bucket
        else:
            self._buckets.insert(after, bucket)
            if len(self._buckets) > 2 * BUCKETS:
                self._halve()

    def points(self) -> list[Point]:
        """What is kept, by x. The last point is always the newest value."""
        found: list[Point] = []
        for bucket in self._buckets:
            kept = {point for point in (bucket.low, bucket.high, bucket.gap) if point is not None}
            found.extend(sorted(kept, key=_place))
        if self.newest is not None and found[-1] != self.newest:
            found.append(self.newest)
        return found

    def _halve(self) -> None:
        pairs = zip(self._buckets[::2], self._buckets[1::2], strict=False)
        odd = self._buckets[-1] if len(self._buckets) % 2 else None
        merged = []
        for left, right in pairs:
            left.merge(right)
            merged.append(left)
        self._buckets = [*merged, odd] if odd is not None else merged
        self._width *= 2


def _place(point: Point) -> tuple[float, int]:
    return point.x, point.step


def _height(point: Point) -> float:
    assert point.y is not None, "a gap is neither the lowest nor the highest"
    return point.y
