"""Lines as dots and characters: unbroken, thin, and each to be seen where several share cells."""

from __future__ import annotations

import itertools
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from namestui.tui.widgets.chart.canvas import Cells, draw
from namestui.tui.widgets.chart.raster import braille, rasterise, single
from namestui.tui.widgets.chart.strokes import Layer, Stroke
from namestui.tui.widgets.glyphs import ASCII, UNICODE

COLUMNS, ROWS = 40, 8
X, Y = (0.0, 79.0), (0.0, 31.0)
"""A dot is one unit wide and high."""
inside = st.lists(st.tuples(st.integers(0, 79), st.integers(0, 31)), min_size=1, max_size=30, unique_by=lambda p: p[0])


def dots(grid: list[int]) -> set[tuple[int, int]]:
    return {(column, row) for column, bits in enumerate(grid) for row in range(32) if bits >> row & 1}


def line(points: list[tuple[float, float]]) -> tuple[list[float], list[float]]:
    points = sorted(points)
    return [x for x, _ in points], [y for _, y in points]


@given(inside)
def test_every_point_is_a_dot_and_the_line_between_two_has_no_hole(points: list[tuple[int, int]]) -> None:
    found = dots(rasterise([line(list(points))], (80, 32), X, Y))
    assert set(points) <= found
    ordered = sorted(points)
    columns = {column for column, _ in found}
    assert columns == set(range(ordered[0][0], ordered[-1][0] + 1))
    for column in sorted(columns)[1:]:
        here = {row for at, row in found if at == column}
        before = {row for at, row in found if at == column - 1}
        assert here == set(range(min(here), max(here) + 1))
        assert any(abs(row - other) <= 1 for row in here for other in before)


@given(inside)
def test_a_dot_is_never_farther_from_the_line_than_it_is_steep(points: list[tuple[int, int]]) -> None:
    ordered = sorted(points)
    for column, row in dots(rasterise([line(list(points))], (80, 32), X, Y)):
        close = []
        for (x0, y0), (x1, y1) in zip(ordered, ordered[1:] or ordered, strict=False):
            if x0 <= column <= x1 and x1 > x0:
                slope = (y1 - y0) / (x1 - x0)
                close.append(abs(y0 + slope * (column - x0) - row) <= max(0.5, abs(slope)) + 1e-9)
        assert any(close) or (column, row) in points


@given(st.lists(st.tuples(st.floats(-1e300, 1e300), st.floats(-1e300, 1e300)), max_size=20))
def test_what_lies_anywhere_stays_on_the_grid(points: list[tuple[float, float]]) -> None:
    grid = rasterise([line(points)], (80, 32), X, Y)
    assert len(grid) == 80
    assert all(0 <= bits < 1 << 32 for bits in grid)


def test_a_line_that_leaves_is_drawn_up_to_the_edge() -> None:
    found = dots(rasterise([([-10.0, 10.0, 100.0], [16.0, 16.0, 16.0])], (80, 32), X, Y))
    assert found == {(column, 16) for column in range(80)}
    steep = dots(rasterise([([10.0, 30.0], [16.0, 1000.0])], (80, 32), X, Y))
    assert {row for _, row in steep} == set(range(16, 32))
    assert {column for column, _ in steep} == {10, 11}


@given(inside)
def test_characters_hold_the_same_dots(points: list[tuple[int, int]]) -> None:
    grid = rasterise([line(list(points))], (80, 32), X, Y)
    places = itertools.product((0, 1), range(4))
    weights = dict(zip(places, (0x40, 4, 2, 1, 0x80, 0x20, 0x10, 8), strict=True))
    wanted: Counter[tuple[int, int]] = Counter()
    for column, row in dots(grid):
        wanted[ROWS - 1 - row // 4, column // 2] += weights[column % 2, row % 4]
    assert {place: ord(mark) - 0x2800 for place, mark in braille(grid, ROWS).items()} == dict(wanted)
    assert set(single(grid, 32, "*")) == {(31 - row, column) for column, row in dots(grid)}


def drawn(*heights: float, dashed: bool = False, layers: tuple[Layer, ...] = (), ascii_only: bool = False) -> Cells:
    """Flat lines at these heights (in dots), for training, validation and others."""
    roles = ("train", "validation", "third")
    pen = ASCII.pen if ascii_only else UNICODE.pen
    strokes = [
        Stroke(role, [([0.0, 79.0], [height, height])], layer)
        for role, height, layer in zip(roles, heights, layers or ("line",) * 3, strict=False)
    ]
    return draw(strokes, (COLUMNS, ROWS), X, Y, pen, dashed)


@pytest.mark.parametrize("ascii_only", [False, True])
@pytest.mark.parametrize("heights", [(17.0, 17.0), (16.0, 18.0), (17.0, 17.0, 17.0)])
def test_lines_that_share_cells_take_turns(heights: tuple[float, ...], ascii_only: bool) -> None:
    cells = drawn(*heights, ascii_only=ascii_only)
    assert len(cells) == COLUMNS
    owners = Counter(ink.of for _, ink in cells.values())
    assert len(owners) == len(heights)
    assert max(owners.values()) - min(owners.values()) <= 4
    # and each is seen at its own height
    if not ascii_only:
        for number, height in enumerate(heights):
            role = ("train", "validation", "third")[number]
            alone = {mark for mark, _ in drawn(*[-99.0] * number, height).values()}
            assert {mark for mark, ink in cells.values() if ink.of == role} == alone


def test_without_colour_two_lines_in_one_cell_look_thicker_than_one() -> None:
    alone = {mark for mark, _ in drawn(17.0, dashed=True).values()}
    together = {mark for mark, _ in drawn(17.0, 17.0, dashed=True).values()}
    assert len(alone) == 1
    assert any(bin(ord(mark) - 0x2800).count("1") == 4 for mark in together - alone)


def test_where_two_lines_only_cross_neither_has_a_hole() -> None:
    strokes = [
        Stroke("train", [([0.0, 79.0], [16.0, 16.0])]),
        Stroke("validation", [([40.0, 41.0], [0.0, 31.0])]),
    ]
    cells = draw(strokes, (COLUMNS, ROWS), X, Y, UNICODE.pen, False)
    crossing = ord(cells[3, 20][0]) - 0x2800
    for stroke in strokes:
        own = draw([stroke], (COLUMNS, ROWS), X, Y, UNICODE.pen, False)[3, 20][0]
        assert crossing & (ord(own) - 0x2800) == ord(own) - 0x2800


def test_a_line_in_focus_hides_the_dim_ones_and_a_smoothed_one_its_raw_values() -> None:
    cells = drawn(17.0, 17.0, layers=("dim", "focused"))
    assert {ink for _, ink in cells.values()} == {("validation", False)}
    cells = drawn(17.0, 25.0, layers=("raw", "line"))
    assert {ink for _, ink in cells.values()} == {("train", True), ("validation", False)}


@pytest.mark.parametrize("ascii_only", [False, True])
def test_without_colour_a_smoothed_line_and_its_raw_values_differ_in_their_marks(ascii_only: bool) -> None:
    raw = {mark for mark, _ in drawn(17.0, layers=("raw",), dashed=True, ascii_only=ascii_only).values()}
    line = {mark for mark, _ in drawn(17.0, layers=("line",), dashed=True, ascii_only=ascii_only).values()}
    assert raw
    assert not raw & line
