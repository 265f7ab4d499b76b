"""What a key does to a run, whatever state it is in; the text that is returned is for the user."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable

from namestui.engine.link.asking import NoAnswerError
from namestui.engine.link.engine import Engine
from namestui.runs import commands
from namestui.runs.events import State
from namestui.runs.store import RunError, RunStore
from namestui.runs.text import inert
from namestui.tui.state.run_state import RunState

STOP_WITHIN = 30.0
"""Seconds that runs are given to save and stop before they are left to it."""


class Steer:
    """Commands runs. What is on its way shows at once; each method waits until it has taken effect, and returns why
    it has not, or an empty text."""

    def __init__(self, store: RunStore, engine: Engine) -> None:
        self._store = store
        self._engine = engine

    async def pause(self, state: RunState) -> str:
        """Have a run pause that trains, or is about to."""
        if state.state not in ("starting", "running"):
            return ""
        return await self._command(state, commands.Pause(), "pausing")

    async def stop(self, state: RunState) -> str:
        """Have a live run save a checkpoint and end its worker."""
        return await self._command(state, commands.Stop(), "stopping") if state.is_live else ""

    async def stop_without_tab(self, run_id: str) -> str:
        """Have a live run that has no tab save a checkpoint and end its worker."""
        self._engine.open(self._store.get(run_id))
        try:
            await self._engine.ask(run_id, commands.Stop())
        except NoAnswerError as error:
            return inert(str(error))
        finally:
            await self._engine.close(run_id)
        return ""

    async def resume(self, state: RunState) -> str:
        """Train on after a pause, a stop, a failure or an interruption; or train again what a record has lost."""
        if state.state == "paused":
            return await self._command(state, commands.Resume())
        if not state.can_resume:
            return ""
        state.expect("starting")
        try:
            await self._engine.resume(self._store.get(state.run))
        except (RunError, NoAnswerError) as error:
            state.withdraw("starting")
            return inert(str(error))
        return ""

    async def resume_all(self, states: Iterable[RunState]) -> str:
        """After a reboot: every interrupted run trains on; why some cannot, a line each."""
        problems = await asyncio.gather(*(self.resume(state) for state in states if state.state == "interrupted"))
        return "\n".join(filter(None, problems))

    async def stop_all(self, states: Iterable[RunState]) -> None:
        """Stop every live run and wait until each has saved and stopped, or will not; 30 s at most."""
        stops = {state.run: asyncio.create_task(self.stop(state)) for state in states if state.is_live}

        def is_awaited(state: RunState) -> bool:
            stop = stops.get(state.run)
            return stop is not None and state.is_live and not (stop.done() and stop.result())

        await asyncio.sleep(0)
        deadline = time.monotonic() + STOP_WITHIN
        while any(map(is_awaited, states)) and time.monotonic() < deadline:
            await asyncio.sleep(0.05)
        for stop in stops.values():
            stop.cancel()

    async def _command(
        self, state: RunState, command: commands.Pause | commands.Resume | commands.Stop, expected: State | None = None
    ) -> str:
        if expected is not None:
            state.expect(expected)
        try:
            await self._engine.ask(state.run, command)
        except NoAnswerError as error:
            if expected is not None:
                state.withdraw(expected)
            return inert(str(error)) if state.is_live else ""  # where it ended on the way that is what is shown
        return ""


def how_to_train_on(state: RunState) -> str:
    """What to do with a run that has ended."""
    if gaps := state.gaps:
        return f"{state.title} is finished, and its log lacks {gaps}; r trains that again"
    if state.state == "finished":
        return f"{state.title} is finished; train it longer with: namestui extend {inert(state.run)} EPOCHS"
    return f"{state.title} is {state.state}; r resumes it"
