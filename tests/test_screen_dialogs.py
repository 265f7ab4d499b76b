"""Dialogs and the palette: answered once, one of each, whatever is pressed when, and on the smallest of screens."""

from __future__ import annotations

import asyncio

import pytest
from textual.command import CommandList
from textual.events import Click
from textual.screen import Screen

from namestui.runs.store import RunStore
from namestui.tui.dialogs.all_runs import AllRuns
from namestui.tui.dialogs.dialog import AnsweredOnce
from namestui.tui.dialogs.leave import LeaveScreen
from namestui.tui.dialogs.palette import Palette
from tests.screen_stage import Stage, on_stage


def above_main(stage: Stage) -> list[type[Screen[object]]]:
    """What lies above the main screen, from below."""
    stack = stage.app.screen_stack
    return [type(screen) for screen in stack[stack.index(stage.main) + 1 :]]


async def test_every_dialog_is_answered_once(store: RunStore) -> None:
    async with on_stage(store, models=["rnn", "lstm"]) as stage:
        stage.train(0)
        stage.train(1)
        for key in ("question_mark", "v", "e", "n", "o", "q", "colon"):
            await stage.press(key)
            await stage.until(lambda: len(above_main(stage)) == 1, f"{key} opens something")
            dialog = stage.app.screen
            assert isinstance(dialog, AnsweredOnce)
            # WHEN it is closed twice, as by two keys of which the second was on its way already
            answer = "cancel" if isinstance(dialog, LeaveScreen) else None
            dialog.dismiss(answer)
            dialog.dismiss(answer)
            # THEN the main screen is still there
            assert stage.app.screen is stage.main


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        (["ctrl+p", "ctrl+q", "ctrl+p"], [Palette, LeaveScreen]),
        (["ctrl+q", "ctrl+p", "ctrl+q"], [LeaveScreen, Palette]),
        (["colon", "ctrl+p"], [Palette]),
    ],
)
async def test_one_palette_and_one_question(
    store: RunStore, keys: list[str], expected: list[type[Screen[object]]]
) -> None:
    async with on_stage(store, models=["rnn"]) as stage:
        stage.train(0)
        await stage.until(lambda: stage.state().state == "running", "running")
        await stage.press(*keys)
        assert above_main(stage) == expected


async def test_the_palette_where_there_is_no_room_for_its_list(store: RunStore) -> None:
    async with on_stage(store, models=["rnn"], size=(2, 2)) as stage:
        stage.train(0)
        await stage.press("ctrl+p", "down", "pagedown", "pageup", "end", "home", "enter", "pagedown", "escape")
        await stage.until(lambda: not stage.app._exit, "alive")
        assert stage.app.failure == ""


async def test_keys_while_it_is_left_act_on_nothing(store: RunStore) -> None:
    async with on_stage(store, models=["rnn", "lstm"]) as stage:
        stage.train(0)
        closed = asyncio.Event()
        close = stage.engine.close

        async def close_late(*run_ids: str) -> None:
            await closed.wait()
            await close(*run_ids)

        stage.engine.close = close_late  # type: ignore[method-assign]
        await stage.press("q", "enter")
        await stage.until(lambda: stage.main.is_leaving, "leaving")
        await stage.press("p", "s", "r", "n", "o", "2", "ctrl+w", "slash", "x", "enter", "ctrl+p")
        assert stage.engine.kinds() == []
        assert stage.app.screen is stage.main
        closed.set()
        assert await stage.left() == 0


async def test_a_key_that_comes_before_a_dialog_is_there_does_nothing(store: RunStore) -> None:
    assert AllRuns(store).check_action("open", ()) is False
    async with on_stage(store, models=["rnn"]) as stage:
        await stage.press("o")
        await stage.until(lambda: isinstance(stage.app.screen, AllRuns), "opened")
        await stage.until(lambda: stage.app.screen.check_action("open", ()) is True, "ready")


async def test_themes_are_chosen_in_a_palette_that_needs_no_room(store: RunStore) -> None:
    async with on_stage(store, models=["rnn"], size=(2, 2)) as stage:
        stage.app.search_themes()
        await stage.until(lambda: isinstance(stage.app.screen, Palette), "opened")
        await stage.press("down", "pageup", "pagedown", "home", "end", "pageup", "escape")
        assert stage.app.failure == ""


async def test_a_palette_that_closes_is_searched_and_clicked_in_vain(store: RunStore) -> None:
    async with on_stage(store, models=["rnn"]) as stage:
        await stage.press("colon")
        await stage.until(lambda: isinstance(stage.app.screen, Palette), "opened")
        palette = stage.app.screen
        assert isinstance(palette, Palette)
        # GIVEN that its parts go one by one, or that the terminal has shrunk
        palette.post_message(Click(palette, 900, 4, 0, 0, 1, False, False, False, screen_x=900, screen_y=4))
        await palette.query_one(CommandList).remove()
        # WHEN what was asked of it before comes now THEN nothing happens
        palette._gather_commands("pause")
        await stage.until(lambda: not any(one.group == Palette._GATHER_COMMANDS_GROUP for one in stage.app.workers))
        await stage.pilot.pause()
        assert stage.app.failure == ""
        assert stage.app.screen is palette
        # AND a click beside it closes it, once
        await stage.pilot.click(offset=(1, 30))
        await stage.until(lambda: stage.app.screen is stage.main, "closed")
