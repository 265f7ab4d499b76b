"""Helpers of the tests that start workers: a client that keeps what arrives, and readers of a run's record."""

from __future__ import annotations

import asyncio
import socket
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from namestui.engine.link.asking import NoAnswerError
from namestui.engine.link.client import EngineClient
from namestui.engine.link.updates import Update
from namestui.runs import commands, events
from namestui.runs.eventlog import read_events
from namestui.runs.events import EpochFinished, LoggedEvent, StateChanged
from namestui.runs.process import is_trained
from namestui.runs.sockets import address
from namestui.runs.store import RunDirectory, RunStore, effective_state

PATIENCE = 30.0
"""Seconds until a test gives up."""
LONG = 100_000
"""Epochs of a run that is never waited for."""

Create = Callable[..., RunDirectory]
"""Makes a run on the small corpus: ``create(epochs=LONG, model="rnn", **config)``."""
Kind = TypeVar("Kind")


def until(condition: Callable[[], object], what: str) -> None:
    """Poll until ``condition`` holds."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, f"never {what}"
        time.sleep(0.02)


class Watch:
    """A client that keeps what arrives."""

    def __init__(self, store: RunStore) -> None:
        self.client = EngineClient(store)
        self.updates: list[Update] = []
        self._unread: deque[Update] = deque()

    async def until(self, kind: type[Kind], wanted: Callable[[Kind], bool] = lambda _: True) -> Kind:
        """Read on to the first message of ``kind`` that is wanted."""
        async with asyncio.timeout(PATIENCE):
            while True:
                while self._unread:
                    update = self._unread.popleft()
                    self.updates.append(update)
                    if isinstance(update, kind) and wanted(update):
                        return update
                self._unread.extend(await self.client.queue.get())

    async def until_state(self, state: events.State) -> StateChanged:
        return await self.until(StateChanged, lambda event: event.state == state)

    async def until_epoch(self, epoch: int) -> EpochFinished:
        return await self.until(EpochFinished, lambda event: event.epoch >= epoch)

    async def ask(self, run: RunDirectory, command: commands.AnyCommand) -> Any:
        """The answer to a question or a command, or why there is none; what has come before it counts as read."""
        try:
            async with asyncio.timeout(PATIENCE):
                return await self.client.ask(run.id, command)
        except NoAnswerError as error:
            return error
        finally:
            self.updates += self._unread
            self._unread.clear()
            while not self.client.queue.empty():
                self.updates += self.client.queue.get_nowait()

    def logged(self) -> list[LoggedEvent]:
        return [event for event in self.updates if isinstance(event, LoggedEvent)]


def connected(path: Path) -> socket.socket:
    """A connection to a socket, as soon as somebody listens there."""
    deadline = time.monotonic() + PATIENCE
    while True:
        connection = socket.socket(socket.AF_UNIX)
        connection.settimeout(PATIENCE)
        try:
            with address(path) as name:
                connection.connect(name)
            return connection
        except (FileNotFoundError, ConnectionRefusedError):
            connection.close()
            assert time.monotonic() < deadline


def pid_of(run: RunDirectory) -> int:
    info = run.worker()
    assert info is not None
    return info.pid


def record_of(run: RunDirectory) -> list[LoggedEvent]:
    return [event for chunk in read_events(run.events_file) for event in chunk]


def state_of(run: RunDirectory) -> str:
    """What the run is now: by its log, and by its lock."""
    last = [event.state for event in record_of(run) if isinstance(event, StateChanged)][-1]
    return effective_state(last, locked=is_trained(run))


def states_of(run: RunDirectory) -> list[str]:
    return [event.state for event in record_of(run) if isinstance(event, StateChanged)]


def epochs_of(run: RunDirectory) -> list[EpochFinished]:
    return [event for event in record_of(run) if isinstance(event, EpochFinished)]


async def freed(run: RunDirectory) -> None:
    """Wait until no worker holds the run."""
    async with asyncio.timeout(PATIENCE):
        while run.is_locked():
            await asyncio.sleep(0.02)
