"""Everything that decides a picture of curves but its size and its colours, and what can be read from it."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import inf, isfinite
from typing import NamedTuple

from namestui.tui.state.chart_view import ALL_LIVE, ChartView, Span, XAxis
from namestui.tui.state.percentiles import OUTLIERS, percentiles
from namestui.tui.state.training_clock import Break
from namestui.tui.widgets.chart.series import Series
from namestui.tui.widgets.chart.ticks import clamp, ordered


class Reading(NamedTuple):
    """What a curve says where the cursor stands: a value, and the epoch that it is of."""

    series: Series
    value: float | None
    epoch: float


@dataclass(frozen=True)
class Plot:
    """Curves, and how they are looked at."""

    series: tuple[Series, ...] = ()
    x_limits: Span = (0.0, 1.0)
    """The whole of the x axis."""
    y_limits: tuple[float, float] | None = None
    view: ChartView = ALL_LIVE
    x_axis: XAxis = "epoch"
    """What `x_limits` and the curves lie over: where that is not the view's, there is nothing of that kind to show."""
    x_name: str = "epoch"
    breaks: tuple[Break, ...] = ()
    """Where time is cut out of the axis."""

    @property
    def span(self) -> Span:
        """The part of the x axis that is shown."""
        span = self.view.span if self.x_axis == self.view.x_axis else None
        return ordered(span or self.x_limits)

    @property
    def measured(self) -> list[Series]:
        """The curves that have values, which lines of reference have not."""
        return [one for one in self.series if one.role != "reference" and one.length]

    @property
    def lead(self) -> Series | None:
        """The curve that the cursor follows: the focused one, else the first."""
        focused = [one for one in self.measured if one.is_focused]
        return next(iter(focused or self.measured), None)

    @property
    def cursor(self) -> float | None:
        """Where the cursor stands on the x axis; None where it does not."""
        epoch, lead = self.view.cursor, self.lead
        if epoch is None or lead is None:
            return None
        return float(epoch) if self.x_axis == "epoch" else lead.xs[lead.nearest_epoch(epoch)]

    def epoch_at(self, x: float) -> int | None:
        """The epoch of the point that is nearest to a place on the axis."""
        return None if self.lead is None else round(self.lead.epoch(self.lead.nearest(x)))

    def readings(self) -> list[Reading]:
        """The value of every curve at the cursor, or nearest to it; where there is none, the newest."""
        at = self.cursor
        points = [(one, one.length - 1 if at is None else one.nearest(at)) for one in self.measured]
        return [Reading(one, one.ys[point], one.epoch(point)) for one, point in points]

    def y_range(self) -> tuple[float, float] | None:
        """Between which values (clamped) what is shown lies, by the view without outliers; None where nothing can be.

        Lines of reference do not count: they are drawn where they fall inside.
        """
        if self.y_limits is not None:
            return self.y_limits
        values = [y for one in self.series for y in self._shown(one)]
        if not values:
            return None
        if self.view.outliers:
            return clamp(min(values)), clamp(max(values))
        counted = [*((y, 1.0) for y in values), *self._thinned_out()]
        low, high = (clamp(limit) for limit in percentiles(counted, OUTLIERS))
        return low, high

    def not_positive(self) -> int:
        """How many of the points shown have no logarithm."""
        found = 0.0
        for one in self.measured:
            if one.means is not None:
                start, end = _inside(one.means.xs, self.span)
                found += sum(one.means.below[start:end])
            else:
                start, end = _inside(one.xs, self.span)
                found += sum(y is not None and y <= 0 and isfinite(y) for y in one.ys[start:end])
        return round(found)

    @property
    def thinned(self) -> int:
        """How many neighbouring points stand as three where only a part is shown; 1: all are there."""
        is_part = self.view.span is not None and self.x_axis == self.view.x_axis
        return max((one.width for one in self.measured), default=1) if is_part else 1

    def _shown(self, one: Series) -> list[float]:
        """The values of a curve within the span that can be drawn."""
        if one.role == "reference" and self.measured:
            return []
        start, end = _inside(one.xs, self.span)
        if start == end:  # between two points: the line from one to the other
            start, end = max(start - 1, 0), end + 1
        least = 0.0 if self.view.log_y else -inf
        return [y for y in one.ys[start:end] if y is not None and least < y < inf]

    def _thinned_out(self) -> Iterator[tuple[float, float]]:
        """Samples of the points within the span that are not kept, with how many of these each stands for."""
        least = 0.0 if self.view.log_y else -inf
        for one in self.measured:
            if one.means is not None and one.width > 1:
                start, end = _inside(one.means.xs, self.span)
                weighed = zip(one.means.samples[start:end], one.means.counts[start:end], strict=True)
                yield from ((y, count - 2) for y, count in weighed if count > 2 and least < y < inf)


def _inside(xs: Sequence[float], span: Span) -> tuple[int, int]:
    """The first of the ascending places that lie in the span, and the first behind it."""
    return bisect_left(xs, span[0]), bisect_right(xs, span[1])
