"""A recorded run played as if live."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any

import pytest

from namestui.engine.link.asking import RefusedError
from namestui.engine.link.engine import Engine
from namestui.engine.link.updates import Update
from namestui.runs import commands
from namestui.runs.eventlog import EventLog
from namestui.runs.events import Accepted, Confusion, Logged, LoggedEvent, StateChanged
from namestui.runs.recipes import make_config
from namestui.runs.store import RunDirectory, RunStore
from namestui.tui.state.replay import MAX_WAIT, ReplayEngine
from namestui.tui.state.run_state import RunState
from tests.fake_engine import EventMaker

PATIENCE = 10.0
FAST = 1e6
MATRICES = {epoch: [[epoch, 1, 0], [2, 3, 0], [0, 0, 4]] for epoch in (1, 2, 3)}

Record = Callable[[Sequence[Logged]], RunDirectory]


@pytest.fixture
def record(store: RunStore) -> Record:
    """Writes a run that has told just these events, and the matrices of its first three epochs."""

    def write(updates: Sequence[Logged]) -> RunDirectory:
        run = store.create(make_config("rnn"))
        log = EventLog(run.events_file)
        for event in updates:
            log.append(event)
        log.close()
        for epoch, matrix in MATRICES.items():
            run.confusion(len(matrix)).put(epoch, matrix)
        return run

    return write


@pytest.fixture
async def replays() -> AsyncIterator[Callable[[float], ReplayEngine]]:
    made: list[ReplayEngine] = []

    def make(speed: float) -> ReplayEngine:
        made.append(ReplayEngine(speed))
        return made[-1]

    yield make
    for engine in made:
        await engine.close()


def a_training() -> list[Logged]:
    """Three epochs, a second apart, and the end."""
    maker = EventMaker("recorded")
    return [
        maker.run_started(epochs=3),
        maker.epoch(),
        maker.saved(),
        maker.epoch(train_loss=None),
        maker.alert("loss is not finite"),
        maker.epoch(),
        maker.scored(),
        maker.state("finished"),
    ]


async def take(engine: ReplayEngine, count: int) -> list[Update]:
    """The next so many logged events, with what comes along."""
    updates: list[Update] = []
    async with asyncio.timeout(PATIENCE):
        while sum(isinstance(one, LoggedEvent) for one in updates) < count:
            updates += await engine.queue.get()
    return updates


async def test_all_events_in_order(record: Record, replays: Callable[[float], ReplayEngine]) -> None:
    events = a_training()
    engine: Engine = replays(FAST)
    assert isinstance(engine, ReplayEngine)
    engine.open(record(events))

    updates = await take(engine, len(events))

    assert [one for one in updates if isinstance(one, LoggedEvent)] == events
    # Each epoch brings its matrix along, in the same batch, as a live run does.
    matrices = [one for one in updates if isinstance(one, Confusion)]
    assert {one.epoch: one.matrix for one in matrices} == MATRICES
    assert [updates[updates.index(one) - 1] for one in matrices] == [events[1], events[3], events[5]]


async def test_the_screen_ends_up_knowing_what_it_knew_live(
    record: Record, replays: Callable[[float], ReplayEngine]
) -> None:
    events = a_training()
    engine = replays(FAST)
    run = record(events)
    engine.start(run)
    state = RunState(run.id)
    for one in await take(engine, len(events)):
        state.apply(one)
    assert (state.state, state.epoch, state.history.best_epoch) == ("finished", 3, 3)
    assert [alert.message for alert in state.history.alerts] == ["loss is not finite"]
    assert state.confusion is not None
    assert state.confusion.matrix == MATRICES[3]


async def test_opened_twice_it_plays_once(record: Record, replays: Callable[[float], ReplayEngine]) -> None:
    events = a_training()
    engine = replays(FAST)
    run = record(events)
    for play in (engine.open, engine.start, engine.open):
        play(run)
    await take(engine, len(events))
    await asyncio.sleep(0)
    assert engine.queue.empty()


async def test_runs_play_side_by_side(record: Record, replays: Callable[[float], ReplayEngine]) -> None:
    engine = replays(FAST)
    for _ in range(2):
        engine.open(record(a_training()))
    updates = await take(engine, 2 * len(a_training()))
    assert sum(isinstance(one, StateChanged) for one in updates) == 2


async def test_nothing_recorded_is_nothing_to_play(record: Record, replays: Callable[[float], ReplayEngine]) -> None:
    engine = replays(FAST)
    engine.open(record([]))
    await asyncio.sleep(0.05)
    assert engine.queue.empty()


async def test_a_record_that_cannot_be_read_is_said(
    record: Record, replays: Callable[[float], ReplayEngine], store: RunStore
) -> None:
    engine = replays(FAST)
    run = record(a_training())
    run.events_file.rename(store.home / "elsewhere")
    run.events_file.symlink_to(store.home / "elsewhere")
    engine.open(run)
    async with asyncio.timeout(PATIENCE):
        (gone,) = await engine.queue.get()
    state = RunState(run.id)
    state.apply(gone)
    assert (state.state, state.reason) == (
        "interrupted",
        "the replay is over: events.jsonl is a link: it is not followed",
    )
    await engine.close()


@pytest.mark.parametrize("speed", [5.0, 10.0])
async def test_the_intervals_are_those_of_the_record(
    record: Record, replays: Callable[[float], ReplayEngine], speed: float
) -> None:
    events = a_training()[:4]
    engine = replays(speed)
    began = time.monotonic()
    engine.open(record(events))
    # The first event comes at once, the others a second (at speed 1) apart.
    await take(engine, 1)
    assert time.monotonic() - began < 1 / speed + 0.5
    await take(engine, 3)
    took = time.monotonic() - began
    assert 3 / speed - 0.01 <= took < 3 / speed + 2


async def test_nights_are_cut_short_and_clocks_that_went_back_are_no_trouble(
    record: Record, replays: Callable[[float], ReplayEngine], monkeypatch: pytest.MonkeyPatch
) -> None:
    # GIVEN a pause of ten hours, then a clock set back
    maker = EventMaker("recorded")
    first, second, third = maker.run_started(), maker.epoch(), maker.epoch()
    night = type(second)(**{field: getattr(second, field) for field in second.__struct_fields__} | {"time": 3e9})
    waits: list[float] = []

    async def note(seconds: float) -> None:
        waits.append(seconds)

    run = record([first, night, third])
    engine = replays(1.0)
    monkeypatch.setattr("namestui.tui.state.replay.asyncio.sleep", note)
    engine.open(run)
    await take(engine, 3)
    assert waits == [MAX_WAIT, 0.0]


async def test_pause_holds_the_replay_and_resume_continues_it(
    record: Record, replays: Callable[[float], ReplayEngine]
) -> None:
    events = a_training()
    engine = replays(50.0)
    run = record(events)
    engine.open(run)
    updates = await take(engine, 1)

    await engine.ask(run.id, commands.Pause())
    while not (isinstance(updates[-1], StateChanged) and updates[-1].state == "paused"):
        updates += await take(engine, 1)
    # Longer than the rest would take.
    await asyncio.sleep(0.3)
    assert engine.queue.empty()
    assert updates[-1].run == run.id

    await engine.resume(run)
    rest = await take(engine, len(events) - len([one for one in updates if one in events]) + 1)
    assert isinstance(rest[0], StateChanged)
    assert rest[0].state == "running"
    assert [one for one in (*updates, *rest) if one in events] == events


@pytest.mark.parametrize(
    "command",
    [
        commands.Stop(),
        commands.Checkpoint(),
        commands.Resume(),
        commands.Extend(epochs=3),
        commands.Predict(name="Satoshi"),
        commands.ListExamples(true=0, predicted=1),
    ],
)
async def test_anything_else_is_refused(record: Record, replays: Callable[[float], ReplayEngine], command: Any) -> None:
    engine = replays(FAST)
    run = record([])
    engine.open(run)
    with pytest.raises(RefusedError, match="replay"):
        await engine.ask(run.id, command)


async def test_two_pauses_are_one_and_a_refusal(record: Record, replays: Callable[[float], ReplayEngine]) -> None:
    engine = replays(FAST)
    run = record([])
    engine.open(run)
    assert isinstance(await engine.ask(run.id, commands.Pause()), Accepted)
    with pytest.raises(RefusedError):
        await engine.ask(run.id, commands.Pause())
    assert [type(update) for update in await engine.queue.get()] == [StateChanged]
    assert engine.queue.empty()


async def test_closing_ends_it(record: Record, replays: Callable[[float], ReplayEngine]) -> None:
    engine = replays(1.0)
    runs = [record(a_training()) for _ in range(2)]
    for run in runs:
        engine.open(run)
    await take(engine, 2)
    await engine.close(runs[0].id)
    await engine.close()
    await engine.close()
    assert engine.queue.empty()
    assert not [task for task in asyncio.all_tasks() if task.get_name().startswith("replay")]
