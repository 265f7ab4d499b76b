"""Points in columns of numbers, and buckets of neighbouring points: eight bytes a number, for many long curves."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Sequence
from math import isnan, nan

from namestui.tui.state.chart_view import XAxis

Row = tuple[float, float, float, float, float]
"""Epoch, step, value, seconds since 1970 and seconds of training; a value that is NaN is a gap."""

_NONE: Row = (nan, nan, nan, nan, nan)


class Columns:
    """Rows, column by column."""

    def __init__(self, *columns: array[float]) -> None:
        self.x, self.step, self.y, self.time, self.elapsed = columns or tuple(array("d") for _ in _NONE)

    @classmethod
    def of(cls, rows: Iterable[Row]) -> Columns:
        """The rows as columns; there is at least one."""
        return cls(*(array("d", column) for column in zip(*rows, strict=True)))

    @property
    def _all(self) -> tuple[array[float], ...]:
        return self.x, self.step, self.y, self.time, self.elapsed

    def append(self, row: Row) -> None:
        """Add a row at the end."""
        x, step, y, time, elapsed = row
        self.x.append(x)
        self.step.append(step)
        self.y.append(y)
        self.time.append(time)
        self.elapsed.append(elapsed)

    def insert(self, at: int, row: Row) -> None:
        """Put a row before that at ``at``."""
        for column, value in zip(self._all, row, strict=True):
            column.insert(at, value)

    def replace(self, at: int, row: Row) -> None:
        """Put a row in place of that at ``at``."""
        self.x[at], self.step[at], self.y[at], self.time[at], self.elapsed[at] = row

    def at(self, places: Sequence[int]) -> Columns:
        """The rows at these places."""
        return Columns(*(array("d", [column[at] for at in places]) for column in self._all))

    def row(self, at: int) -> Row:
        """One row."""
        return self.x[at], self.step[at], self.y[at], self.time[at], self.elapsed[at]

    def rows(self) -> Iterator[Row]:
        """All rows, in order."""
        return zip(self.x, self.step, self.y, self.time, self.elapsed, strict=True)

    def over(self, axis: XAxis) -> array[float]:
        """The places on an axis."""
        return {"epoch": self.x, "step": self.step, "time": self.time, "elapsed": self.elapsed}[axis]


class Buckets:
    """For every ``width`` neighbouring points: the lowest, the highest, one that was not finite, and their sums."""

    def __init__(self, points: Columns) -> None:
        self.width = 1
        self._low, self._high = points, points
        self._gap: Columns | None = None
        if any(map(isnan, points.y)):
            self._gap = Columns.of(row if isnan(row[2]) else _NONE for row in points.rows())
        self._points = array("d", [1.0] * len(points.y))
        self._finite = array("d", [0.0 if isnan(y) else 1.0 for y in points.y])
        self._sum = array("d", [0.0 if isnan(y) else y for y in points.y])
        self._below = array("d", [1.0 if y <= 0 else 0.0 for y in points.y])

    @property
    def is_open(self) -> bool:
        """Whether the last one takes another point."""
        return self._points[-1] < self.width

    def open(self, row: Row) -> None:
        """Begin another one with a point."""
        self._low.append(_NONE)
        self._high.append(_NONE)
        if self._gap is not None:
            self._gap.append(_NONE)
        for column in (self._points, self._finite, self._sum, self._below):
            column.append(0.0)
        self.add(-1, row)

    def add(self, at: int, row: Row) -> None:
        """Take a point into the one at ``at``."""
        self._points[at] += 1
        y = row[2]
        if y != y:
            if self._gap is None:
                self._gap = Columns.of([_NONE] * len(self._points))
            if isnan(self._gap.x[at]):
                self._gap.replace(at, row)
            return
        self._finite[at] += 1
        self._sum[at] += y
        if y <= 0:
            self._below[at] += 1
        if not y >= self._low.y[at]:  # or there was none
            self._low.replace(at, row)
        if not y <= self._high.y[at]:
            self._high.replace(at, row)

    def halve(self) -> None:
        """Make every two neighbours one."""
        low, high, count = self._low.y, self._high.y, len(self._points)
        left, right = range(0, count, 2), range(1, count, 2)
        odd = [count - 1] if count % 2 else []
        lows = [b if low[b] < low[a] or isnan(low[a]) else a for a, b in zip(left, right, strict=False)]
        highs = [b if high[b] > high[a] or isnan(high[a]) else a for a, b in zip(left, right, strict=False)]
        self._low, self._high = self._low.at(lows + odd), self._high.at(highs + odd)
        if self._gap is not None:
            gap = self._gap.x
            self._gap = self._gap.at([b if isnan(gap[a]) else a for a, b in zip(left, right, strict=False)] + odd)
        self._points, self._finite, self._sum, self._below = (
            array("d", [column[a] + column[b] for a, b in zip(left, right, strict=False)] + [column[a] for a in odd])
            for column in (self._points, self._finite, self._sum, self._below)
        )
        self.width *= 2

    def rows(self) -> list[Row]:
        """The points that are kept, by epoch and step."""
        found: list[Row] = []
        for low, high in zip(self._low.rows(), self._high.rows(), strict=True):
            if low[2] == low[2]:
                found += (low,) if low == high else (low, high) if low < high else (high, low)
        if self._gap is not None:
            found = sorted([*found, *(row for row in self._gap.rows() if row[0] == row[0])], key=lambda row: row[:2])
        return found

    def means(self, places: Iterable[float], samples: Iterable[float]) -> list[tuple[float, ...]]:
        """Columns, with a row for each: its place, its mean, its finite points, how many of these are not above 0, and
        its sample; a gap follows where it had one."""
        rows: list[tuple[float, ...]] = []
        gaps = self._gap.x if self._gap is not None else None
        sums = zip(places, self._sum, self._finite, self._below, samples, strict=True)
        for at, (place, total, finite, below, sample) in enumerate(sums):
            if finite:
                rows.append((place, total / finite, finite, below, sample))
            if gaps is not None and not isnan(gaps[at]):
                rows.append((place, nan, 0.0, 0.0, nan))
        return list(zip(*rows, strict=True))
