"""What is written on a canvas over its lines: the cursor, the best point, numbers at the ends of lines."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from namestui.tui.widgets.chart.canvas import AXIS, Cells, Ink, Place


class EndLabel(NamedTuple):
    """A text for the end of a line: wanted right of this place, after a blank."""

    text: str
    row: int
    column: int
    ink: Ink


def write(cells: Cells, place: Place, text: str, ink: Ink) -> None:
    """Put a text on the canvas, over whatever is there."""
    row, column = place
    for at, letter in enumerate(text, column):
        cells[row, at] = letter, ink


def is_free(cells: Cells, place: Place, length: int, size: tuple[int, int]) -> bool:
    """Whether so many cells from this one on are on the canvas of ``size`` (columns, rows) and blank."""
    row, column = place
    columns, rows = size
    inside = 0 <= row < rows and column >= 0 and column + length <= columns
    return inside and all((row, at) not in cells for at in range(column, column + length))


def cursor_line(cells: Cells, column: int, mark: str, size: tuple[int, int]) -> None:
    """A vertical line through what is blank: lines are not hidden by it."""
    for row in range(size[1]):
        cells.setdefault((row, column), (mark, AXIS))


def caption(cells: Cells, column: int, text: str, size: tuple[int, int]) -> None:
    """The text beside a vertical line, in the first row with room for it on either side; nowhere if there is none."""
    columns, rows = size
    for row in [*range(rows // 2), *range(rows - 1, rows // 2 - 1, -1)]:
        for start in (column + 1, column - len(text)):
            if is_free(cells, (row, start), len(text), (columns, rows)):
                write(cells, (row, start), text, AXIS)
                return


def point_label(cells: Cells, place: Place, mark: str, texts: Sequence[str], ink: Ink, size: tuple[int, int]) -> None:
    """A mark on a point and beside it the first text for which there is room; the last one hides what is there."""
    row, column = place
    cells[place] = mark, ink
    for text in texts:
        length = len(text)
        around = [(r, c) for r in (row, row - 1, row + 1, row - 2, row + 2) for c in (column + 1, column - length)]
        if spot := next((spot for spot in around if is_free(cells, spot, length, size)), None):
            write(cells, spot, text, ink)
            return
    start = column + 1 if column + 1 + len(texts[-1]) <= size[0] else max(column - len(texts[-1]), 0)
    write(cells, (row, start), texts[-1], ink)


def end_labels(cells: Cells, labels: Iterable[EndLabel], size: tuple[int, int]) -> None:
    """Each label right of the end of its line, or as near to that as there is room; none on another, nor on a line.

    ``size`` includes the margin right of the canvas. The first come first; what finds no room is left out.
    """
    columns, rows = size
    for label in labels:
        length = len(label.text) + 1  # a blank keeps the next one away
        starts = range(min(label.column + 2, columns - length), columns - length + 1)
        for spot in _around(label.row, rows, starts):
            if is_free(cells, spot, length, size):
                write(cells, spot, f"{label.text} ", label.ink)
                break


def _around(row: int, rows: int, starts: Sequence[int]) -> Iterable[Place]:
    """Places from the nearest row on, in every row from the left."""
    nearest = sorted(range(rows), key=lambda other: abs(other - row))
    return ((other, start) for other in nearest for start in starts)
