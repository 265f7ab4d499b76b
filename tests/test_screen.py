"""The screen from its start to its next start: which runs it opens, its tabs, what streams in, what it remembers."""

from __future__ import annotations

import stat
from functools import partial
from pathlib import Path

import pytest

from namestui.runs import commands
from namestui.runs.recipes import make_config
from namestui.runs.screen_session import ScreenSession
from namestui.runs.store import RunLock, RunStore
from namestui.tui.state.run_state import RunState
from tests.fake_engine import NOW
from tests.screen_stage import NARROW, WIDE, Stage, on_stage

SIZES = pytest.mark.parametrize("size", [WIDE, NARROW], ids=["120x40", "80x24"])


def is_shown(stage: Stage, state: RunState) -> bool:
    return stage.main._runs.shown is state


@SIZES
async def test_the_first_start_trains_an_rnn_and_an_lstm(home: Path, store: RunStore, size: tuple[int, int]) -> None:
    # GIVEN a home in which nothing is WHEN the screen opens
    assert not home.exists()
    async with on_stage(store, size=size) as stage:
        await stage.until_shown("1 RNN", "2 LSTM", "starting")
        # THEN two runs are on disk and started, in that order, with nothing but the recipes in their configs
        assert len(store.all()) == 2
        assert [store.get(run_id).config() for run_id in stage.engine.started] == [
            make_config("rnn"),
            make_config("lstm"),
        ]
        assert stage.engine.opened == []
        assert {stat.S_IMODE(run.path.stat().st_mode) for run in store.all()} == {0o700}
        # and an empty pane says what will fill it
        await stage.until_shown("waiting for the first epoch")
        assert store.read_session().runs == stage.run_ids


async def test_no_later_start_is_a_first_start(store: RunStore) -> None:
    async with on_stage(store, models=["rnn"]) as stage:
        run_ids = stage.run_ids
    async with on_stage(store) as again:
        assert again.engine.started == []
        assert again.engine.opened == run_ids == [run.id for run in store.all()]


@SIZES
async def test_tabs(store: RunStore, size: tuple[int, int]) -> None:
    async with on_stage(store, models=["rnn", "lstm"], size=size) as stage:
        rnn, lstm = stage.makers
        stage.train(0, 3)
        stage.train(1, 1, planned=500)
        await stage.until_shown("1 RNN ●", "2 LSTM ●", "running", "epoch  3/20")
        # WHEN the digit of a tab is pressed THEN that run is shown
        await stage.press("2")
        await stage.until_shown("epoch   1/500")
        # and a change of the run that is not shown is seen at its tab
        stage.deliver(rnn.state("paused"))
        await stage.until_shown("1 RNN ❚❚", "2 LSTM ●", "running")
        # and a digit without a tab does nothing
        await stage.press("9")
        assert "epoch   1/500" in stage.text()
        await stage.press("1")
        await stage.until_shown("paused", "epoch  3/20")
        stage.deliver(lstm.state("finished"))
        await stage.until_shown("2 LSTM ✓")


async def test_each_digit_is_a_tab_and_twins_differ(store: RunStore) -> None:
    async with on_stage(store, models=["rnn"] * 9, size=(200, 50)) as stage:
        await stage.until_shown(*(f"{n + 1} RNN {run_id[-4:]}" for n, run_id in enumerate(stage.run_ids)))
        for number in (9, 2, 5, 1, 7, 3, 8, 4, 6):
            await stage.press(str(number))
            wanted = stage.state(number - 1)
            await stage.until(partial(is_shown, stage, wanted), f"tab {number}")


@SIZES
async def test_what_streams_in_is_seen(store: RunStore, size: tuple[int, int]) -> None:
    async with on_stage(store, models=["rnn"], size=size) as stage:
        stage.train(0, 7)
        maker = stage.makers[0]
        await stage.until_shown("epoch  7/20", "14.8k", "train 0.7000  validation 0.8000", "best 63.0 %")
        stage.deliver(maker.progress(81), maker.notice("no space left on the disk"))
        await stage.until_shown("batch  81/113" if size == WIDE else "epoch  7/20", "no space left on the disk")
        # An epoch that is not finite is told, and ends nothing.
        stage.deliver(maker.epoch(train_loss=None, validation_loss=None))
        await stage.until_shown("epoch  8/20", "train    NaN")
        stage.deliver(maker.epoch(), maker.planned_epochs(1500))
        await stage.until_shown("epoch    9/1500")


async def test_events_of_a_run_without_a_tab_are_not_ours(store: RunStore) -> None:
    async with on_stage(store, models=["rnn"]) as stage:
        stage.deliver(stage.engine.maker("someone-else").run_started("lstm"), stage.makers[0].state("paused"))
        await stage.until_shown("paused")
        assert len(stage.main._runs) == 1


async def test_only_news_pop_up(store: RunStore) -> None:
    async with on_stage(store, models=["rnn"]) as stage:
        maker = stage.makers[0]
        old = maker.alert("long past")
        stage.deliver(type(old)(run=old.run, time=1.0, seq=old.seq, message=old.message))
        stage.deliver(maker.alert("loss is [b]NaN[/b]\x1b[2J"), maker.refused("none of ours", "for another client"))
        await stage.press("p")
        await stage.until(stage.engine.waiting, "asked")
        stage.deliver(maker.refused(stage.engine.last(commands.Pause).request, "cannot [i]now[/i]"))
        await stage.until(lambda: "cannot [i]now[/i]" in stage.notices(), "refused")
        assert r"RNN: loss is [b]NaN[/b]\x1b[2J" in stage.notices()
        assert "long past" not in stage.notices()
        assert "for another client" not in stage.notices()
        assert stage.state().history.alerts[0].message == "long past"
        await stage.until_shown("[b]NaN[/b]", "[i]now[/i]")
        assert old.time >= NOW


async def test_the_session_is_remembered(store: RunStore) -> None:
    # GIVEN a screen on two runs, its theme and its numbers changed
    async with on_stage(store, models=["lstm", "rnn"]) as stage:
        run_ids = stage.run_ids
        for maker in stage.makers:
            stage.deliver(maker.state("finished"))
        stage.train(0)
        stage.deliver(stage.makers[0].state("finished"))
        await stage.until_shown("counts", "1 LSTM ✓", "2 RNN ✓")
        before = stage.app.theme
        await stage.press("percent_sign", "d", "q")
        assert await stage.left() == 0
        assert before == "namestui-dark"
    # THEN that is on disk WHEN it is opened again THEN it comes back so
    assert store.read_session() == ScreenSession(runs=run_ids, theme="namestui-light", percent=True)
    async with on_stage(store) as again:
        assert again.run_ids == again.engine.opened == run_ids
        assert again.app.theme == "namestui-light"
        again.train(0)
        await again.until_shown("1 LSTM", "2 RNN", "row %")


async def test_tabs_are_remembered_without_leaving(store: RunStore) -> None:
    """A terminal may vanish without a word."""
    async with on_stage(store, models=["rnn", "lstm"]) as stage:
        assert store.read_session().runs == stage.run_ids


async def test_what_lives_comes_before_the_last_session(store: RunStore) -> None:
    dead, live = (store.create(make_config(model)) for model in ("rnn", "lstm"))
    store.write_session(ScreenSession(runs=[dead.id]))
    lock = RunLock(live)
    try:
        async with on_stage(store) as stage:
            assert stage.engine.opened == [live.id]
            assert stage.engine.started == []
    finally:
        lock.release()


@pytest.mark.parametrize("written", [b"", b"{", b'{"runs": 3}', b"\xff\xfe", b'{"theme": "no-such-theme"}'])
async def test_a_session_file_that_cannot_be_read_is_no_session(store: RunStore, written: bytes) -> None:
    store.home.mkdir(parents=True)
    store.session_file.write_bytes(written)
    async with on_stage(store, models=["rnn"]) as stage:
        await stage.until_shown("1 RNN")
        assert stage.app.theme == "namestui-dark"


async def test_a_home_whose_runs_cannot_be_listed_leaves_the_screen_whole(store: RunStore) -> None:
    run = store.create(make_config("rnn"))
    store.write_session(ScreenSession(runs=[run.id], theme="namestui-light"))
    away = store.runs.rename(store.home / "away")
    store.runs.write_text("no folder")
    async with on_stage(store, expect_runs=False) as stage:
        await stage.until(lambda: "cannot read the runs below" in stage.notices(), "said")
        assert stage.app.theme == "namestui-light"
        await stage.press("q")
        assert await stage.left() == 0
    # AND once they can be again, the tab is remembered
    store.runs.unlink()
    away.rename(store.runs)
    async with on_stage(store) as again:
        assert again.engine.opened == [run.id]


async def test_a_damaged_run_takes_no_other_tab_along(store: RunStore) -> None:
    made = [store.create(make_config(model)) for model in ("rnn", "lstm")]
    made[0].config_file.write_text("{")
    store.write_session(ScreenSession(runs=[run.id for run in made]))
    async with on_stage(store) as stage:
        await stage.until(lambda: made[0].id in stage.notices(), "said why")
        await stage.until_shown("1 LSTM")
        await stage.until(lambda: set(store.read_session().runs) == {run.id for run in made}, "both remembered")


async def test_a_run_whose_config_cannot_be_read_leaves_the_screen_whole(store: RunStore) -> None:
    run = store.create(make_config("rnn"))
    run.config_file.write_text('{"format": 99}')
    store.write_session(ScreenSession(runs=[run.id]))
    async with on_stage(store, expect_runs=False) as stage:
        await stage.until(lambda: "newer" in stage.notices(), "said")
        await stage.press("p", "s", "r", "m", "question_mark", "escape", "q")
        assert await stage.left() == 0
