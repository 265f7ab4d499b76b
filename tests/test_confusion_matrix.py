from __future__ import annotations

import random
import time
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.style import Style
from textual import events
from textual.app import App, ComposeResult
from textual.color import Color
from textual.geometry import Region
from textual.message import Message
from textual.pilot import Pilot

from namestui.tui.widgets.matrix.colours import shade_of, shades
from namestui.tui.widgets.matrix.confusion_matrix import ConfusionMatrix
from namestui.tui.widgets.matrix.data import Matrix
from namestui.tui.widgets.matrix.layout import count_text, layout, percent_text
from namestui.tui.widgets.matrix.picture import ASCII, UNICODE, Look, View

LABELS = [
    *("Arabic", "Chinese", "Czech", "Dutch", "English", "French", "German", "Greek", "Irish", "Italian"),
    *("Japanese", "Korean", "Polish", "Portuguese", "Russian", "Scottish", "Spanish", "Vietnamese"),
]
SMALL = ["Czech", "Polish", "Russian"]
COUNTS = [[31, 12, 16], [2, 8, 0], [0, 0, 1367]]
STYLES = ("label", "corner", "zero", "at", "cursor", "empty")
PLAIN = Look({name: Style() for name in STYLES}, [Style()], [Style()])


class SpyMatrix(ConfusionMatrix):
    """A matrix that remembers what it asked to have repainted."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.repainted: list[tuple[Region, ...]] = []
        super().__init__(*args, **kwargs)

    def _set_dirty(self, *regions: Region) -> None:
        self.repainted.append(regions)
        super()._set_dirty(*regions)


class Host(App[None]):
    def __init__(self, border: bool = True, **kwargs: Any) -> None:
        super().__init__()
        self.matrix = SpyMatrix(**kwargs)
        self.told: list[Message] = []
        if not border:
            self.matrix.styles.border = ("none", "white")

    def compose(self) -> ComposeResult:
        yield self.matrix

    def on_mount(self) -> None:
        self.matrix.focus()

    def on_confusion_matrix_cell_selected(self, message: ConfusionMatrix.CellSelected) -> None:
        self.told.append(message)

    def on_confusion_matrix_cursor_moved(self, message: ConfusionMatrix.CursorMoved) -> None:
        self.told.append(message)


async def until(pilot: Pilot[None], condition: Callable[[], bool], seconds: float = 10.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "the condition never came true"
        await pilot.pause()


def press(matrix: ConfusionMatrix, *keys: str) -> None:
    """Keys without the second that Pilot waits for an idle screen at each."""
    for key in keys:
        matrix.app.post_message(events.Key(key, key if len(key) == 1 else None))


def lines(matrix: ConfusionMatrix) -> list[str]:
    return [matrix.render_line(y).text for y in range(matrix.size.height)]


def screen(app: App[None]) -> str:
    return "\n".join(strip.text for strip in app.screen._compositor.render_strips())


async def test_at_120_columns_cells_are_six_wide_and_everything_fits() -> None:
    async with Host().run_test(size=(120, 21)) as pilot:
        matrix = pilot.app.query_one(SpyMatrix)
        matrix.show(LABELS, [[7] * 18] * 18, "validation")
        drawn = lines(matrix)
        assert len(drawn) == 19
        assert drawn[0].split() == ["true╲pred", *(label[:5] for label in LABELS)]
        assert [line[:10].strip() for line in drawn[1:]] == LABELS
        assert drawn[1][10:] == "    7 " * 18


async def test_at_80_columns_without_border_cells_are_four_wide_above_a_sentence() -> None:
    async with Host(border=False).run_test(size=(80, 20)) as pilot:
        matrix = pilot.app.query_one(SpyMatrix)
        matrix.show(LABELS, [[7] * 18] * 18, "validation")
        drawn = lines(matrix)
        assert drawn[0].split()[1:] == [label[:3] for label in LABELS]
        assert drawn[14].startswith("Portugu…  7 ")
        assert drawn[18].startswith("Vietnam…  7 ")
        assert drawn[19].strip() == "true Arabic → predicted Arabic: 7 of 126 (5.6 %)"


async def test_at_80_columns_with_a_border_all_columns_fit() -> None:
    async with Host().run_test(size=(80, 21)) as pilot:
        matrix = pilot.app.query_one(SpyMatrix)
        matrix.show(LABELS, [[7] * 18] * 18, "validation")
        assert lines(matrix)[1] == "Arabic" + "  7 " * 18


async def test_sentence_and_title_stand_in_the_border_as_plain_text() -> None:
    async with Host().run_test(size=(80, 12)) as pilot:
        matrix = pilot.app.query_one(SpyMatrix)
        matrix.show(["[red]a[/red]", "b"], [[1, 3], [0, 0]], "epoch [7]")
        matrix.cursor = (0, 1)
        await until(pilot, lambda: "true [red]a[/red] → predicted b: 3 of 4 (75.0 %)" in screen(pilot.app))
        assert "epoch [7] · counts" in screen(pilot.app)
        matrix.cursor = (1, 1)
        await until(pilot, lambda: "true b → predicted b: 0 of 0 ─" in screen(pilot.app))


async def test_where_it_fits_the_true_class_has_its_precision_and_recall() -> None:
    async with Host().run_test(size=(100, 12)) as pilot:
        matrix = pilot.app.query_one(SpyMatrix)
        matrix.show(["Czech", "Polish"], [[6, 2], [4, 0]], "epoch 7")
        matrix.cursor = (0, 1)
        wanted = "true Czech → predicted Polish: 2 of 8 (25.0 %) · Czech: precision 60.0 %, recall 75.0 %"
        await until(pilot, lambda: wanted in screen(pilot.app))
        matrix.show(["Czech", "Polish"], [[8, 0], [4, 0]], "epoch 8")
        matrix.cursor = (1, 1)
        await until(pilot, lambda: "Polish: precision 0.0 %" not in screen(pilot.app))
        await until(pilot, lambda: "· Polish: precision -, recall 0.0 %" in screen(pilot.app))


async def test_percent_sign_switches_between_counts_and_shares_of_the_row() -> None:
    async with Host().run_test(size=(80, 12)) as pilot:
        matrix = pilot.app.query_one(SpyMatrix)
        matrix.show(SMALL, COUNTS, "epoch 7")
        assert lines(matrix)[1].split() == ["Czech", "31", "12", "16"]
        press(matrix, "percent_sign")
        await until(pilot, lambda: matrix.percent)
        assert lines(matrix)[1].split() == ["Czech", "52.5", "20.3", "27.1"]
        assert lines(matrix)[2].split() == ["Polish", "20.0", "80.0", "·"]
        await until(pilot, lambda: "epoch 7 · row %" in screen(pilot.app))


async def test_cursor_follows_keys_and_stays_inside() -> None:
    async with Host().run_test(size=(80, 12)) as pilot:
        matrix = pilot.app.query_one(SpyMatrix)
        matrix.show(SMALL, COUNTS, "epoch 7")
        for keys, place in (
            (["down", "right"], (1, 1)),
            (["j", "l"], (2, 2)),
            (["down", "right"], (2, 2)),
            (["k", "h"], (1, 1)),
            (["up", "left", "up", "left"], (0, 0)),
            (["end"], (0, 2)),
            (["home", "pagedown"], (2, 0)),
            (["pageup"], (0, 0)),
        ):
            press(matrix, *keys)
            await until(pilot, lambda place=place: matrix.cursor == place)  # type: ignore[misc]


async def test_a_click_moves_the_cursor_and_enter_selects() -> None:
    app = Host()
    async with app.run_test(size=(80, 12)) as pilot:
        app.matrix.show(SMALL, COUNTS, "epoch 7")
        app.told.clear()
        # Border 1, labels 8, cells 6 wide: the second cell of the third row; its heads and labels do nothing.
        await pilot.click(ConfusionMatrix, offset=(1 + 8 + 6 + 2, 1 + 1 + 2))
        await until(pilot, lambda: app.matrix.cursor == (2, 1))
        await pilot.click(ConfusionMatrix, offset=(2, 2))
        press(app.matrix, "enter")
        await until(pilot, lambda: len(app.told) == 2)
        moved, selected = app.told
        assert isinstance(moved, ConfusionMatrix.CursorMoved)
        assert (moved.row, moved.column) == (2, 1)
        assert isinstance(selected, ConfusionMatrix.CellSelected)
        assert (selected.row, selected.column) == (2, 1)
        assert selected.control is app.matrix


async def test_a_move_repaints_the_two_rows_the_heads_and_the_sentence() -> None:
    async with Host().run_test(size=(120, 21)) as pilot:
        matrix = pilot.app.query_one(SpyMatrix)
        matrix.show(LABELS, [[7] * 18] * 18, "validation")
        await until(pilot, lambda: "Vietnamese" in screen(pilot.app))
        matrix.repainted.clear()
        matrix.cursor = (5, 3)
        assert () not in matrix.repainted
        rows = {region.y for call in matrix.repainted for region in call}
        assert rows == {0, 1, 6, matrix.size.height}


async def test_new_counts_repaint_only_their_rows_and_equal_counts_nothing() -> None:
    async with Host().run_test(size=(80, 12)) as pilot:
        matrix = pilot.app.query_one(SpyMatrix)
        matrix.show(SMALL, COUNTS, "epoch 7")
        await until(pilot, lambda: "Russian" in screen(pilot.app))
        matrix.repainted.clear()
        matrix.show(SMALL, [list(row) for row in COUNTS], "epoch 7")
        assert matrix.repainted == []
        matrix.show(SMALL, [*COUNTS[:2], [0, 1, 1366]], "epoch 7")
        assert [region.y for call in matrix.repainted for region in call] == [3]


async def test_cursor_stays_in_view_and_heads_and_labels_stay_put() -> None:
    names = [f"n{index:03}" for index in range(300)]
    async with Host().run_test(size=(60, 14)) as pilot:
        matrix = pilot.app.query_one(SpyMatrix)
        matrix.show(names, [[row * 2 + 1] * 300 for row in range(300)], "many")
        for place in ((299, 299), (0, 0), (150, 40), (149, 41), (299, 0)):
            matrix.cursor = place
            drawn = lines(matrix)
            assert names[place[0]] in [line[:4] for line in drawn[1:]]
            assert drawn[0].split()[0].startswith("t")
            first, last = matrix._first[1], matrix._first[1] + matrix._layout().columns
            assert first <= place[1] < last
        await until(pilot, lambda: "rows 290-300, columns 1-13 of 300" in screen(pilot.app))


async def test_cursor_is_kept_inside_when_there_are_fewer_labels() -> None:
    async with Host().run_test(size=(80, 12)) as pilot:
        matrix = pilot.app.query_one(SpyMatrix)
        matrix.show(SMALL, COUNTS, "a")
        matrix.cursor = (2, 2)
        matrix.show(["x"], [[5]], "b")
        assert matrix.cursor == (0, 0)
        matrix.show([], [], "c")
        assert matrix.sentence() == ""
        press(matrix, "enter", "down", "pagedown", "end")
        await pilot.pause()
        assert matrix.cursor == (0, 0)


async def test_before_the_first_epoch_the_pane_says_what_will_fill_it() -> None:
    async with Host(empty="the matrix comes with the first epoch").run_test(size=(80, 12)) as pilot:
        matrix = pilot.app.query_one(SpyMatrix)
        assert "the matrix comes with the first epoch" in "\n".join(lines(matrix))


async def test_ascii_holds_no_other_characters() -> None:
    async with Host(ascii_only=True).run_test(size=(80, 21)) as pilot:
        matrix = pilot.app.query_one(SpyMatrix)
        matrix.show(LABELS, [[0, 7] * 9] * 18, "validation")
        await until(pilot, lambda: "Vietn" in screen(pilot.app))
        assert screen(pilot.app).isascii()


async def test_without_colour_the_cursor_is_reversed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    async with Host().run_test(size=(80, 12)) as pilot:
        matrix = pilot.app.query_one(SpyMatrix)
        matrix.show(SMALL, COUNTS, "epoch 7")
        reversed_cells = [text for text, style, _ in matrix.render_line(1) if style and style.reverse]
        assert reversed_cells == ["   31 "]


async def test_a_new_theme_brings_new_colours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLORTERM", "truecolor")
    async with Host().run_test(size=(80, 12)) as pilot:
        matrix = pilot.app.query_one(SpyMatrix)
        matrix.show(SMALL, COUNTS, "epoch 7")
        dark = matrix.render_line(2)
        pilot.app.theme = "textual-light"
        await until(pilot, lambda: matrix.render_line(2) != dark)
        assert matrix.render_line(2).text == dark.text


@pytest.mark.parametrize("background", ["#121212", "#e0e0e0"])
@pytest.mark.parametrize(("system", "count"), [("truecolor", 16), ("256", 6), ("standard", 3), (None, 1)])
def test_shades_differ_and_their_text_can_be_read(background: str, system: str | None, count: int) -> None:
    ground = Color.parse(background)
    base = Style.from_color(Color.parse("#808080").rich_color, ground.rich_color)
    ramps = [shades(kind, Color.parse(hue), ground, base, system) for kind, hue in HUES]
    for ramp in ramps:
        assert len(ramp) == count
        assert len({(style.bgcolor, style.color) for style in ramp}) == count
        for style in ramp[1:]:
            assert style.color and style.bgcolor
            assert contrast(Color.from_rich_color(style.color), Color.from_rich_color(style.bgcolor)) >= 4.5
    if system:
        assert not {style.bgcolor for style in ramps[0][1:]} & {style.bgcolor for style in ramps[1][1:]}


HUES = (("correct", "#4ebf71"), ("error", "#ba3c5b"))


def contrast(one: Color, other: Color) -> float:
    def luminance(colour: Color) -> float:
        parts = [(p / 255 / 12.92 if p <= 10 else ((p / 255 + 0.055) / 1.055) ** 2.4) for p in colour.rgb]
        return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]

    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@given(share=st.floats(0, 1), more=st.floats(0, 1), count=st.integers(1, 16))
def test_a_larger_share_is_never_fainter(share: float, more: float, count: int) -> None:
    low, high = sorted((share, more))
    assert 0 <= shade_of(low, count) <= shade_of(high, count) < count


def test_numbers_are_shortened_to_their_room() -> None:
    assert [count_text(value, 4) for value in (7, 1367, 12345, 123456, 1234567)] == ["7", "1367", "12k", "123k", "1M"]
    assert [percent_text(value, 5) for value in (1.0, 0.525, 0.0001)] == ["100.0", "52.5", "<0.1"]
    assert [percent_text(value, 3) for value in (1.0, 0.525, 0.0001)] == ["100", "52", "<1"]


printable = st.text(st.characters(exclude_categories=("Cc", "Cs", "Cn", "Co", "Zl", "Zp")), max_size=20)


@given(
    labels=st.lists(printable, max_size=25),
    counts=st.lists(st.lists(st.integers(0, 10**13), max_size=30), max_size=30),
    width=st.integers(1, 140),
    height=st.integers(1, 45),
    border=st.booleans(),
    percent=st.booleans(),
    signs=st.sampled_from((ASCII, UNICODE)),
    data=st.data(),
)
def test_lines_never_outgrow_the_widget(
    labels: list[str],
    counts: list[list[int]],
    width: int,
    height: int,
    border: bool,
    percent: bool,
    signs: Any,
    data: st.DataObject,
) -> None:
    matrix = Matrix.of(labels, counts)
    placed = layout(width, height, len(labels), matrix.longest, border)
    first = (
        data.draw(st.integers(0, len(labels) - placed.rows)),
        data.draw(st.integers(0, len(labels) - placed.columns)),
    )
    drawn = View(matrix, placed, first, (0, 0), percent, signs).lines(PLAIN)
    used = placed.label + placed.columns * placed.cell
    assert used <= width
    assert len(drawn) + placed.sentence <= height
    assert {line.cell_length for line in drawn} <= {used}


async def test_every_line_is_as_wide_as_the_widget_at_any_size() -> None:
    dice = random.Random(1)
    async with Host(empty="nothing yet").run_test(size=(150, 60)) as pilot:
        matrix = pilot.app.query_one(SpyMatrix)
        for _ in range(40):
            matrix.styles.width, matrix.styles.height = dice.randint(1, 140), dice.randint(1, 50)
            matrix.styles.border = ("round", "white") if dice.random() < 0.5 else ("none", "white")
            names = [
                dice.choice(["日本語", "Portuguese", "é", "", "x"]) for _ in range(dice.choice([0, 1, 2, 18, 1000]))
            ]
            counts = [[dice.randint(0, 99999)] * dice.randint(0, 40) for _ in names]
            matrix.show(names, counts, "t")
            matrix.cursor = (dice.randint(0, 999), dice.randint(0, 999))
            matrix.percent = dice.random() < 0.5
            await pilot.pause()
            width, height = matrix.size
            assert [matrix.render_line(y).cell_length for y in range(height)] == [width] * height
