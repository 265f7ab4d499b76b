"""What a chart is given to show."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import isfinite
from typing import Literal

from namestui.runs.text import Inert
from namestui.tui.state.chart_view import XAxis
from namestui.tui.state.curve import Curve, Means
from namestui.tui.widgets.chart.hues import Role
from namestui.tui.words.format import loss_text

Best = Literal["", "highest", "lowest"]


@dataclass(frozen=True)
class Series:
    """One curve of a chart; `xs` and `ys` are of one length (a longer one is cut)."""

    name: Inert
    """As the legend has it."""
    xs: Sequence[float]
    """Positions on the axis that is shown, ascending, such as epochs counted from 1."""
    ys: Sequence[float | None]
    """Values; None or a number that is not finite leaves a gap in the line."""
    role: Role | int
    """What the curve stands for, which decides its hue and its stroke; a number is that of a run."""
    epochs: Sequence[float] | None = None
    """The epoch of each point, where `xs` are something else."""
    means: Means | None = None
    """What to smooth, where `xs` and `ys` do not hold all points."""
    width: int = 1
    """How many neighbouring points were thinned out to at most three."""
    best: Best = ""
    """Which of its points is the best, if that is to be marked."""
    is_focused: bool = False
    """Whether it stands out: those that do not are dim where one does."""

    @classmethod
    def of(cls, curve: Curve, axis: XAxis, name: Inert, role: Role | int, best: Best = "") -> Series:
        """A curve over an axis."""
        track = curve.track(axis)
        return cls(name, track.xs, track.ys, role, track.epochs, track.means, track.width, best)

    def frozen(self) -> Series:
        """A copy that does not change when the caller's lists grow."""
        epochs = None if self.epochs is None else tuple(self.epochs)
        return replace(self, xs=tuple(self.xs), ys=tuple(self.ys), epochs=epochs)

    def latest(self) -> str:
        """The last value (there is one) to four digits, after a space, in seven characters or more: `    NaN`."""
        return value_text(self.ys[-1])

    @property
    def has_points(self) -> bool:
        """Whether anything can be drawn of it on a linear axis."""
        return any(y is not None and isfinite(y) for y in self.ys)

    @property
    def length(self) -> int:
        """How many points it has."""
        return min(len(self.xs), len(self.ys))

    def epoch(self, at: int) -> float:
        """The epoch of a point."""
        return self.xs[at] if self.epochs is None else self.epochs[at]

    def nearest(self, x: float) -> int:
        """The point that is nearest to a place on the axis; there is at least one."""
        return _nearest(self.xs[: self.length], x)

    def nearest_epoch(self, epoch: float) -> int:
        """The point that is nearest to an epoch; there is at least one."""
        return _nearest((self.xs if self.epochs is None else self.epochs)[: self.length], epoch)

    def best_point(self) -> int | None:
        """The first of its best points, where it has one that is finite and it is to be marked."""
        finite = [(y, -at) for at, y in enumerate(self.ys[: self.length]) if y is not None and isfinite(y)]
        if not self.best or not finite:
            return None
        return -(max(finite) if self.best == "highest" else max((-y, at) for y, at in finite))[1]


def value_text(value: float | None) -> str:
    """A value to four digits, after a space, in seven characters or more: `    NaN`."""
    text = f"{value}" if value is not None and abs(value) == float("inf") else loss_text(value).strip()
    return f" {text:>6}"


def _nearest(places: Sequence[float], place: float) -> int:
    """The index of the nearest of ascending places; of two as near the first."""
    at = bisect_left(places, place)
    if at == len(places) or (at and place - places[at - 1] <= places[at] - place):
        at -= 1
    return bisect_left(places, places[at])
