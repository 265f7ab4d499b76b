"""The cursor, the best point and the numbers of runs on a chart; what the mouse does, and what its borders say."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual.app import App, ComposeResult
from textual.pilot import Pilot

from namestui.runs.text import Inert
from namestui.tui.state.chart_view import ChartView
from namestui.tui.state.curve import Curve
from namestui.tui.state.training_clock import Break
from namestui.tui.widgets.chart.canvas import Cells, Ink
from namestui.tui.widgets.chart.chart import Chart, Series
from namestui.tui.widgets.chart.hues import run_hue
from namestui.tui.widgets.chart.marks import EndLabel, end_labels, point_label
from namestui.tui.widgets.glyphs import ASCII

EPOCHS = tuple(range(1, 8))
TRAIN = Series(Inert("train"), EPOCHS, (2.4, 1.9, 1.5, 1.2, 1.0, 0.8, 0.7), "train")
VALIDATION = Series(Inert("validation"), EPOCHS, (2.1, 1.8, 1.6, 1.5, 1.45, 1.4, 1.42), "validation", best="lowest")
BOTH = [TRAIN, VALIDATION]


class Host(App[None]):
    CSS = "Chart { width: 100%; height: 100%; }"

    def __init__(self, **kwargs: Any) -> None:
        super().__init__()
        self.chart = Chart(Inert("loss"), **kwargs)
        self.moved: list[int] = []
        self.zoomed: list[tuple[float, float]] = []

    def compose(self) -> ComposeResult:
        yield self.chart

    def on_chart_cursor_moved(self, message: Chart.CursorMoved) -> None:
        self.moved.append(message.epoch)

    def on_chart_zoomed(self, message: Chart.Zoomed) -> None:
        self.zoomed.append((message.factor, message.at))


@asynccontextmanager
async def host(**kwargs: Any) -> AsyncIterator[tuple[Host, Pilot[None]]]:
    app = Host(**kwargs)
    async with app.run_test(size=(80, 16)) as pilot:
        yield app, pilot


def canvas(chart: Chart) -> list[str]:
    return [chart.render_line(y).text for y in range(chart.size.height - 1)]


def border(chart: Chart) -> tuple[str, str]:
    return str(chart._title), str(chart._subtitle)


def column_of(chart: Chart, mark: str) -> set[int]:
    return {at for line in canvas(chart) for at, letter in enumerate(line) if letter == mark}


async def test_the_cursor_is_a_line_with_the_values_in_the_border() -> None:
    async with host() as (app, _):
        app.chart.show(BOTH, (1, 20), view=ChartView(cursor=3))
        (column,) = column_of(app.chart, "▏")
        assert any("▏epoch 3" in line for line in canvas(app.chart))
        assert border(app.chart)[1] == "epoch 3  train  1.500  validation  1.600"
        assert app.chart.reads() == "loss\tepoch\t3\ttrain\t1.5\tvalidation\t1.6"
        # live data do not move it
        longer = replace(TRAIN, xs=(*EPOCHS, 8), ys=(*TRAIN.ys, 0.6))
        app.chart.show([longer, VALIDATION], (1, 20), view=ChartView(cursor=3))
        assert column_of(app.chart, "▏") == {column}
        assert border(app.chart)[1] == "epoch 3  train  1.500  validation  1.600"
        # nor is it there while live
        app.chart.show(BOTH, (1, 20))
        assert not column_of(app.chart, "▏")
        assert app.chart.reads() == "loss\tepoch\t7\ttrain\t0.7\tvalidation\t1.42"


async def test_where_an_epoch_is_missing_the_nearest_one_is_read_and_said() -> None:
    rare = Series(Inert("validation"), (1, 5, 10), (2.0, 1.0, 0.5), "validation")
    async with host() as (app, _):
        app.chart.show([replace(TRAIN, xs=range(1, 8)), rare], (1, 20), view=ChartView(cursor=4))
        assert border(app.chart)[1] == "epoch 4  train  1.200  validation  1.000 at 5"


async def test_the_best_point_is_marked_with_its_value() -> None:
    async with host() as (app, _):
        app.chart.show(BOTH, (1, 20))
        assert column_of(app.chart, "◆")
        assert any(" 1.400 at 6" in line for line in canvas(app.chart))
        app.chart.show(BOTH, (1, 20), view=ChartView(span=(1.0, 4.0)))
        assert not column_of(app.chart, "◆")


async def test_what_the_view_does_to_the_values_is_said() -> None:
    below = replace(VALIDATION, ys=(2.1, 0.0, -1.0, 1.5, -2.0, 1.4, 1.42))
    async with host() as (app, _):
        app.chart.show([TRAIN, below], (1, 20), view=ChartView(smoothing=0.9, outliers=False, log_y=True))
        assert border(app.chart)[0] == "loss  ━ train  ━ validation  smooth .9 · 1-99 % · log, 3 not above 0"
        app.chart.show(BOTH, (1, 20), view=ChartView(log_y=True))
        assert border(app.chart)[0] == "loss  ━ train  ━ validation  log"
        long = Curve()
        for x in range(5_000):
            long.append(x, 1.0)
        thinned = Series.of(long, "epoch", Inert("train"), "train")
        app.chart.show([thinned], (1, 5_000), view=ChartView(span=(10.0, 100.0)))
        assert border(app.chart)[0] == "loss  ━ train  3 of 4 points kept"


async def test_pauses_are_marked_on_the_axis_of_training_time() -> None:
    over_time = Series(Inert("train"), (0.0, 30.0, 60.0), (3.0, 2.0, 1.0), "train", epochs=(1, 2, 3))
    view, breaks = ChartView(x_axis="elapsed"), [Break(30.0, 1e9, 2e9)]
    async with host() as (app, _):
        app.chart.show([over_time], (0, 60), view=view, breaks=breaks)
        (column,) = column_of(app.chart, "╱")
        assert canvas(app.chart)[-1][column] == "╱"
        assert border(app.chart)[0] == "loss  ━ train  ╱ 1 pause cut out"
        foot = app.chart.render_line(app.chart.size.height - 1).text
        assert foot.startswith(" m:ss 0:00 ")
        assert abs(foot.index("0:30") + 1 - column) <= 1


async def test_a_reference_is_drawn_and_named_only_where_it_falls_inside() -> None:
    def reference(value: float) -> Series:
        return Series(Inert("majority"), (1.0, 20.0), (value, value), "reference")

    async with host() as (app, _):
        app.chart.show([*BOTH, reference(1.0)], (1, 20))
        assert "┈ majority" in border(app.chart)[0]
        app.chart.show([*BOTH, reference(90.0)], (1, 20))
        assert "majority" not in border(app.chart)[0]
        assert not any("90" in line for line in canvas(app.chart))


@pytest.mark.parametrize(("term", "colorterm"), [("xterm", "truecolor"), ("xterm-256color", ""), ("xterm", "")])
async def test_a_smoothed_line_stands_before_its_dim_raw_values(
    term: str, colorterm: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLORTERM", colorterm)
    monkeypatch.setenv("TERM", term)
    noisy = replace(TRAIN, xs=range(200), ys=[1.0 + (at % 2) for at in range(200)])
    async with host() as (app, _):
        app.chart.show([noisy], (0, 199), view=ChartView(smoothing=0.99))
        hues: dict[str, int] = {}
        for y in range(app.chart.size.height - 1):
            for text, style, _ in list(app.chart.render_line(y))[1:]:
                if text.strip() and style is not None and style.color is not None:
                    hues[style.color.name] = hues.get(style.color.name, 0) + len(text)
        assert len(hues) == 2
        assert 60 <= min(hues.values()) <= 160
        assert max(hues.values()) > 500


async def test_many_runs_have_their_numbers_at_the_ends_of_their_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLORTERM", "truecolor")
    runs = [
        Series(Inert(f"run {n}"), range(1, 30), [5.0 / x + n / 10 for x in range(1, 30)], n, is_focused=n == 4)
        for n in range(1, 21)
    ]
    async with host() as (app, _):
        app.chart.show(runs, (1, 29))
        words = " ".join(line[-8:] for line in canvas(app.chart)).split()
        assert sorted(int(word) for word in words if word.isdigit()) == list(range(1, 21))
        assert border(app.chart) == ("loss  4 run 4  20 runs", "run 4 0.5724")
        # the focused one has its whole colour, the others less of theirs
        hues = {
            style.color.name
            for y in range(app.chart.size.height - 1)
            for text, style, _ in app.chart.render_line(y)
            if text.strip() and style is not None and style.color is not None
        }
        assert run_hue(4, is_dark=True) in hues
        assert not hues & {run_hue(n, is_dark=True) for n in range(1, 21) if n % 10 != 4}
        # and with a cursor all values stand there
        app.chart.show(runs, (1, 29), view=ChartView(cursor=10))
        text = "\n".join(canvas(app.chart))
        for n in range(1, 21):
            assert re.search(rf"(?<!\d){n} +{0.5 + n / 10:.3f}"[:-1], text), n


def test_runs_keep_their_hues_whatever_stands_beside_them() -> None:
    for is_sixteen in (False, True):
        for is_dark in (False, True):
            hues = [run_hue(n, is_dark=is_dark, is_sixteen=is_sixteen) for n in range(1, 21)]
            assert hues[:10] == hues[10:]
            assert len(set(hues[:6])) == 6
    assert len({run_hue(n, is_dark=True) for n in range(1, 11)}) == 10


async def test_the_mouse_moves_the_cursor_while_it_is_pressed() -> None:
    async with host() as (app, pilot):
        app.chart.show(BOTH, (1, 7))
        width = app.chart.size.width
        await pilot.hover(Chart, offset=(width - 2, 5))
        assert app.moved == []
        await pilot.mouse_down(Chart, offset=(width, 5))
        await pilot.hover(Chart, offset=(8, 5))
        await pilot.mouse_up(Chart, offset=(8, 5))
        await pilot.hover(Chart, offset=(40, 5))
        await pilot.pause()
        assert app.moved == [7, 1]


async def test_the_wheel_asks_for_a_closer_look_at_what_is_under_it() -> None:
    async with host() as (app, pilot):
        app.chart.show(BOTH, (1, 20))
        frame = app.chart._frame()
        assert frame is not None
        column = frame.x_axis.cell(10.0, frame.columns, 2) + frame.gutter
        await pilot._post_mouse_events(
            [__import__("textual.events").events.MouseScrollUp], Chart, offset=(column + 1, 5)
        )
        await pilot.pause()
        ((factor, at),) = app.zoomed
        assert factor > 1
        assert at == pytest.approx(10.0, abs=0.3)
        # the view that comes of it keeps that place under the mouse, and survives new points
        view = ChartView().zoomed(factor, at, app.chart.limits)
        app.chart.show(BOTH, (1, 20), view=view)
        frame = app.chart._frame()
        assert frame is not None
        assert abs(frame.x_axis.cell(10.0, frame.columns, 2) + frame.gutter - column) <= 1


async def test_a_part_without_points_says_how_to_see_all() -> None:
    short = replace(TRAIN, xs=(1, 2), ys=(1.0, 1.0))
    async with host() as (app, _):
        app.chart.show([short], (1, 20), view=ChartView(span=(15.0, 18.0)))
        assert [line.strip() for line in canvas(app.chart) if line.strip()] == ["nothing here (0: all of the axis)"]
        # but between two points there is the line from one to the other
        app.chart.show([short], (1, 20), view=ChartView(span=(1.3, 1.6)))
        assert any("⠒" in line or "⠤" in line or "⠉" in line or "⣀" in line for line in canvas(app.chart))


async def test_ascii_has_marks_of_its_own() -> None:
    async with host(glyphs=ASCII) as (app, _):
        app.chart.show(BOTH, (1, 20), view=ChartView(cursor=3))
        text = "\n".join(canvas(app.chart))
        assert text.isascii()
        assert "@" in text
        assert " 1.400" in text
        assert "|epoch 3" in text


labels = st.lists(
    st.tuples(st.integers(1, 99), st.integers(0, 11), st.integers(0, 59)), max_size=40, unique_by=lambda one: one[0]
)


@given(labels)
def test_numbers_at_the_ends_of_lines_never_overlap(places: list[tuple[int, int, int]]) -> None:
    cells: Cells = {}
    size = (60 + 12, 12)
    end_labels(cells, [EndLabel(f"{n}", row, column, Ink(n)) for n, row, column in places], size)
    found: dict[object, str] = {}
    for place in sorted(cells):
        mark, ink = cells[place]
        assert 0 <= place[0] < 12
        assert 0 <= place[1] < 72
        found[ink.of] = found.get(ink.of, "") + mark
    assert all(text.strip() == f"{number}" for number, text in found.items())
    assert len(found) == len(places)  # 40 of three columns have room in 12 columns of margin and what is blank


@given(
    row=st.integers(0, 9),
    column=st.integers(0, 39),
    taken=st.sets(st.tuples(st.integers(0, 9), st.integers(0, 39)), max_size=200),
)
def test_the_value_at_a_point_is_whole_and_on_the_canvas(row: int, column: int, taken: set[tuple[int, int]]) -> None:
    cells: Cells = {place: ("x", Ink("train")) for place in taken}
    point_label(cells, (row, column), "◆", (" 0.831 at 12", " 0.831"), Ink("validation"), (40, 10))
    assert cells[row, column][0] == "◆" or column > 33
    assert all(0 <= r < 10 and 0 <= c < 40 for r, c in cells)
    text = "".join(mark for (_, _), (mark, ink) in sorted(cells.items()) if ink.of == "validation" and mark != "◆")
    assert text in (" 0.831 at 12", " 0.831")
