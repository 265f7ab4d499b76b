"""The mouse: a click goes where a key would, the wheel scrolls; all of it on a real terminal's reports."""

from __future__ import annotations

import re
import sys
import time
from collections.abc import Callable

import pytest
from textual import events
from textual.widget import Widget

from namestui.runs.recipes import make_config
from namestui.runs.store import RunDirectory, RunStore
from namestui.tui.dialogs.help import HelpScreen
from tests.pseudo_terminal import PATIENCE, PseudoTerminal
from tests.screen_stage import NARROW, WIDE, Stage, on_stage

NAMESTUI = [sys.executable, "-P", "-m", "namestui.tui"]
SIZES = pytest.mark.parametrize("size", [WIDE, NARROW], ids=["120x40", "80x24"])


def place(stage: Stage, text: str) -> tuple[int, int]:
    """Where ``text`` stands on the screen: column, row."""
    return next((line.index(text), row) for row, line in enumerate(stage.lines()) if text in line)


async def click(stage: Stage, text: str, right: int = 0) -> None:
    """On ``text``, or so many cells to the right of its first letter."""
    column, row = place(stage, text)
    await stage.pilot.click(offset=(column + right, row))


@SIZES
async def test_a_click_on_a_tab_and_on_a_key_of_the_foot(store: RunStore, size: tuple[int, int]) -> None:
    async with on_stage(store, models=["rnn", "lstm"], size=size) as stage:
        for index in (0, 1):
            stage.train(index)
        await stage.until_shown("2 LSTM", "? help")
        await click(stage, "2 LSTM")
        await stage.until(lambda: stage.main._runs.number(stage.main._runs.shown.run) == 2, "the second")  # type: ignore[union-attr]
        await click(stage, "? help")
        await stage.until(lambda: isinstance(stage.app.screen, HelpScreen), "help")
        await stage.press("escape")
        await stage.until(lambda: stage.app.screen is stage.main, "closed")
        await stage.until_shown("/ predict")
        await click(stage, "/ predict", right=4)
        await stage.until(lambda: stage.main._view.prompt.has_focus, "the prompt")


async def test_a_click_on_a_cell_moves_the_cursor_there_and_on_a_pane_the_focus(store: RunStore) -> None:
    async with on_stage(store, models=["rnn"]) as stage:
        stage.train(0)
        await stage.until_shown("Sumo      ·     7    23")
        await click(stage, "type a name", right=2)
        await stage.until(lambda: stage.main._view.prompt.has_focus, "the prompt")
        await click(stage, "7    23")
        await stage.until(lambda: stage.main._view.matrix.has_focus, "the matrix")
        await stage.until_shown("true Sumo → predicted Kirik: 7 of 30")


async def test_a_click_on_an_inner_tab(store: RunStore) -> None:
    async with on_stage(store, models=["rnn"], size=NARROW) as stage:
        stage.train(0)
        await stage.until_shown("Matrix")
        await click(stage, "Matrix")
        await stage.until_shown("true Abban")


async def turned(widget: Widget, stage: Stage, kind: type[events.MouseScrollDown | events.MouseScrollUp]) -> None:
    """The wheel over the middle of a widget."""
    x, y = int(widget.size.width // 2), int(widget.size.height // 2)
    widget.post_message(kind(widget, x, y, 0, 1, 0, False, False, False, screen_x=x, screen_y=y))
    await stage.pilot.pause()


async def test_the_wheel_goes_through_the_rows_of_a_matrix_that_does_not_fit(store: RunStore) -> None:
    labels = [f"Label{i:03}" for i in range(100)]
    async with on_stage(store, models=["rnn"]) as stage:
        stage.train(0, labels=labels)
        stage.deliver(stage.makers[0].confusion([[1] * 100 for _ in labels]))
        await stage.until_shown("Label000")
        matrix = stage.main._view.matrix
        first = matrix.cursor
        for _ in range(3):
            await turned(matrix, stage, events.MouseScrollDown)
        assert matrix.cursor[0] > first[0] and matrix.cursor[1] == first[1]
        for _ in range(3):
            await turned(matrix, stage, events.MouseScrollUp)
        assert matrix.cursor == first


async def test_the_wheel_leaves_a_matrix_alone_that_is_all_in_view(store: RunStore) -> None:
    async with on_stage(store, models=["rnn"]) as stage:
        stage.train(0)
        await stage.until_shown("Sumo      ·     7    23")
        matrix = stage.main._view.matrix
        await turned(matrix, stage, events.MouseScrollDown)
        assert matrix.cursor == (0, 0)


def report(button: int, column: int, row: int, end: str = "M") -> bytes:
    """What a terminal sends (SGR, counted from 1)."""
    return f"\x1b[<{button};{column};{row}{end}".encode()


def test_on_a_real_terminal(
    open_screen: Callable[..., PseudoTerminal], finished: RunDirectory, store: RunStore
) -> None:
    for seed in range(60):
        store.create(make_config("rnn", seed=seed))
    screen = open_screen(*NAMESTUI, "attach", finished.id)
    screen.wait_for("finished · epoch 3/3")
    row = next(i for i, line in enumerate(screen.screen.display, 1) if "o all runs" in line)
    column = screen.screen.display[row - 1].index("o all runs") + 3
    deadline = time.monotonic() + PATIENCE
    while "all runs: enter opens" not in screen.text():  # the foot may just be made anew: then nobody is hit
        assert time.monotonic() < deadline, screen.text()
        screen.send(report(0, column, row) + report(0, column, row, "m"))
        screen.read(0.5)
    screen.wait_for("61 of 61")
    row = r"rnn +interrupted .* 45 "  # the cursor begins at the oldest run, at the end of the list
    assert re.search(row, screen.text()) is None
    screen.send(report(64, 60, 20) * 16)
    screen.wait_for(row)
    screen.send(report(65, 60, 20) * 16)
    screen.wait_for(r"rnn +finished .*3/3")


async def test_a_click_on_a_widget_that_was_just_removed_acts_on_nothing(store: RunStore) -> None:
    async with on_stage(store, models=["rnn"], size=WIDE) as stage:
        stage.train(0)
        await stage.until_shown("epoch  3/20")
        matrix = stage.main._view.matrix
        x, y = matrix.region.x + 1, matrix.region.y + 1
        parent, matrix._parent = matrix._parent, None  # as in the moment in which Textual removes it
        try:
            assert stage.app.screen.get_widget_and_offset_at(x, y)[0] is matrix
            await stage.app.on_event(events.MouseDown(None, x, y, 0, 0, 1, False, False, False, x, y))
        finally:
            matrix._parent = parent
