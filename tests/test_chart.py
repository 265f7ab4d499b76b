from __future__ import annotations

import asyncio
import random
import re
import subprocess
import sys
import time
from collections.abc import Callable
from math import inf, nan
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from textual.app import App, ComposeResult
from textual.geometry import Region
from textual.pilot import Pilot

from namestui.runs.text import Inert
from namestui.tui.state.chart_view import ChartView
from namestui.tui.widgets.chart.canvas import draw
from namestui.tui.widgets.chart.chart import Chart, Series
from namestui.tui.widgets.chart.downsample import downsample
from namestui.tui.widgets.chart.hues import Role
from namestui.tui.widgets.chart.strokes import Layer, Stroke
from namestui.tui.widgets.chart.ticks import clamp, linear_axis
from namestui.tui.widgets.glyphs import ASCII, UNICODE

EPOCHS = [1, 2, 3, 4, 5, 6, 7]
TRAIN = Series(Inert("train"), EPOCHS, [2.4, 1.9, 1.5, 1.2, 1.0, 0.8, 0.7], "train")
VALIDATION = Series(Inert("validation"), EPOCHS, [2.1, 1.8, 1.6, 1.5, 1.45, 1.4, 1.4], "validation")
MAJORITY = Series(Inert("majority"), [1, 20], [0.8, 0.8], "reference")
BOTH = [TRAIN, VALIDATION]
ODD_VALUES = (None, nan, inf, -inf, 1e308, -1e308, 0.0, -0.0, 5e-324, 1.0)


class SpyChart(Chart):
    """A chart that remembers what it asked to have repainted."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.repainted: list[tuple[Region, ...]] = []
        super().__init__(*args, **kwargs)

    def _set_dirty(self, *regions: Region) -> None:
        self.repainted.append(regions)
        super()._set_dirty(*regions)


class Host(App[None]):
    CSS = "Chart { width: 60; height: 11; }"

    def __init__(self, title: str = "loss", **kwargs: Any) -> None:
        super().__init__()
        self.chart = SpyChart(Inert(title), **kwargs)

    def compose(self) -> ComposeResult:
        yield self.chart


async def until(pilot: Pilot[None], condition: Callable[[], bool], seconds: float = 10.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "the condition never came true"
        await pilot.pause()


def lines(chart: Chart) -> list[str]:
    return [chart.render_line(y).text for y in range(chart.size.height)]


def screen(app: App[None]) -> str:
    return "\n".join(strip.text for strip in app.screen._compositor.render_strips())


def colours(chart: Chart) -> dict[str, set[str]]:
    """The marks that stand in each colour, by the colour's name."""
    found: dict[str, set[str]] = {}
    for y in range(chart.size.height - 1):
        for text, style, _ in list(chart.render_line(y))[1:]:
            if text.strip() and style is not None and style.color is not None:
                found.setdefault(style.color.name, set()).update(text)
    return found


async def test_axis_spans_the_planned_epochs_while_few_are_done() -> None:
    async with Host().run_test(size=(80, 20)) as pilot:
        chart = pilot.app.query_one(Chart)
        chart.show(BOTH, (1, 20))
        drawn = lines(chart)
        assert re.findall(r"\d+", drawn[-1]) == ["1", "5", "10", "15", "20"]
        assert drawn[-1].startswith("epoch ")
        last_mark = max(len(line.rstrip()) for line in drawn[:-1])
        assert last_mark < 30  # 7 of 20 epochs


async def test_titles_carry_legend_and_latest_values() -> None:
    async with Host("[b]loss[/b]").run_test(size=(80, 20)) as pilot:
        chart = pilot.app.query_one(Chart)
        chart.show([*BOTH, MAJORITY], (1, 20), note="best 1.400")
        await until(pilot, lambda: "majority" in screen(pilot.app))
        shown = screen(pilot.app)
        assert "[b]loss[/b]  ━ train  ━ validation  ┈ majority" in shown
        assert "best 1.400  train 0.7000  validation  1.400" in shown


async def test_a_narrow_border_cuts_the_names_and_still_says_how_the_values_are_looked_at() -> None:
    async with Host("recall").run_test(size=(80, 20)) as pilot:
        classes = [Series(Inert(name), [1, 2], [0.5, 0.25], at) for at, name in enumerate(["Scottish", "Irish"], 1)]
        looked_at = ChartView(smoothing=0.6, outliers=False)
        pilot.app.query_one(Chart).show(classes, (1, 20), view=looked_at, page="only sh 1 of 3")
        await until(pilot, lambda: "only" in screen(pilot.app))
        assert "recall  1 S  2 I  smooth .6 · 1-99 % · only sh 1 of 3 ─" in screen(pilot.app)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "    NaN"),
        (nan, "    NaN"),
        (inf, "    inf"),
        (0.5, " 0.5000"),
        (1e-4, " 1.000e-4"),
        (1531714810452858610629072355328.0, " 1.532e30"),
    ],
)
def test_latest_value_has_four_digits_and_says_when_it_is_not_a_number(value: float | None, text: str) -> None:
    assert Series(Inert("train"), [1], [value], "train").latest() == text


async def test_a_spike_among_ten_thousand_points_is_seen() -> None:
    ys = [1.0] * 10_000
    ys[7_777] = 50.0
    async with Host().run_test(size=(80, 20)) as pilot:
        chart = pilot.app.query_one(Chart)
        chart.show([Series(Inert("train"), range(1, 10_001), ys, "train")], (1, 10_000))
        assert any("⠀" < mark <= "⣿" for mark in lines(chart)[1])


async def test_a_value_that_is_not_finite_leaves_a_gap() -> None:
    flat: list[float | None] = [1.0] * 50
    async with Host().run_test(size=(80, 20)) as pilot:
        chart = pilot.app.query_one(Chart)
        chart.show([Series(Inert("train"), range(50), flat, "train")], (0, 49))
        whole = max(lines(chart), key=lambda line: sum(mark > "⠀" for mark in line)).rstrip()
        flat[20:25] = [nan, None, inf, -inf, nan]
        chart.show([Series(Inert("train"), range(50), flat, "train")], (0, 49))
        broken = max(lines(chart), key=lambda line: sum(mark > "⠀" for mark in line)).rstrip()
        assert " " not in whole[6:]
        assert re.search(r"[⠁-⣿] {3,}[⠁-⣿]", broken)


async def test_what_is_shown_already_is_not_painted_again() -> None:
    async with Host().run_test(size=(80, 20)) as pilot:
        chart = pilot.app.query_one(SpyChart)
        ys: list[float | None] = [2.0, 1.0]
        chart.show([Series(Inert("train"), [1, 2, 3], ys, "train")], (1, 3))
        await until(pilot, lambda: "2.0" in screen(pilot.app))
        chart.repainted.clear()
        chart.show([Series(Inert("train"), [1, 2, 3], list(ys), "train")], (1, 3))
        assert chart.repainted == []
        ys.append(1.5)  # the caller's own list has grown
        chart.show([Series(Inert("train"), [1, 2, 3], ys, "train")], (1, 3))
        assert chart.repainted != []


async def test_only_the_lines_that_changed_are_repainted() -> None:
    async with Host().run_test(size=(80, 20)) as pilot:
        chart = pilot.app.query_one(SpyChart)
        chart.show(BOTH, (1, 20), (0, 3))
        await until(pilot, lambda: "epoch" in screen(pilot.app))
        before = lines(chart)
        chart.repainted.clear()
        longer = Series(Inert("train"), [*EPOCHS, 8], [*TRAIN.ys, 0.65], "train")
        chart.show([longer, VALIDATION], (1, 20), (0, 3))
        changed = {y for y, (old, new) in enumerate(zip(before, lines(chart), strict=True)) if old != new}
        regions = [region for call in chart.repainted for region in call]
        assert () not in chart.repainted
        assert changed
        assert {region.y for region in regions} == changed | {chart.size.height}  # and the bottom border


async def test_axis_keeps_its_place_while_values_change() -> None:
    async with Host().run_test(size=(80, 20)) as pilot:
        chart = pilot.app.query_one(Chart)
        places = set()
        for scale in (0.003, 0.5, 1.0, 12.0, 4000.0):
            chart.show([Series(Inert("train"), EPOCHS, [scale * n for n in EPOCHS], "train")], (1, 20))
            places |= {re.search("[┤│]", line).start() for line in lines(chart)[:-1]}  # type: ignore[union-attr]
        assert places == {5}


async def test_roles_keep_the_hues_of_the_theme(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLORTERM", "truecolor")
    async with Host().run_test(size=(80, 20)) as pilot:
        chart = pilot.app.query_one(Chart)
        chart.show([*BOTH, MAJORITY], (1, 20))
        dark = colours(chart)
        hexes = [chart.get_component_styles(f"chart--{role}").color.hex.lower() for role in ("train", "validation")]
        assert set(hexes) <= set(dark)
        assert len(dark) == 3
        pilot.app.theme = "textual-light"
        await until(pilot, lambda: set(colours(chart)) != set(dark))
        assert not set(colours(chart)) & set(hexes)


async def test_without_colour_the_lines_differ_in_stroke(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    flat: dict[Role, str] = {}
    for role in ("train", "validation"):
        async with Host().run_test(size=(80, 20)) as pilot:
            chart = pilot.app.query_one(Chart)
            chart.show([Series(Inert(role), range(20), [1.0] * 20, role)], (0, 19))
            flat[role] = max((line[6:].rstrip() for line in lines(chart)[:-1]), key=len)
    assert " " not in flat["train"]
    assert " " in flat["validation"]


async def test_ascii_holds_no_other_characters() -> None:
    async with Host(glyphs=ASCII).run_test(size=(60, 11)) as pilot:
        chart = pilot.app.query_one(Chart)
        chart.show([*BOTH, MAJORITY], (1, 20))
        await until(pilot, lambda: "* train" in screen(pilot.app))
        assert screen(pilot.app).isascii()
        assert "*" in "".join(lines(chart))


async def test_an_empty_chart_says_what_will_fill_it() -> None:
    async with Host(empty="waiting for the first epoch…").run_test(size=(80, 20)) as pilot:
        chart = pilot.app.query_one(Chart)
        assert "waiting for the first epoch…" in "\n".join(lines(chart))
        chart.show(BOTH, (1, 20))
        assert "waiting" not in "\n".join(lines(chart))


@pytest.mark.parametrize(("ys", "log_y"), [([None, nan, inf], False), ([None, nan], True)])
async def test_a_chart_whose_values_are_all_not_finite_says_so(ys: list[float | None], log_y: bool) -> None:
    async with Host(empty="waiting for the first epoch").run_test(size=(80, 20)) as pilot:
        chart = pilot.app.query_one(Chart)
        chart.show([Series(Inert("train"), [1, 2, 3], ys, "train"), MAJORITY], (1, 20), view=ChartView(log_y=log_y))
        chart.show([Series(Inert("train"), [1, 2, 3], ys, "train")], (1, 20), view=ChartView(log_y=log_y))
        assert [line.strip() for line in lines(chart) if line.strip()] == ["no finite loss"]


async def test_a_logarithmic_axis_without_a_positive_value_says_so() -> None:
    async with Host(empty="waiting for the first epoch").run_test(size=(80, 20)) as pilot:
        chart = pilot.app.query_one(Chart)
        chart.show([Series(Inert("train"), [1, 2], [0.0, -3.0], "train")], (1, 20), view=ChartView(log_y=True))
        assert "log axis: nothing above 0" in "\n".join(lines(chart))
        chart.show([Series(Inert("train"), [1, 2], [0.0, -3.0], "train")], (1, 20))
        assert "-3" in "\n".join(lines(chart))


async def test_log_scale_leaves_out_what_has_no_logarithm() -> None:
    async with Host().run_test(size=(80, 20)) as pilot:
        chart = pilot.app.query_one(Chart)
        chart.show(
            [Series(Inert("train"), EPOCHS, [1000, 100, 0.0, -5, 10, None, 1], "train")],
            (1, 7),
            view=ChartView(log_y=True),
        )
        labels = re.findall(r"(\d+)┤", "\n".join(lines(chart)))
        assert labels == ["1000", "100", "10", "1"]


def test_importing_the_widget_is_cheap() -> None:
    code = "import sys, namestui.tui.widgets.chart.chart; print({'numpy', 'torch'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


def test_the_canvas_holds_any_values_at_any_size() -> None:
    """In a process of its own: what hangs must not hang the others."""
    done = subprocess.run([sys.executable, __file__], capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr[-3000:]


number = st.one_of(st.sampled_from(ODD_VALUES), st.floats(), st.floats(-5, 5))
curve = st.tuples(
    st.sampled_from(("train", "validation", "reference")), st.lists(st.tuples(st.floats(0, 50), number), max_size=80)
)


@settings(max_examples=150, deadline=None, database=None)
@given(
    curves=st.lists(curve, max_size=3),
    width=st.integers(1, 200),
    height=st.integers(1, 60),
    pen=st.sampled_from((UNICODE.pen, ASCII.pen)),
    dashed=st.booleans(),
)
def fuzz_canvas(curves: list[Any], width: int, height: int, pen: Any, dashed: bool) -> None:
    strokes = []
    for role, data in curves:
        pieces = downsample([x for x, _ in data], [y for _, y in data], (0.0, 50.0), width * 2)
        layer: Layer = "reference" if role == "reference" else "line"
        strokes.append(Stroke(role, [(xs, [clamp(y) for y in ys]) for xs, ys in pieces], layer))
    values = [y for stroke in strokes for _, ys in stroke.segments for y in ys] or [0.0]
    axis = linear_axis((min(values), max(values)), height, fixed=False)
    cells = draw(strokes, (width, height), (0.0, 50.0), (axis.low, axis.high), pen, dashed)
    assert all(0 <= row < height and 0 <= column < width for row, column in cells)
    assert all(len(mark) == 1 for mark, _ in cells.values())


async def fuzz_widget(rounds: int, seed: int = 1) -> None:
    dice = random.Random(seed)
    async with Host(empty="waiting for the first epoch").run_test(size=(210, 70)) as pilot:
        chart = pilot.app.query_one(Chart)
        for _ in range(rounds):
            chart.styles.width, chart.styles.height = dice.randint(1, 200), dice.randint(1, 60)
            chart.styles.border = ("round", "white") if dice.random() < 0.5 else ("none", "white")
            count = dice.choice((0, 1, 2, 7, 400))
            ys = [dice.choice([dice.gauss(0, 1), dice.gauss(0, 1), dice.choice(ODD_VALUES)]) for _ in range(count)]
            limits = dice.choice([(1, 20), (1, 400), (5, 5), (20, 1), (nan, inf), (-1e308, 1e308)])
            y_limits = dice.choice([None, None, (0, 1), (0, 0), (inf, nan)])
            roles: list[Role | int] = ["train", "validation", "reference"]
            series = [
                Series(Inert("a"), range(1, count + 1), ys, role, best="lowest")
                for role in dice.choice([roles, [1, 2, 30]])[: dice.randint(0, 3)]
            ]
            view = ChartView(
                x_axis=dice.choice(["epoch", "step", "time", "elapsed"]),
                smoothing=dice.choice([0.0, 0.9]),
                log_y=dice.random() < 0.3,
                outliers=dice.random() < 0.7,
                span=dice.choice([None, None, (3.0, 5.0), (3.2, 3.3), (-1e308, 1e308), (1e9, 2e9)]),
                cursor=dice.choice([None, 3, 10**9]),
            )
            chart.show(series, limits, y_limits, view=view)
            chart.reads()
            await pilot.pause()
            width = chart.size.width
            assert [chart.render_line(y).cell_length for y in range(chart.size.height)] == [width] * chart.size.height


if __name__ == "__main__":
    fuzz_canvas()
    asyncio.run(fuzz_widget(60))
