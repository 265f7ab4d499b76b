"""What a chart is given to show."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite

from namestui.runs.text import Inert
from namestui.tui.widgets.chart.hues import Role
from namestui.tui.words.format import loss_text


@dataclass(frozen=True)
class Series:
    """One curve of a chart; `xs` and `ys` are of one length (a longer one is cut)."""

    name: Inert
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
        """The last value (there is one) to four digits, after a space, in seven characters or more: `    NaN`."""
        value = self.ys[-1]
        text = f"{value}" if value is not None and abs(value) == float("inf") else loss_text(value).strip()
        return f" {text:>6}"

    @property
    def has_points(self) -> bool:
        """Whether anything can be drawn of it on a linear axis."""
        return any(y is not None and isfinite(y) for y in self.ys)
