"""Where in a chart what is drawn: its canvas, its axes, the margin for numbers at the ends of lines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite, log10

from namestui.tui.widgets.chart.canvas import Place
from namestui.tui.widgets.chart.plot import Plot
from namestui.tui.widgets.chart.series import value_text
from namestui.tui.widgets.chart.strokes import Stroke, strokes_of
from namestui.tui.widgets.chart.ticks import Axis, linear_axis, log_axis
from namestui.tui.widgets.chart.x_ticks import x_axis
from namestui.tui.widgets.glyphs import Glyphs

LABELS = (5, 8, 11)
"""Widths of the labels at the vertical axis; the narrowest that holds them all, so that the axis seldom moves."""
_SMALLEST_WITH_AXES = (20, 4)
_LARGEST_MARGIN = 3
"""One part in so many of a chart's width."""


@dataclass(frozen=True)
class Frame:
    """A plot at a size; `columns` and `rows` are those of the canvas."""

    plot: Plot
    strokes: Sequence[Stroke]
    x_axis: Axis
    y_axis: Axis
    columns: int
    rows: int
    label: int
    """Columns of the labels at the vertical axis; 0: no axes."""
    end_texts: dict[int, str]
    """What stands at the ends of the lines of runs, by their numbers."""
    margin: int
    """Columns for it right of the canvas."""

    @property
    def gutter(self) -> int:
        """Columns left of the canvas."""
        return self.label + 1 if self.label else 0

    def cell(self, x: float, y: float) -> Place:
        """The cell of the canvas in which a point (its `y` as the axis has it) is drawn."""
        return (
            self.rows - 1 - self.y_axis.cell(y, self.rows, 4),
            self.x_axis.cell(x, self.columns, 2),
        )

    def cell_of(self, x: float, y: float | None) -> Place | None:
        """As `cell`, for a value in its own units; None where it is not on the canvas."""
        if y is None or not isfinite(y) or (self.plot.view.log_y and y <= 0):
            return None
        height = log10(y) if self.plot.view.log_y else y
        if not (self.x_axis.low <= x <= self.x_axis.high and self.y_axis.low <= height <= self.y_axis.high):
            return None
        return self.cell(x, height)

    def x_at(self, column: int) -> float:
        """The place on the x axis of a column of the chart."""
        return self.x_axis.at(column - self.gutter, self.columns)


def frame_of(plot: Plot, size: tuple[int, int], glyphs: Glyphs) -> Frame | None:
    """The plot in ``size`` (columns, rows); None where no point can be drawn."""
    width, height = size
    around = plot.y_range()
    if around is None:
        return None
    rows = height - (height >= _SMALLEST_WITH_AXES[1])
    y_axis = _y_axis(around, rows, plot)
    longest = max((len(text) for _, text in y_axis.ticks), default=0)
    label = next((width for width in LABELS if width >= longest), longest)
    if width < max(_SMALLEST_WITH_AXES[0], label + 10) or height < _SMALLEST_WITH_AXES[1]:
        label, rows = 0, height
    gutter = label + 1 if label else 0
    texts = _end_texts(plot)
    margin = _margin(texts, rows, width - gutter)
    columns = width - gutter - margin
    strokes = strokes_of(plot, columns * glyphs.pen.dots)
    low, high = plot.span
    if not any(xs[0] <= high and xs[-1] >= low for stroke in strokes for xs, _ in stroke.segments):
        return None
    return Frame(plot, strokes, x_axis(plot.x_axis, plot.span, columns), y_axis, columns, rows, label, texts, margin)


def _y_axis(around: tuple[float, float], rows: int, plot: Plot) -> Axis:
    is_fixed = plot.y_limits is not None
    if not plot.view.log_y:
        return linear_axis(around, rows, is_fixed)
    low, high = around
    if not high > 0 or not isfinite(high):
        low, high = 0.1, 1.0
    return log_axis((log10(low) if low > 0 else log10(high) - 1, log10(high)), rows, is_fixed)


def _end_texts(plot: Plot) -> dict[int, str]:
    """The number of every run, with its value where the cursor stands."""
    numbers = [one.role for one in plot.measured if isinstance(one.role, int)]
    if plot.cursor is None:
        return {number: f"{number}" for number in numbers}
    return {
        one.series.role: f"{one.series.role}{value_text(one.value)}"
        for one in plot.readings()
        if isinstance(one.series.role, int)
    }


def _margin(texts: dict[int, str], rows: int, width: int) -> int:
    """Columns for the texts, several in a row where the rows do not suffice; at most a part of the width."""
    if not texts:
        return 0
    longest = 1 + max(map(len, texts.values()))
    beside = -(-len(texts) // max(rows, 1))
    return min(longest * beside + 1, width // _LARGEST_MARGIN)
