"""Opening many long runs: the first one is whole first, memory is bounded, and the screen stays awake."""

from __future__ import annotations

import asyncio

from namestui.engine.link import client
from namestui.engine.link.client import EngineClient
from namestui.engine.link.following import BATCH_LIMIT
from namestui.engine.link.updates import Update
from namestui.runs.eventlog import EventLog
from namestui.runs.events import LoggedEvent
from namestui.runs.recipes import make_config
from namestui.runs.store import RunDirectory, RunStore
from tests.fake_engine import EventMaker
from tests.screen_stage import on_stage
from tests.watching import PATIENCE

EPOCHS = 20 * BATCH_LIMIT


def long_run(store: RunStore) -> RunDirectory:
    """A finished run of many epochs, without a worker."""
    run = store.create(make_config("rnn", epochs=EPOCHS))
    maker, log = EventMaker(run.id), EventLog(run.events_file)
    for event in (maker.run_started(epochs=EPOCHS), *(maker.epoch() for _ in range(EPOCHS)), maker.state("finished")):
        log.append(event)
    log.close()
    return run


async def test_histories_come_one_after_another_and_no_faster_than_they_are_taken(store: RunStore) -> None:
    # GIVEN three long runs, and a screen that takes one batch at a time
    runs = [long_run(store) for _ in range(3)]
    engine = EngineClient(store)
    for run in runs:
        engine.open(run)
    taken: list[Update] = []
    most = 0
    async with asyncio.timeout(PATIENCE):
        while sum(isinstance(update, LoggedEvent) for update in taken) < 3 * (EPOCHS + 2):
            taken += await engine.queue.get()
            await asyncio.sleep(0.001)
            most = max(most, engine.queue.qsize())
    await engine.close()
    # THEN the first that was opened is whole before the next begins
    order = [update.run for update in taken if isinstance(update, LoggedEvent)]
    assert order == [run.id for run in runs for _ in range(EPOCHS + 2)]
    # AND little of what is not taken yet is held in memory
    assert most <= client.AHEAD + len(runs) + 1


async def test_a_run_that_is_closed_while_it_is_read_makes_way_for_the_next(store: RunStore) -> None:
    first, second = long_run(store), long_run(store)
    engine = EngineClient(store)
    engine.open(first)
    engine.open(second)
    async with asyncio.timeout(PATIENCE):
        while True:  # nobody takes anything: the first has stopped in the middle
            await asyncio.sleep(0.001)
            if engine.queue.qsize() > client.AHEAD:
                break
        await engine.close(first.id)
        seen: set[str] = set()
        while second.id not in seen:
            seen |= {update.run for update in await engine.queue.get()}
    await engine.close()


async def test_a_queue_that_is_never_empty_holds_up_nothing_else(store: RunStore) -> None:
    async with on_stage(store, models=["rnn"]) as stage:
        maker = stage.makers[0]
        stage.deliver(maker.run_started(epochs=1000))
        await stage.until(lambda: not stage.engine.queue.qsize(), "folded")
        for _ in range(50):
            stage.deliver(maker.epoch())
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert stage.engine.queue.qsize() > 40
