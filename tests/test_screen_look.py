"""What must not hide or cut anything: the foot, toasts, tabs."""

from __future__ import annotations

import asyncio

import pytest
from textual.widgets._footer import FooterKey

from namestui.runs.events import State
from namestui.runs.notes import Notes, write_notes
from namestui.runs.store import RunStore
from namestui.tui.widgets.foot import Foot
from tests.screen_stage import NARROW, WIDE, on_stage

SIZES = pytest.mark.parametrize("size", [WIDE, NARROW], ids=["120x40", "80x24"])


@pytest.mark.parametrize("state", ["paused", "interrupted", "running"])
async def test_the_foot_of_a_small_matrix_is_not_cut(store: RunStore, state: State) -> None:
    async with on_stage(store, models=["rnn"], size=NARROW) as stage:
        stage.train(0)
        stage.deliver(stage.makers[0].state(state))
        await stage.press("m")
        await stage.until_shown(state, "esc back")
        await stage.until_shown("enter names", "? help", "q leave")
        # whatever stands there stands there whole
        foot = stage.app.screen.region
        await stage.until(lambda: all(foot.contains_region(key.region) for key in stage.app.screen.query(FooterKey)))
        # and what had to go comes back where there is room
        await stage.pilot.resize_terminal(*WIDE)
        await stage.until_shown("o all runs", "g curves", "/ predict")


async def test_the_foot_is_drawn_anew_only_where_its_keys_are_others(store: RunStore) -> None:
    async with on_stage(store, models=["rnn"]) as stage:
        stage.train(0)
        await stage.until_shown("p pause")
        foot = stage.main.query_one(Foot)
        before = list(foot.children)
        is_done = asyncio.Event()

        async def again() -> None:
            await foot.recompose()
            is_done.set()

        foot.call_later(again)
        await stage.until(is_done.is_set, "the end of it")
        assert list(foot.children) == before
        stage.deliver(stage.makers[0].state("paused"))
        await stage.until_shown("p resume")
        assert list(foot.children) != before


@SIZES
async def test_toasts_do_not_hide_keys_or_progress(store: RunStore, size: tuple[int, int]) -> None:
    async with on_stage(store, models=["rnn"], size=size) as stage:
        stage.train(0)
        await stage.until_shown("epoch  3/20", "q leave")
        foot = stage.lines()[-2:]
        stage.main._say_summary([f"{count} names had accents removed, and this is a long line" for count in range(6)])
        await stage.until_shown("5 names had accents")
        assert stage.lines()[-2:] == foot
        assert "1 RNN" in stage.lines()[0]


async def test_tabs_show_names_beside_models_as_long_as_there_is_room(store: RunStore) -> None:
    async with on_stage(store, models=["rnn", "lstm"]) as stage:
        for index, name in enumerate(("tuesday", "with dropout .4")):
            write_notes(store.get(stage.run_ids[index]), Notes(name=name))
            stage.main._runs.read_name_again(store.get(stage.run_ids[index]))
            stage.train(index)
        await stage.until_shown("1 tuesday · RNN ●", "2 with dropout .4 · LSTM ●", "confusion · tuesday")
        await stage.pilot.resize_terminal(50, 24)
        stage.main._redraw(force=True)
        await stage.until_shown("1 tuesday ●", "2 with dropout .4 ●")
