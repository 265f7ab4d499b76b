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

    start: float
    low: Point | None
    high: Point | None
    gap: Point | None
    points: int = 1

    @classmethod
    def of(cls, point: Point) -> _Bucket:
        return cls(point.x, None, None, point) if point.y is None else cls(point.x, point, point, None)

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
    """Values over x; ``add`` takes constant time for a new last point, and the points kept never pass a few thousand.

    Up to 2,048 points are kept as they are. Beyond that neighbours share a bucket, which keeps its lowest and highest
    point and any gap, so that no spike is lost however long the run. Points may come out of order.
    """

    def __init__(self) -> None:
        self._buckets: list[_Bucket] = []
        self._width = 1
        self.newest: Point | None = None
        """The point with the greatest x; of several with that x the one that came last."""

    def add(self, x: float, y: float | None, step: int = 0) -> None:
        """Add a point at its place; None is a gap."""
        point = Point(x, y, step)
        bucket = _Bucket.of(point)
        if self.newest is None or x >= self.newest.x:
            self.newest = point
            if self._buckets and self._buckets[-1].points < self._width:
                self._buckets[-1].merge(bucket)
                return
            self._buckets.append(bucket)
        else:
            place = bisect_right(self._buckets, x, key=lambda one: one.start)
            if self._width > 1:  # the bucket it falls into, or the first
                self._buckets[max(place - 1, 0)].merge(bucket)
                return
            self._buckets.insert(place, bucket)
        if len(self._buckets) > 2 * BUCKETS:
            self._halve()

    def points(self) -> list[Point]:
        """What is kept, by x. The last point is always the newest value."""
        found: list[Point] = []
        for bucket in self._buckets:
            kept = {point for point in (bucket.low, bucket.high, bucket.gap) if point is not None}
            found.extend(sorted(kept, key=lambda point: (point.x, point.step)))
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


def _height(point: Point) -> float:
    assert point.y is not None, "a gap is neither the lowest nor the highest"
    return point.y
