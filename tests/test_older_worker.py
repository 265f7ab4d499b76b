"""A worker of an older namestui acknowledges no command: what it logs says that one has taken effect."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from namestui.engine.link.client import EngineClient
from namestui.runs import commands
from namestui.runs.events import Logged, State
from namestui.runs.recipes import make_config
from namestui.runs.store import RunDirectory, RunStore
from namestui.tui.cli import control
from tests.fake_engine import EventMaker
from tests.fake_worker import PATIENCE, working


@pytest.fixture
def run(store: RunStore) -> RunDirectory:
    return store.create(make_config("rnn"))


@pytest.fixture
def maker(run: RunDirectory) -> EventMaker:
    return EventMaker(run.id)


@pytest.mark.parametrize(
    ("command", "other", "effect"),
    [
        (commands.Pause(), "running", lambda maker: maker.state("paused")),
        (commands.Resume(), "paused", lambda maker: maker.state("running")),
        (commands.Stop(), "stopping", lambda maker: maker.state("stopped")),
        (commands.Checkpoint(), "paused", lambda maker: maker.saved()),
        (commands.Extend(epochs=5), "running", lambda maker: maker.planned_epochs(25)),
    ],
)
async def test_an_effect_acknowledges(
    store: RunStore,
    run: RunDirectory,
    maker: EventMaker,
    command: Any,
    other: State,
    effect: Callable[[EventMaker], Logged],
) -> None:
    client = EngineClient(store)
    client.open(run)
    async with working(run, acknowledges=False) as worker:
        asked = [asyncio.create_task(client.ask(run.id, command)) for _ in range(2)]
        await worker.until_asked(2)
        # WHEN something else happens THEN nothing is acknowledged
        worker.log(maker.state(other))
        await asyncio.sleep(0.05)
        assert not any(one.done() for one in asked)
        # WHEN it has taken effect THEN that acknowledges one, the first
        worker.log(effect(maker))
        await asyncio.wait_for(asked[0], PATIENCE)
        assert not asked[1].done()
    asked[1].cancel()
    await client.close()


async def test_the_command_line_waits_no_longer_than_it_takes(
    store: RunStore, run: RunDirectory, maker: EventMaker
) -> None:
    async with working(run, acknowledges=False) as worker:
        worker.log(maker.run_started())
        worker.log(maker.state("running"))
        call = asyncio.create_task(asyncio.to_thread(control.pause_run, store, run))
        assert isinstance(await worker.until_asked(1), commands.Pause)
        worker.log(maker.state("paused"))
        assert (await asyncio.wait_for(call, PATIENCE)).startswith(f"{run.id} is paused")
