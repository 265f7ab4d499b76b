"""Lines as coloured characters; a cell has one colour, and lines that share cells take turns in them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

from namestui.tui.widgets.chart.hues import Role, stroke_of
from namestui.tui.widgets.chart.raster import braille, rasterise, single
from namestui.tui.widgets.chart.strokes import Layer, Stroke
from namestui.tui.widgets.glyphs import Pen

Place = tuple[int, int]
"""Row from the top, column from the left."""


class Ink(NamedTuple):
    """What a character is of: a line in its own colour or in a dim one, or the axis."""

    of: Role | int | str
    is_dim: bool = False


AXIS = Ink("axis")
Cells = dict[Place, tuple[str, Ink]]

_LAYERS: tuple[Layer, ...] = ("reference", "raw", "dim", "line", "focused")
_BRAILLE = 0x2800
_LEFT_DOTS = 0x47
_UPWARD = {0x02: 0x01, 0x04: 0x02, 0x40: 0x04, 0x10: 0x08, 0x20: 0x10, 0x80: 0x20}
"""The dot above each dot of a cell."""


def draw(
    strokes: Sequence[Stroke],
    size: tuple[int, int],
    x_limits: tuple[float, float],
    y_limits: tuple[float, float],
    pen: Pen,
    dashed: bool,
) -> Cells:
    """The characters of the lines, on ``size`` (columns, rows) of cells.

    Every number must be finite and the limits ascending. A reference is dotted; with `dashed`, for screens without
    colour, so are raw values, and all but training, or the line in focus, is dashed.

    What is on a higher layer hides what is below. Lines of one layer that share a cell for a stretch take turns in its
    colour and its dots, so that each is seen as a broken line at its own height; where they only cross, both have
    their dots. Without colour a shared cell has the dots of all, and looks thicker than one line.
    """
    cells: Cells = {}
    for layer in _LAYERS:
        lines = [
            (stroke, _marks(stroke, size, x_limits, y_limits, pen, dashed))
            for stroke in strokes
            if stroke.layer == layer
        ]
        cells |= _together(lines, pen, dashed)
    return cells


def _together(lines: list[tuple[Stroke, dict[Place, str]]], pen: Pen, dashed: bool) -> Cells:
    """The lines of one layer."""
    owners: dict[Place, list[int]] = {}
    for number, (_, marks) in enumerate(lines):
        for place in marks:
            owners.setdefault(place, []).append(number)
    cells: Cells = {}
    for place, numbers in owners.items():
        row, column = place
        turn = numbers[(column // _TURN + row) % len(numbers)]
        stroke, marks = lines[turn]
        mark = marks[place]
        if len(numbers) > 1 and pen.dots > 1:
            if dashed:
                mark = _thick([lines[number][1][place] for number in numbers])
            elif not _goes_on(owners, place, numbers):
                mark = _union([lines[number][1][place] for number in numbers])
        cells[place] = mark, Ink(stroke.role, stroke.layer in ("raw", "dim"))
    return cells


_TURN = 2
"""Cells in a row that one line has before it is the other's turn."""


def _goes_on(owners: Mapping[Place, Collection[int]], place: Place, numbers: Sequence[int]) -> bool:
    """Whether the same lines also share the cell to the left or to the right."""
    row, column = place
    beside = (owners.get((row, column + step), ()) for step in (-1, 1))
    return any(len(set(others).intersection(numbers)) > 1 for others in beside)


def _union(marks: Sequence[str]) -> str:
    dots = 0
    for mark in marks:
        dots |= ord(mark) - _BRAILLE
    return chr(_BRAILLE + dots)


def _thick(marks: Sequence[str]) -> str:
    """The dots of all; where that is no more than one has, also those above them, or at the top those below."""
    together = _union(marks)
    if together not in marks:
        return together
    dots = ord(together) - _BRAILLE
    above = sum(to for dot, to in _UPWARD.items() if dots & dot and not dots & to)
    below = sum(dot for dot, to in _UPWARD.items() if dots & to and not dots & dot)
    return chr(_BRAILLE + (dots | (above or below)))


def _marks(
    stroke: Stroke,
    size: tuple[int, int],
    x_limits: tuple[float, float],
    y_limits: tuple[float, float],
    pen: Pen,
    dashed: bool,
) -> dict[Place, str]:
    """The characters of one line."""
    columns, rows = size
    across, down = (2, 4) if pen.dots > 1 else (1, 1)
    dots = rasterise(stroke.segments, (columns * across, rows * down), x_limits, y_limits)
    marks = braille(dots, rows) if pen.dots > 1 else single(dots, rows, _character(stroke, pen))
    if stroke.layer == "reference":
        return _dotted(marks) if pen.dots > 1 else {place: mark for place, mark in marks.items() if not place[1] % 2}
    if dashed and stroke.layer == "raw" and pen.dots > 1:
        return _dotted(marks)
    if dashed and not (stroke.role == "train" or stroke.layer == "focused"):
        # A pattern that no straight line hides or keeps whole.
        return {(row, column): mark for (row, column), mark in marks.items() if (column + 2 * row) % 4 != 3}
    return marks


def _character(stroke: Stroke, pen: Pen) -> str:
    """The mark of a line where a cell is one dot: of a run its number's last digit."""
    role = stroke.role
    if role == "reference":
        return pen.reference
    if stroke.layer == "raw":
        return pen.raw
    return f"{role % 10}" if isinstance(role, int) else pen.markers[stroke_of(role) % len(pen.markers)]


def _dotted(marks: dict[Place, str]) -> dict[Place, str]:
    left = {place: (ord(mark) - _BRAILLE) & _LEFT_DOTS for place, mark in marks.items()}
    return {place: chr(_BRAILLE + dots) for place, dots in left.items() if dots}
