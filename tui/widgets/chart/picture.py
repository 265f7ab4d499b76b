"""A chart as lines of styled text: the axes around the canvas, the marks on it."""

from __future__ import annotations

from collections.abc import Callable

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from namestui.tui.widgets.chart import marks
from namestui.tui.widgets.chart.canvas import AXIS, Cells, Ink, draw
from namestui.tui.widgets.chart.frame import Frame
from namestui.tui.widgets.chart.series import value_text
from namestui.tui.widgets.chart.ticks import Axis
from namestui.tui.widgets.chart.x_ticks import placed
from namestui.tui.widgets.glyphs import Glyphs

Styles = Callable[[Ink | None], Style]
"""The style of a character; of a blank one for None."""


def lines_of(frame: Frame, glyphs: Glyphs, styles: Styles, *, dashed: bool) -> list[Strip]:
    """The chart, line by line; ``dashed`` as `draw` has it."""
    cells = _canvas(frame, glyphs, dashed)
    columns, rows = frame.columns + frame.margin, frame.rows
    if not frame.label:
        return [Strip(_segments(cells, row, columns, styles), columns) for row in range(rows)]
    sides = _side(frame.y_axis, rows, frame.label, glyphs)
    width = columns + frame.gutter
    picture = [
        Strip([Segment(side, styles(AXIS)), *_segments(cells, row, columns, styles)], width)
        for row, side in enumerate(sides)
    ]
    name = (frame.x_axis.name or frame.plot.x_name)[: frame.label]
    foot = f"{name:>{frame.label}} " + _foot(frame.x_axis, frame.columns) + " " * frame.margin
    return [*picture, Strip([Segment(foot, styles(AXIS))], width)]


def _canvas(frame: Frame, glyphs: Glyphs, dashed: bool) -> Cells:
    plot, size = frame.plot, (frame.columns, frame.rows)
    limits = (frame.x_axis.low, frame.x_axis.high), (frame.y_axis.low, frame.y_axis.high)
    cells = draw(frame.strokes, size, *limits, glyphs.pen, dashed)
    marks.end_labels(cells, _end_labels(frame), (frame.columns + frame.margin, frame.rows))
    for one in plot.measured:
        at = one.best_point()
        if at is not None and (place := frame.cell_of(one.xs[at], one.ys[at])) is not None:
            text = f" {value_text(one.ys[at]).strip()}"
            texts = f"{text} at {one.epoch(at):g}", text
            marks.point_label(cells, place, glyphs.best, texts, Ink(one.role), size)
    for pause in plot.breaks if plot.x_axis == "elapsed" else ():
        if frame.x_axis.low <= pause.elapsed <= frame.x_axis.high:
            column = frame.x_axis.cell(pause.elapsed, frame.columns, 2)
            marks.write(cells, (frame.rows - 1, column), glyphs.cut, AXIS)
    cursor = plot.cursor
    if cursor is not None and frame.x_axis.low <= cursor <= frame.x_axis.high:
        column = frame.x_axis.cell(cursor, frame.columns, 2)
        marks.cursor_line(cells, column, glyphs.cursor, size)
        marks.caption(cells, column, f"epoch {plot.view.cursor}", size)
    return cells


def _end_labels(frame: Frame) -> list[marks.EndLabel]:
    """The numbers of runs where their lines end, the focused one first."""
    labels: list[marks.EndLabel] = []
    top_first = sorted(frame.strokes, key=lambda stroke: stroke.layer != "focused")
    for stroke in top_first:
        if isinstance(stroke.role, int) and stroke.layer != "raw" and stroke.segments:
            xs, ys = stroke.segments[-1]
            row, column = frame.cell(xs[-1], ys[-1])
            ink = Ink(stroke.role, stroke.layer == "dim")
            labels.append(marks.EndLabel(frame.end_texts[stroke.role], row, column, ink))
    return labels


def _side(axis: Axis, rows: int, label: int, glyphs: Glyphs) -> list[str]:
    """The vertical axis, one text a canvas row."""
    side = [" " * label + glyphs.axis] * rows
    for position, text in axis.ticks:
        side[rows - 1 - axis.cell(position, rows, 4)] = f"{text:>{label}}{glyphs.tick}"
    return side


def _segments(cells: Cells, row: int, columns: int, styles: Styles) -> list[Segment]:
    """One row of the canvas; neighbours of one style are one segment."""
    found: list[tuple[str, Ink | None]] = []
    text, ink = "", None
    for column in range(columns):
        mark, of = cells.get((row, column), (" ", None))
        if text and of != ink:
            found.append((text, ink))
            text = ""
        text, ink = text + mark, of
    return [Segment(text, styles(ink)) for text, ink in [*found, (text, ink)]]


def _foot(axis: Axis, columns: int) -> str:
    """The labels under the canvas."""
    line = [" "] * columns
    for start, text in placed(axis.ticks, axis, columns):
        line[max(start, 0) : start + len(text)] = text
    return "".join(line[:columns])
