"""Leaving: the runs train on unless they are told to stop, and the farewell says how to come back."""

from __future__ import annotations

import pytest

from namestui.runs.events import State
from namestui.runs.store import RunStore
from namestui.tui.dialogs.leave import LeaveScreen, what_goes_on
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
        stage.tell(stage.tellers[0].state(state))  # type: ignore[arg-type]
        await stage.until_shown(state)
        await stage.press(key)
        assert await stage.left() == 0
        assert stage.engine.closed
        assert stage.engine.sent == []
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
        assert stage.engine.sent == []
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
        assert [run for run, _ in stage.engine.sent] == stage.run_ids
        rnn, lstm = stage.tellers
        stage.tell(rnn.state("stopped"))
        await stage.until_shown("1 RNN ■", "2 LSTM ■")
        # GIVEN one that has not saved yet THEN the screen stays
        assert not stage.app._exit
        assert stage.state(1).state == "stopping"
        stage.tell(lstm.state("stopped"))
        assert await stage.left() == 0
        assert [line.split("; go on with: ")[1] for line in stage.app.farewell] == [
            f"namestui resume {run_id}" for run_id in stage.run_ids
        ]


async def test_s_where_a_worker_dies_on_the_way(store: RunStore) -> None:
    async with on_stage(store, models=["rnn", "lstm"]) as stage:
        await asked_to_leave(stage)
        await stage.press("s")
        await stage.until(lambda: len(stage.engine.sent) == 2, "told to stop")
        stage.tell(stage.tellers[0].gone(), stage.tellers[1].state("stopped"))
        assert await stage.left() == 0


async def test_s_where_a_run_refuses_to_stop(store: RunStore) -> None:
    """As a replay does: nothing is waited for that will not come."""
    async with on_stage(store, models=["rnn", "lstm"]) as stage:
        await asked_to_leave(stage)
        await stage.press("s")
        await stage.until(lambda: len(stage.engine.sent) == 2, "told to stop")
        request = stage.engine.sent[0][1].request
        stage.tell(stage.tellers[0].refused(request, "this is a replay"), stage.tellers[1].state("stopped"))
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
        stage.tell(*(teller.state("stopped") for teller in stage.tellers))
        assert await stage.left() == 0


async def test_q_in_the_prompt_is_a_letter_and_ctrl_q_leaves(store: RunStore) -> None:
    async with on_stage(store, models=["rnn"]) as stage:
        stage.train(0)
        stage.tell(stage.tellers[0].state("finished"))
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
def test_what_goes_on(live: list[State], text: str) -> None:
    assert what_goes_on(live) == text
