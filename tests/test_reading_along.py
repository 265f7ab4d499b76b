"""A long history that is read holds up nothing: the screen is painted and keys are answered meanwhile."""

from __future__ import annotations

import asyncio

from namestui.engine.link.client import TURNS, EngineClient
from namestui.runs.store import RunStore


def test_others_have_many_turns_between_two_batches(store: RunStore) -> None:
    async def painting() -> None:
        for _ in range(TURNS - 1):
            await asyncio.sleep(0)

    async def read() -> bool:
        painted = asyncio.create_task(painting())
        await EngineClient(store).room()
        return painted.done()

    assert TURNS >= 10
    assert asyncio.run(read())
