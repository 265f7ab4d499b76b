"""A recorded run played as if live."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Sequence

import pytest

from namestui.engine.link.client import Engine, Told
from namestui.runs import commands
from namestui.runs.eventlog import EventLog
from namestui.runs.events import Confusion, Logged, LoggedEvent, Refused, StateChanged
from namestui.runs.recipes import make_config
from namestui.runs.store import RunDirectory, RunStore
from namestui.tui.state.replay import LONGEST, ReplayEngine
from namestui.tui.state.run_state import RunState
from tests.fake_engine import Teller

PATIENCE = 10.0
FAST = 1e6
MATRICES = {epoch: [[epoch, 1, 0], [2, 3, 0], [0, 0, 4]] for epoch in (1, 2, 3)}

Record = Callable[[Sequence[Logged]], RunDirectory]


@pytest.fixture
def record(store: RunStore) -> Record:
    """Writes a run that has told just these events, and the matrices of its first three epochs."""

    def write(told: Sequence[Logged]) -> RunDirectory:
        run = store.create(make_config("rnn"))
        log = EventLog(run.events_file)
        for event in told:
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
    teller = Teller("recorded")
    return [
        teller.run_started(epochs=3),
        teller.epoch(),
        teller.saved(),
        teller.epoch(train_loss=None),
        teller.alert("loss is not finite"),
        teller.epoch(),
        teller.scored(),
        teller.state("finished"),
    ]


async def take(engine: ReplayEngine, count: int) -> list[Told]:
    """The next so many logged events, with what comes along."""
    told: list[Told] = []
    async with asyncio.timeout(PATIENCE):
        while sum(isinstance(one, LoggedEvent) for one in told) < count:
            told += await engine.queue.get()
    return told


async def test_all_events_in_order(record: Record, replays: Callable[[float], ReplayEngine]) -> None:
    events = a_training()
    engine: Engine = replays(FAST)
    assert isinstance(engine, ReplayEngine)
    engine.open(record(events))

    told = await take(engine, len(events))

    assert [one for one in told if isinstance(one, LoggedEvent)] == events
    # Each epoch brings its matrix along, in the same batch, as a live run does.
    matrices = [one for one in told if isinstance(one, Confusion)]
    assert {one.epoch: one.matrix for one in matrices} == MATRICES
    assert [told[told.index(one) - 1] for one in matrices] == [events[1], events[3], events[5]]


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
    assert (state.state, state.epoch, state.best_epoch, state.alerts) == ("finished", 3, 3, ["loss is not finite"])
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
    told = await take(engine, 2 * len(a_training()))
    assert sum(isinstance(one, StateChanged) for one in told) == 2


async def test_nothing_recorded_is_nothing_to_play(record: Record, replays: Callable[[float], ReplayEngine]) -> None:
    engine = replays(FAST)
    engine.open(record([]))
    await asyncio.sleep(0.05)
    assert engine.queue.empty()


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
    teller = Teller("recorded")
    first, second, third = teller.run_started(), teller.epoch(), teller.epoch()
    night = type(second)(**{field: getattr(second, field) for field in second.__struct_fields__} | {"time": 3e9})
    waits: list[float] = []

    async def note(seconds: float) -> None:
        waits.append(seconds)

    run = record([first, night, third])
    engine = replays(1.0)
    monkeypatch.setattr("namestui.tui.state.replay.asyncio.sleep", note)
    engine.open(run)
    await take(engine, 3)
    assert waits == [LONGEST, 0.0]


async def test_pause_holds_the_replay_and_resume_goes_on(
    record: Record, replays: Callable[[float], ReplayEngine]
) -> None:
    events = a_training()
    engine = replays(50.0)
    run = record(events)
    engine.open(run)
    told = await take(engine, 1)

    engine.send(run.id, commands.Pause)
    while not (isinstance(told[-1], StateChanged) and told[-1].state == "paused"):
        told += await take(engine, 1)
    # Longer than the rest would take.
    await asyncio.sleep(0.3)
    assert engine.queue.empty()
    assert told[-1].run == run.id

    engine.resume(run)
    rest = await take(engine, len(events) - len([one for one in told if one in events]) + 1)
    assert isinstance(rest[0], StateChanged)
    assert rest[0].state == "running"
    assert [one for one in (*told, *rest) if one in events] == events


@pytest.mark.parametrize(
    ("make", "fields"),
    [
        (commands.Stop, {}),
        (commands.Checkpoint, {}),
        (commands.Resume, {}),
        (commands.Extend, {"epochs": 3}),
        (commands.Predict, {"name": "Satoshi"}),
        (commands.ListExamples, {"true": 0, "predicted": 1}),
    ],
)
async def test_anything_else_is_refused(
    record: Record,
    replays: Callable[[float], ReplayEngine],
    make: Callable[..., commands.Command],
    fields: dict[str, object],
) -> None:
    engine = replays(FAST)
    run = record([])
    engine.open(run)
    request = engine.send(run.id, make, **fields)
    (refused,) = await engine.queue.get()
    assert isinstance(refused, Refused)
    assert (refused.run, refused.request) == (run.id, request)
    assert "replay" in refused.reason


async def test_two_pauses_are_one_and_a_refusal(record: Record, replays: Callable[[float], ReplayEngine]) -> None:
    engine = replays(FAST)
    run = record([])
    engine.open(run)
    engine.send(run.id, commands.Pause)
    engine.send(run.id, commands.Pause)
    assert [type(told) for told in (await engine.queue.get()) + (await engine.queue.get())] == [StateChanged, Refused]


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
