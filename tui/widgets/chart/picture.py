"""A chart as lines of styled text: the axes around the canvas."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import isfinite, log10

from rich.segment import Segment as Cells
from rich.style import Style
from textual.strip import Strip

from namestui.tui.widgets.chart.canvas import Run, Stroke, draw
from namestui.tui.widgets.chart.downsample import downsample
from namestui.tui.widgets.chart.series import Series
from namestui.tui.widgets.chart.ticks import Axis, clamp, epoch_axis, linear_axis, log_axis, ordered
from namestui.tui.widgets.glyphs import Glyphs

LABELS = (5, 8, 11)
"""Widths of the labels at the vertical axis; the narrowest that holds them all, so that the axis seldom moves."""
_SMALLEST_WITH_AXES = (20, 4)


@dataclass(frozen=True)
class Curves:
    """Everything that decides a picture but its size and its colours."""

    series: tuple[Series, ...] = ()
    x_limits: tuple[float, float] = (0.0, 1.0)
    y_limits: tuple[float, float] | None = None
    log_y: bool = False
    x_name: str = "epoch"

    def strokes(self, columns: int) -> list[Stroke]:
        """The series thinned out to what can be seen in so many columns of dots, on the scale they are drawn in."""
        return [self._stroke(one, max(1, columns)) for one in self.series]

    def _stroke(self, series: Series, columns: int) -> Stroke:
        ys = series.ys
        if self.log_y:
            ys = [log10(y) if y is not None and isfinite(y) and y > 0 else None for y in ys]
        pieces = downsample(series.xs, ys, ordered(self.x_limits), columns)
        return Stroke(series.role, [(xs, [clamp(y) for y in piece]) for xs, piece in pieces])

    def y_axis(self, strokes: list[Stroke], height: int) -> Axis:
        """The vertical axis; ``strokes`` hold at least one point."""
        values = [y for stroke in strokes for _, ys in stroke.segments for y in ys]
        around = min(values), max(values)
        limits, most = self.y_limits, max(2, min(5, height // 2))
        if not self.log_y:
            return linear_axis(limits or around, most, limits is not None)
        if limits is None:
            return log_axis(around, most, False)
        low, high = (
            log10(limit) if limit > 0 and isfinite(limit) else end for limit, end in zip(limits, around, strict=True)
        )
        return log_axis((low, high), most, True)


def lines_of(
    curves: Curves,
    size: tuple[int, int],
    glyphs: Glyphs,
    styles: Mapping[str | None, Style],
    *,
    dashed: bool,
) -> list[Strip]:
    """The chart in ``size`` (columns, rows); empty where no point can be drawn."""
    width, height = size
    strokes = curves.strokes((width - LABELS[0] - 1) * glyphs.pen.dots)
    if not any(stroke.segments for stroke in strokes):
        return []
    y_axis = curves.y_axis(strokes, height)
    longest = max((len(text) for _, text in y_axis.ticks), default=0)
    label = next((width for width in LABELS if width >= longest), longest)
    with_axes = width >= max(_SMALLEST_WITH_AXES[0], label + 10) and height >= _SMALLEST_WITH_AXES[1]
    gutter = label + 1 if with_axes else 0
    columns, rows = width - gutter, height - with_axes
    x_axis = epoch_axis(curves.x_limits, columns)
    limits = (x_axis.low, x_axis.high), (y_axis.low, y_axis.high)
    runs = draw(strokes, (columns, rows), *limits, glyphs.pen, dashed)
    if not with_axes:
        return [Strip(_cells(row, styles), width) for row in runs]
    sides = _side(y_axis, rows, label, glyphs)
    picture = [
        Strip([Cells(side, styles["axis"]), *_cells(row, styles)], width) for side, row in zip(sides, runs, strict=True)
    ]
    foot = f"{curves.x_name[:label]:>{label}} " + _foot(x_axis, columns)
    return [*picture, Strip([Cells(foot, styles["axis"])], width)]


def _side(axis: Axis, rows: int, label: int, glyphs: Glyphs) -> list[str]:
    """The vertical axis, one text a canvas row."""
    side = [" " * label + glyphs.axis] * rows
    for position, text in axis.ticks:
        side[rows - 1 - axis.cell(position, rows)] = f"{text:>{label}}{glyphs.tick}"
    return side


def _cells(runs: list[Run], styles: Mapping[str | None, Style]) -> list[Cells]:
    return [Cells(text, styles[role]) for text, role in runs]


def _foot(axis: Axis, columns: int) -> str:
    """The labels under the canvas: centred below their place, none touching another."""
    line = [" "] * columns
    free = 0
    for position, text in axis.ticks:
        middle = axis.cell(position, columns)
        start = min(max(middle - (len(text) - 1) // 2, 0), columns - len(text))
        if start >= free:
            line[start : start + len(text)] = text
            free = start + len(text) + 1
    return "".join(line[:columns])
