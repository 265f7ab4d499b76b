"""The screen's side of the engine: follows runs, starts workers, asks and commands them. No torch here."""

from __future__ import annotations

import asyncio
import time

from namestui.engine.link.asking import NoAnswerError, RefusedError
from namestui.engine.link.engine import Engine
from namestui.engine.link.following import SILENT_AFTER, Following
from namestui.engine.link.launch import in_turn, launch
from namestui.engine.link.updates import Reply, Update
from namestui.runs import commands
from namestui.runs.history import History
from namestui.runs.store import RunDirectory, RunStore
from namestui.runs.summary import current_state
from namestui.runs.text import inert
from namestui.runs.trash import take_from_server

AHEAD = 4
"""Batches of a history that may lie in the queue: what is read faster than it is taken fills the memory."""
TURNS = 20
"""Turns of the loop that others have between two batches: a screen is laid out and painted in many small steps, and
with one turn each nothing would be seen until a long history is read."""
CHECK_ROOM_EVERY = 0.002
"""Seconds."""
SHUTDOWN_WITHIN = 10.0
"""Seconds that a worker which is ending is given until another takes its run."""


class EngineClient(Engine):
    """Follows any number of runs; what happens to them arrives in ``queue``, in batches, each run's in order."""

    def __init__(self, store: RunStore) -> None:
        self.queue: asyncio.Queue[list[Update]] = asyncio.Queue()
        self.turn = asyncio.Lock()
        self._store = store
        self._followed: dict[str, Following] = {}

    def open(self, run: RunDirectory) -> None:
        """Follow ``run`` from its beginning."""
        if run.id not in self._followed:
            self._followed[run.id] = Following(self._store, run, self)

    def start(
        self, *runs: RunDirectory, jobs: int = 0, device: str = "", take_over: bool = False, nproc: int | None = None
    ) -> None:
        """Start workers for ``runs`` and follow them; ``nproc`` processes train each, or as many as its config says.

        ``device`` is for this time only; ``take_over`` takes a run that lives, or died, on another host.

        Raises:
            RunError: a worker holds it already, here or on another host, or the process cannot be started.
        """
        jobs = jobs or len(runs)
        for run, earlier in in_turn(runs, jobs):
            process = launch(
                self._store, run, after=earlier, jobs=jobs, device=device, take_over=take_over, nproc=nproc
            )
            self.open(run)
            self._followed[run.id].started(process)

    async def resume(self, run: RunDirectory) -> None:
        """Train on a run that has ended: by the worker that still serves it, else by a new one.

        A finished run is trained by a new one where its log has lost lines: who serves it has them in memory.

        Raises:
            RunError: a worker that is not ours to command holds it, or none can be started.
            RefusedError: its worker refuses.
            NoAnswerError: the run was closed before its worker answered; it stays as it is.
        """
        following = self._followed.get(run.id)
        if await asyncio.to_thread(_has_finished_with_gaps, run):
            (await asyncio.to_thread(take_from_server, run, SHUTDOWN_WITHIN)).release()
            if self._followed.get(run.id) is not following:
                raise NoAnswerError(f"run {inert(run.id)} was closed")
        if following is not None and run.is_locked():
            try:
                await self.ask(run.id, commands.Resume())
            except RefusedError:
                raise
            except NoAnswerError:  # it was ending, or the run was closed
                deadline = time.monotonic() + SHUTDOWN_WITHIN
                while self._followed.get(run.id) is following and run.is_locked() and time.monotonic() < deadline:
                    await asyncio.sleep(0.05)
                if self._followed.get(run.id) is not following:
                    raise
            else:
                return
        self.start(run)

    def send(self, run_id: str, command: commands.AnyCommand) -> None:
        """Send a command and do not wait for what becomes of it.

        Raises:
            NoAnswerError: the run is not followed.
        """
        following = self._of(run_id)
        following.asking.add(command)
        following.send()

    async def _ask(self, run_id: str, command: commands.AnyCommand) -> Reply:
        following = self._of(run_id)
        request, answer = following.asking.add(command)
        following.send()
        try:
            done, _ = await asyncio.wait([answer], timeout=SILENT_AFTER)
            if not done:
                following.say_silent()
            return await answer
        finally:
            following.asking.forget(request)
            following.end_silence()

    def hand_over(self, updates: list[Update]) -> None:
        """Put ``updates`` of one run into the queue."""
        self.queue.put_nowait(updates)

    async def room(self) -> None:
        """Wait until most of what lies in the queue was taken."""
        for _ in range(TURNS):
            await asyncio.sleep(0)
        while self.queue.qsize() > AHEAD:
            await asyncio.sleep(CHECK_ROOM_EVERY)

    async def close(self, *run_ids: str) -> None:
        """Stop following these runs, or all; training continues."""
        for run_id in run_ids or list(self._followed):
            following = self._followed.pop(run_id, None)
            if following is not None:
                await following.close()

    def _of(self, run_id: str) -> Following:
        if run_id not in self._followed:
            raise NoAnswerError(f"run {inert(run_id)} is not open")
        return self._followed[run_id]


def _has_finished_with_gaps(run: RunDirectory) -> bool:
    return current_state(run) == "finished" and bool(History.read(run).gaps())
