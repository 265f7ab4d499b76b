"""How the charts of a screen are looked at: axis, smoothing, limits, the part shown and the cursor; pure values."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal, get_args

XAxis = Literal["epoch", "step", "time", "elapsed"]
"""Epochs; names seen, or a loop's own steps; wall clock time; time spent training, with pauses cut out."""

X_AXES: tuple[XAxis, ...] = get_args(XAxis)
STRENGTHS = (0.0, 0.5, 0.8, 0.9, 0.95, 0.99)
"""What ``,`` and ``.`` step through; 0 does not smooth."""
MAX_ZOOM = 1e6
"""The least part of the whole axis that can be shown is one in so many."""

Span = tuple[float, float]
"""The first and the last place of a part of an x axis, in the axis' own units; ascending."""


@dataclass(frozen=True)
class ChartView:
    """The same for all charts of a screen. Every method returns a new view and leaves this one as it is."""

    x_axis: XAxis = "epoch"
    smoothing: float = 0.0
    """0 (none) to below 1: see `smoothing.smoothed`."""
    log_y: bool = False
    outliers: bool = True
    """Whether the y axis spans all values, or only the 1st to the 99th percentile of those shown."""
    span: Span | None = None
    """The part of the x axis that is shown, in its own units; None: all of it, also of what is still to come."""
    cursor: int | None = None
    """The epoch that is looked at; None: the newest."""

    def with_next_axis(self) -> ChartView:
        """The next of `X_AXES`, all of it: places on one axis mean nothing on another."""
        following = X_AXES[(X_AXES.index(self.x_axis) + 1) % len(X_AXES)]
        return replace(self, x_axis=following, span=None)

    def smoother(self) -> ChartView:
        """One strength more."""
        return replace(self, smoothing=next((one for one in STRENGTHS if one > self.smoothing), STRENGTHS[-1]))

    def rougher(self) -> ChartView:
        """One strength less; the least is none."""
        return replace(self, smoothing=next((one for one in STRENGTHS[::-1] if one < self.smoothing), STRENGTHS[0]))

    def toggled_outliers(self) -> ChartView:
        """Limits about all values, or without the lowest and highest hundredth."""
        return replace(self, outliers=not self.outliers)

    def toggled_log(self) -> ChartView:
        """A logarithmic y axis, or a linear one."""
        return replace(self, log_y=not self.log_y)

    def zoomed(self, factor: float, around: float | None, limits: Span) -> ChartView:
        """Show a ``factor``-th of what is shown (below 1: more); ``around`` (None: the middle) stays where it is.

        ``limits`` is the whole of the axis, which nothing passes; who shows all of it again follows what comes.
        """
        low, high = self.span or limits
        middle = (low + high) / 2 if around is None else min(max(around, low), high)
        least = (limits[1] - limits[0]) / MAX_ZOOM
        length = max((high - low) / factor, least)
        share = (middle - low) / (high - low) if high > low else 0.5
        return self._showing(middle - share * length, length, limits)

    def panned(self, share: float, limits: Span) -> ChartView:
        """Show what lies ``share`` of the shown span further right (negative: left), within ``limits``."""
        if self.span is None:
            return self
        low, high = self.span
        return self._showing(low + share * (high - low), high - low, limits)

    def unzoomed(self) -> ChartView:
        """Show all."""
        return replace(self, span=None)

    def moved(self, step: int, first: int, last: int) -> ChartView:
        """The cursor ``step`` epochs further, between the ``first`` and the ``last`` there are.

        Who is live stands on the last, and stays live when moving right.
        """
        if self.cursor is None and (step >= 0 or last <= first):
            return self
        return self.at((last if self.cursor is None else self.cursor) + step, first, last)

    def at(self, epoch: int, first: int, last: int) -> ChartView:
        """The cursor on this epoch, or on the nearest that there is; where there is none, live."""
        return replace(self, cursor=None if last < first else min(max(epoch, first), last))

    def live(self) -> ChartView:
        """Without a cursor: all that follows it shows the newest."""
        return replace(self, cursor=None)

    def _showing(self, low: float, length: float, limits: Span) -> ChartView:
        if length >= limits[1] - limits[0]:
            return replace(self, span=None)
        low = min(max(low, limits[0]), limits[1] - length)
        return replace(self, span=(low, low + length))


ALL_LIVE = ChartView()
"""All of the epochs as they are, without a cursor: what a screen begins with."""
