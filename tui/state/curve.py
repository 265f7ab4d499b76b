"""A curve of any length in bounded room: what a chart can show of it, spikes and gaps included."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass

BUCKETS = 1024
"""Buckets after a merge; twice as many before the next one. More than a terminal has columns of dots."""


@dataclass(slots=True)
class _Bucket:
    """Neighbouring points: the lowest, the highest, and whether one was not finite; none is left of ``start``."""

    start: float
    low: tuple[float, float] | None
    high: tuple[float, float] | None
    gap_at: float | None
    points: int = 1

    def merge(self, other: _Bucket) -> None:
        """Take in a neighbour."""
        self.start = min(self.start, other.start)
        if other.low is not None and (self.low is None or other.low[1] < self.low[1]):
            self.low = other.low
        if other.high is not None and (self.high is None or other.high[1] > self.high[1]):
            self.high = other.high
        self.gap_at = other.gap_at if self.gap_at is None else self.gap_at
        self.points += other.points


class Curve:
    """Values over a growing x; ``append`` takes constant time, and the points kept never pass a few thousand.

    Up to 2,048 points are kept as they are. Beyond that neighbours share a bucket, which keeps its lowest and highest
    point and any gap, so that no spike is lost however long the run.
    """

    def __init__(self) -> None:
        self._buckets: list[_Bucket] = []
        self._width = 1
        self.last: float | None = None
        self.last_x: float | None = None

    def append(self, x: float, y: float | None) -> None:
        """Add a point, normally to the right of all others; None is a gap. One at the x of another takes its place."""
        bucket = _Bucket(x, None, None, x) if y is None else _Bucket(x, (x, y), (x, y), None)
        if self.last_x is not None and x <= self.last_x:
            self._put_between(bucket)
            self.last = y if x == self.last_x else self.last
            return
        self.last, self.last_x = y, x
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

    def points(self) -> tuple[list[float], list[float | None]]:
        """What is kept, by x; a gap is a y of None. The last point is always the newest value."""
        found: list[tuple[float, float | None]] = []
        for bucket in self._buckets:
            kept: set[tuple[float, float | None]] = {point for point in (bucket.low, bucket.high) if point is not None}
            if bucket.gap_at is not None:
                kept.add((bucket.gap_at, None))
            found.extend(sorted(kept, key=lambda point: point[0]))
        if found and self.last_x is not None and found[-1][0] != self.last_x:
            found.append((self.last_x, self.last))
        return [x for x, _ in found], [y for _, y in found]

    def _halve(self) -> None:
        pairs = zip(self._buckets[::2], self._buckets[1::2], strict=False)
        odd = self._buckets[-1] if len(self._buckets) % 2 else None
        merged = []
        for left, right in pairs:
            left.merge(right)
            merged.append(left)
        self._buckets = [*merged, odd] if odd is not None else merged
        self._width *= 2
