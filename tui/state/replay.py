"""Playing a recorded run as if live: the same events, at the intervals they came in."""

from __future__ import annotations

import asyncio
import contextlib
import time

from namestui.engine.link.asking import RefusedError
from namestui.engine.link.engine import Engine
from namestui.engine.link.updates import Reply, Update, WorkerGone
from namestui.runs import commands, events
from namestui.runs.decoding import file_reason
from namestui.runs.eventlog import read_events
from namestui.runs.store import RunDirectory

MAX_WAIT = 5.0
"""Seconds (at speed 1) that a replay waits between two events at most: pauses and nights are cut short."""


class ReplayEngine(Engine):
    """Stands in for the engine's client. Pause and resume hold the replay itself; it has no network to ask."""

    def __init__(self, speed: float = 1.0) -> None:
        self.queue: asyncio.Queue[list[Update]] = asyncio.Queue()
        self._speed = speed
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._going: dict[str, asyncio.Event] = {}
        self._last: dict[str, events.StateChanged] = {}

    def open(self, run: RunDirectory) -> None:
        """Play ``run`` from its beginning."""
        if run.id not in self._tasks:
            self._going[run.id] = asyncio.Event()
            self._going[run.id].set()
            self._tasks[run.id] = asyncio.create_task(self._play(run), name=f"replay {run.id}")

    def start(self, *runs: RunDirectory, jobs: int = 0) -> None:  # noqa: ARG002
        """Nothing is trained here: the same as ``open``."""
        for run in runs:
            self.open(run)

    async def resume(self, run: RunDirectory) -> None:
        """Continue after a pause."""
        if self._going[run.id].is_set() and run.id in self._last:
            self.queue.put_nowait([self._last[run.id]])  # nothing is held: its state is what was recorded
        else:
            await self.ask(run.id, commands.Resume())

    async def _ask(self, run_id: str, command: commands.AnyCommand) -> Reply:
        going = self._going[run_id]
        if isinstance(command, commands.Pause) and going.is_set():
            going.clear()
            self._show_state(run_id, "paused", "the replay is held")
        elif isinstance(command, commands.Resume) and not going.is_set():
            going.set()
            self._show_state(run_id, "running", "")
        else:
            raise RefusedError("this is a replay: it has no network to ask or command")
        return events.Accepted(time=time.time(), run=run_id, request=command.request)

    async def close(self, *run_ids: str) -> None:
        """Stop playing."""
        for run_id in run_ids or list(self._tasks):
            task = self._tasks.pop(run_id)
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

    async def _play(self, run: RunDirectory) -> None:
        try:
            await self._play_record(run)
        except OSError as error:
            reason = f"the replay is over: {file_reason(error, run.events_file)}"
            self.queue.put_nowait([WorkerGone(run=run.id, reason=reason, log_tail=[])])

    async def _play_record(self, run: RunDirectory) -> None:
        before: float | None = None
        classes = 0
        for chunk in read_events(run.events_file):
            for event in chunk:
                if before is not None:
                    await asyncio.sleep(min(max(event.time - before, 0.0), MAX_WAIT) / self._speed)
                before = event.time
                await self._going[run.id].wait()
                updates: list[Update] = [event]
                if isinstance(event, events.RunStarted):
                    classes = len(event.classes)
                elif isinstance(event, events.StateChanged):
                    self._last[run.id] = event
                elif isinstance(event, events.EpochFinished) and classes:
                    matrix = run.confusion(classes).of(event.epoch)
                    if matrix is not None:
                        updates.append(events.Confusion(time=event.time, run=run.id, epoch=event.epoch, matrix=matrix))
                self.queue.put_nowait(updates)

    def _show_state(self, run_id: str, state: events.State, reason: str) -> None:
        last = self._last.get(run_id)
        changed = events.StateChanged(
            time=time.time(),
            run=run_id,
            seq=last.seq if last else 0,
            state=state,
            reason=reason,
            epoch=last.epoch if last else 0,
            batch=last.batch if last else 0,
        )
        self.queue.put_nowait([changed])
