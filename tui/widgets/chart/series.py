"""What a chart is given to show."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite, isnan

from namestui.tui.widgets.chart.canvas import Role


@dataclass(frozen=True)
class Series:
    """One curve of a chart; `xs` and `ys` are of one length (a longer one is cut)."""

    name: str
    """As the legend has it."""
    xs: Sequence[float]
    """Positions, such as epochs counted from 1."""
    ys: Sequence[float | None]
    """Values; None or a number that is not finite leaves a gap in the line."""
    role: Role
    """What the curve stands for, which decides its hue and its stroke."""

    def frozen(self) -> Series:
        """A copy that does not change when the caller's lists grow."""
        return Series(self.name, tuple(self.xs), tuple(self.ys), self.role)

    def latest(self) -> str:
        """The last value in six characters, or as many as it takes: ` 0.512`, `   NaN`."""
        value = self.ys[-1] if self.ys else None
        if value is None or isnan(value):
            return "   NaN" if self.ys else "     -"
        if not isfinite(value):
            return f"{value:>6}"
        return f"{value:6.3f}" if abs(value) < 100 else f"{value:6.4g}"
