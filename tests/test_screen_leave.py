"""Leaving: the runs train on unless they are told to stop, and the farewell says how to come back."""

from __future__ import annotations

import pytest

from namestui.runs.eventlog import EventLog
from namestui.runs.events import State
from namestui.runs.notes import Notes, write_notes
from namestui.runs.recipes import make_config
from namestui.runs.store import RunLock, RunStore
from namestui.runs.summary import summarise
from namestui.tui.dialogs.leave import LeaveScreen, what_goes_on
from namestui.tui.words.about import closing_message
from tests.fake_engine import EventMaker
from tests.screen_stage import NARROW, WIDE, Stage, on_stage


async def asked_to_leave(stage: Stage, key: str = "q") -> None:
    stage.train(0)
    stage.train(1)
    await stage.until(lambda: stage.state(1).state == stage.state(0).state == "running", "running")
    await stage.press(key)
    await stage.until(lambda: isinstance(stage.app.screen, LeaveScreen), "the question")


@pytest.mark.parametrize(
    ("key", "state"),
    [("q", "finished"), ("ctrl+q", "finished"), ("q", "stopped"), ("q", "failed"), ("ctrl+q", "interrupted")],
)
async def test_without_live_runs_nothing_is_asked(store: RunStore, key: str, state: str) -> None:
    async with on_stage(store, models=["rnn"]) as stage:
        stage.train(0)
        stage.deliver(stage.makers[0].state(state))  # type: ignore[arg-type]
        await stage.until_shown(state)
        await stage.press(key)
        assert await stage.left() == 0
        assert stage.engine.closed
        assert stage.engine.asked == []
        farewell = "\n".join(stage.app.farewell)
        assert ("namestui resume " + stage.run_ids[0] in farewell) == (state == "stopped")


@pytest.mark.parametrize(
    ("key", "leave", "size"),
    [
        ("q", "enter", WIDE),
        ("q", "enter", NARROW),
        ("q", "q", WIDE),
        ("ctrl+q", "l", NARROW),
        ("ctrl+q", "enter", WIDE),
    ],
)
async def test_enter_leaves_and_they_train_on(store: RunStore, key: str, leave: str, size: tuple[int, int]) -> None:
    async with on_stage(store, models=["rnn", "lstm"], size=size) as stage:
        await asked_to_leave(stage, key)
        await stage.until_shown("2 runs train on after you leave", "checkpoint and stop", "cancel")
        await stage.press(leave)
        assert await stage.left() == 0
        assert stage.engine.asked == []
        assert stage.engine.closed
        assert stage.app.farewell == [
            f"RNN trains on ({stage.run_ids[0]})",
            f"LSTM trains on ({stage.run_ids[1]})",
            "come back with: namestui",
        ]


async def test_s_stops_all_and_waits_for_them(store: RunStore) -> None:
    async with on_stage(store, models=["rnn", "lstm"]) as stage:
        await asked_to_leave(stage)
        await stage.press("s")
        await stage.until(lambda: stage.engine.kinds() == ["Stop", "Stop"], "told to stop")
        assert [run for run, _ in stage.engine.asked] == stage.run_ids
        rnn, lstm = stage.makers
        stage.deliver(rnn.state("stopped"))
        await stage.until_shown("1 RNN ■", "2 LSTM ■")
        # GIVEN one that has not saved yet THEN the screen stays
        assert not stage.app._exit
        assert stage.state(1).state == "stopping"
        stage.deliver(lstm.state("stopped"))
        assert await stage.left() == 0
        assert [line.split("; resume it with: ")[1] for line in stage.app.farewell] == [
            f"namestui resume {run_id}" for run_id in stage.run_ids
        ]


async def test_s_where_a_worker_dies_on_the_way(store: RunStore) -> None:
    async with on_stage(store, models=["rnn", "lstm"]) as stage:
        await asked_to_leave(stage)
        await stage.press("s")
        await stage.until(lambda: len(stage.engine.asked) == 2, "told to stop")
        stage.deliver(stage.makers[0].gone(), stage.makers[1].state("stopped"))
        assert await stage.left() == 0


async def test_s_where_a_run_refuses_to_stop(store: RunStore) -> None:
    """As a replay does: nothing is waited for that will not come."""
    async with on_stage(store, models=["rnn", "lstm"]) as stage:
        await asked_to_leave(stage)
        await stage.press("s")
        await stage.until(lambda: len(stage.engine.asked) == 2, "told to stop")
        request = stage.engine.asked[0][1].request
        stage.deliver(stage.makers[0].refused(request, "this is a replay"), stage.makers[1].state("stopped"))
        assert await stage.left() == 0
        assert stage.app.farewell[0] == f"RNN trains on ({stage.run_ids[0]})"


@pytest.mark.parametrize(("cancel", "size"), [("escape", WIDE), ("escape", NARROW), ("c", WIDE)])
async def test_esc_cancels(store: RunStore, cancel: str, size: tuple[int, int]) -> None:
    async with on_stage(store, models=["rnn", "lstm"], size=size) as stage:
        await asked_to_leave(stage)
        await stage.press(cancel)
        await stage.until(lambda: stage.app.screen is stage.main, "back")
        await stage.press("p")
        assert stage.engine.kinds() == ["Pause"]
        assert not stage.app._exit


async def test_the_arrows_choose(store: RunStore) -> None:
    async with on_stage(store, models=["rnn", "lstm"]) as stage:
        await asked_to_leave(stage)
        await stage.press("right", "enter")
        await stage.until(lambda: stage.engine.kinds() == ["Stop", "Stop"], "told to stop")
        stage.deliver(*(maker.state("stopped") for maker in stage.makers))
        assert await stage.left() == 0


async def test_q_in_the_prompt_is_a_letter_and_ctrl_q_leaves(store: RunStore) -> None:
    async with on_stage(store, models=["rnn"]) as stage:
        stage.train(0)
        stage.deliver(stage.makers[0].state("finished"))
        await stage.until_shown("finished")
        await stage.press("slash", "q")
        assert stage.main._view.prompt.value == "q"
        await stage.press("ctrl+q")
        assert await stage.left() == 0


@pytest.mark.parametrize(
    ("live", "text"),
    [
        (["running"], "1 run trains on after you leave"),
        (["starting", "running"], "2 runs train on after you leave"),
        (["paused"], "1 run stays paused after you leave"),
        (["running", "paused", "pausing"], "1 run trains on and 2 runs stay paused after you leave"),
    ],
)
def test_what_keeps_training(live: list[State], text: str) -> None:
    assert what_goes_on(live) == text
    assert what_goes_on(live, elsewhere=2) == f"{text} (2 more without a tab)"


async def test_runs_without_a_tab_live_too(store: RunStore) -> None:
    # GIVEN a run that somebody else trains in this home, and one that has finished
    other = store.create(make_config("gru"))
    write_notes(other, Notes(name="tuesday"))
    log = EventLog(other.events_file)
    log.append(EventMaker(other.id).run_started("gru"))
    log.close()
    store.create(make_config("lstm"))
    lock = RunLock(other)
    try:
        async with on_stage(store, models=["rnn", "lstm"]) as stage:
            await asked_to_leave(stage)
            await stage.until_shown("2 runs train on after you leave (1 more without a tab)")
            await stage.press("enter")
            await stage.left()
            assert stage.app.farewell == [
                f"RNN trains on ({stage.run_ids[0]})",
                f"LSTM trains on ({stage.run_ids[1]})",
                f"tuesday trains on ({other.id}), without a tab",
                "come back with: namestui",
            ]
    finally:
        lock.release()


def test_a_run_without_a_tab_is_called_as_on_a_tab(store: RunStore) -> None:
    run = store.create(make_config("tanh-rnn"))
    assert closing_message([], [summarise(run)])[0] == f"tanh-RNN trains on ({run.id}), without a tab"


async def test_a_key_while_leaving_does_nothing(store: RunStore) -> None:
    """Nor does a name or a cell: the runs are closed already, and the widgets may be gone."""
    async with on_stage(store, models=["rnn", "lstm"]) as stage:
        await asked_to_leave(stage)
        await stage.press("s")
        await stage.until(lambda: len(stage.engine.asked) == 2, "told to stop")
        for key in ("p", "s", "r", "R", "q", "slash", "m", "o", "n", "e", "v", "2", "ctrl+w", "enter", "question_mark"):
            await stage.press(key)
        assert stage.app.screen is stage.main
        assert len(stage.engine.asked) == 2
        stage.deliver(*(maker.state("stopped") for maker in stage.makers))
        await stage.left()
        await stage.press("p", "slash", "q", "enter", "question_mark")
