"""The screen's side of the engine: whole history first, then the stream, into one ``asyncio.Queue``. No torch here."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import os
import socket
import subprocess
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Protocol

import msgspec

from namestui.data.safe_files import UnsafeFileError
from namestui.engine.link.launch import launch
from namestui.runs import commands, events
from namestui.runs.eventlog import LogReader, NewerLogError, refuse_newer_format
from namestui.runs.events import LoggedEvent
from namestui.runs.sockets import address, socket_path
from namestui.runs.store import RunDirectory, RunError, RunStore, host_name
from namestui.runs.summary import run_state

RETRY_FIRST, RETRY_MOST = 0.05, 1.0
"""Seconds between tries to reach a worker: doubling from the first to the most."""
LINE_LIMIT = 1 << 24
"""Bytes of one event: a matrix of 1,000 labels has about 2 MB."""
BATCH_LIMIT = 500
"""Events handed over at once, at most: what a screen can fold without dropping a frame."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerGone:
    """No worker that we can talk to holds the run (any more). ``reason`` says why, where that is known."""

    run: str
    reason: str
    log_tail: list[str]


Told = events.AnyEvent | WorkerGone


class Engine(Protocol):
    """What the screen needs: the real client, or one that plays a recording."""

    queue: asyncio.Queue[list[Told]]

    def open(self, run: RunDirectory) -> None:
        """Follow ``run`` from its beginning."""

    def start(self, run: RunDirectory, *arguments: str) -> None:
        """Train ``run`` and follow it; ``arguments`` are its worker's."""

    def resume(self, run: RunDirectory) -> None:
        """Train on a run that has ended."""

    def send(self, run_id: str, make: Callable[..., commands.Command], **fields: object) -> str:
        """Send a command and return its request id."""

    async def close(self, *run_ids: str) -> None:
        """Stop following these runs, or all."""


@dataclass(slots=True)
class _Link:
    """What the client keeps for one open run."""

    run: RunDirectory
    reader: LogReader
    task: asyncio.Task[None] | None = None
    writer: asyncio.StreamWriter | None = None
    process: subprocess.Popen[bytes] | None = None
    waiting: list[commands.Command] = field(default_factory=list)
    classes: int = 0
    wake: asyncio.Event = field(default_factory=asyncio.Event)


class EngineClient:
    """Follows any number of runs; what they tell arrives in ``queue``, in batches, each run's in order."""

    def __init__(self, store: RunStore) -> None:
        self.queue: asyncio.Queue[list[Told]] = asyncio.Queue()
        self._store = store
        self._links: dict[str, _Link] = {}
        self._requests = itertools.count(1)

    def open(self, run: RunDirectory) -> None:
        """Follow ``run`` from its beginning."""
        if run.id not in self._links:
            link = _Link(run, LogReader(run.events_file))
            self._links[run.id] = link
            link.task = asyncio.create_task(self._follow(link), name=f"follow {run.id}")

    def start(self, run: RunDirectory, *arguments: str, take_over: bool = False, nproc: int | None = None) -> None:
        """Start a worker for ``run`` and follow it; ``nproc`` processes train it, or as many as its config says.

        Raises:
            RunError: a worker holds it already, here or on another host, or the process cannot be started.
        """
        try:
            process = launch(self._store, run, *arguments, take_over=take_over, nproc=nproc)
        except OSError as error:
            raise RunError(f"run {run.id}: cannot start a worker: {error.strerror}") from None
        self.open(run)
        link = self._links[run.id]
        link.process = process
        link.wake.set()

    def resume(self, run: RunDirectory) -> None:
        """Train on a run that has ended: by the worker that still serves it, else by a new one.

        Raises:
            RunError: a worker that is not ours to command holds it, or none can be started.
        """
        if run.id in self._links and run.is_locked():
            self.send(run.id, commands.Resume)  # it waits until the worker is connected
        else:
            self.start(run)

    def send(self, run_id: str, make: Callable[..., commands.Command], **fields: object) -> str:
        """Send a command and return its request id.

        Where no worker lives, one is started that answers about what is recorded; ``refused`` comes where it cannot.
        """
        link = self._links[run_id]
        command = make(request=f"{os.getpid()}-{next(self._requests)}", **fields)
        if link.writer is None or link.writer.is_closing():
            link.waiting.append(command)
            link.wake.set()
        else:
            link.writer.write(commands.encode(command))
        return command.request

    async def close(self, *run_ids: str) -> None:
        """Stop following these runs, or all; training goes on."""
        for run_id in run_ids or list(self._links):
            link = self._links.pop(run_id)
            if link.task is not None:
                link.task.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await link.task

    async def _follow(self, link: _Link) -> None:
        try:
            await self._follow_what_can_be_read(link)
        except (NewerLogError, UnsafeFileError) as error:
            gone = WorkerGone(run=link.run.id, reason=str(error), log_tail=[])
            self.queue.put_nowait([gone])
            while True:
                self._refuse_what_waits(link, f"run {link.run.id}: {error}")
                link.wake.clear()
                await link.wake.wait()
                if not link.waiting:  # a worker was started, which can read the log no better
                    self.queue.put_nowait([gone])

    async def _follow_what_can_be_read(self, link: _Link) -> None:
        delay = RETRY_FIRST
        gone = False
        while True:
            await self._read_log(link)
            link.wake.clear()
            connected = False
            async for told in self._stream(link):
                connected, gone, delay = True, False, RETRY_FIRST
                self.queue.put_nowait([told])
            if link.run.is_locked():
                gone = gone and connected
            else:
                await self._read_log(link)
                if not gone:
                    gone = True
                    self.queue.put_nowait([_far_greeting(link) or await _gone(link)])
                if link.waiting:
                    self._serve(link)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(link.wake.wait(), delay)
            delay = min(delay * 2, RETRY_MOST)

    def _serve(self, link: _Link) -> None:
        """Start a worker that answers what waits."""
        try:
            self.start(link.run, "--serve", nproc=1)
        except RunError as error:
            self._refuse_what_waits(link, str(error))

    def _refuse_what_waits(self, link: _Link, reason: str) -> None:
        for command in link.waiting:
            refused = events.Refused(time=time.time(), run=link.run.id, request=command.request, reason=reason)
            self.queue.put_nowait([refused])
        link.waiting.clear()

    async def _read_log(self, link: _Link, until_seq: int | None = None) -> None:
        """Hand over what the file holds beyond what was handed over, and the newest matrix."""
        news = False
        while until_seq is None or link.reader.next_seq < until_seq:
            chunk = link.reader.read()
            if not chunk:
                break
            for event in chunk:
                if isinstance(event, events.RunStarted):
                    refuse_newer_format(event)
                    link.classes = len(event.classes)
                news = news or isinstance(event, events.EpochFinished)
            for start in range(0, len(chunk), BATCH_LIMIT):
                self.queue.put_nowait(list(chunk[start : start + BATCH_LIMIT]))
                await asyncio.sleep(0)  # the screen breathes between two batches of a long history
        if news and link.classes:
            with contextlib.suppress(FileNotFoundError):  # the directory may vanish at any moment
                moment = link.run.confusion_file.stat().st_mtime
                last = link.run.confusion(link.classes).last()
                if last is not None:
                    matrix = events.Confusion(time=moment, run=link.run.id, epoch=last[0], matrix=last[1])
                    self.queue.put_nowait([matrix])

    async def _stream(self, link: _Link) -> AsyncIterator[Told]:
        """What the worker sends, logged events in the file's order; ends when the connection does."""
        connection = _connect(link.run)
        if connection is None:
            return
        reader, writer = await asyncio.open_connection(sock=connection, limit=LINE_LIMIT)
        try:
            greeting = events.decode(await reader.readline())
            if not isinstance(greeting, events.Greeting):
                return
            refuse_newer_format(greeting)
            await self._read_log(link, greeting.next_seq)
            yield greeting
            link.writer = writer
            for command in link.waiting:
                writer.write(commands.encode(command))
            link.waiting.clear()
            while line := await reader.readline():
                event = events.decode(line)
                if isinstance(event, LoggedEvent):
                    if event.seq < link.reader.next_seq:
                        continue
                    if event.seq > link.reader.next_seq:
                        return  # the server dropped us while we slept: read the file and come back
                    link.reader.skip(line)
                yield event
        except (OSError, ValueError, msgspec.DecodeError, asyncio.IncompleteReadError):
            return  # the worker is gone or speaks another language: the caller looks at the lock and the file
        finally:
            link.writer = None
            writer.close()


async def _exit_status(process: subprocess.Popen[bytes]) -> int | None:
    """How our own worker ended; its socket and its lock go a moment before the system says so."""
    for _ in range(50):
        if (status := process.poll()) is not None:
            return status
        await asyncio.sleep(0.01)
    return None


def _connect(run: RunDirectory) -> socket.socket | None:
    """A connection to the worker's socket, or None where nobody listens."""
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    connection.setblocking(False)  # connecting to a Unix socket succeeds or fails at once
    try:
        with address(socket_path(run.path)) as name:
            connection.connect(name)
    except OSError:
        connection.close()
        return None
    return connection


def _far_greeting(link: _Link) -> events.Greeting | None:
    """In place of a worker that lives on another host, as far as its log says: its lock cannot be seen from here.

    It tells that the history has been handed over; what is added to the file is handed over as it comes.
    """
    worker = link.run.worker()
    if worker is None or worker.host == host_name() or (state := run_state(link.run)) not in events.LIVE_STATES:
        return None
    return events.Greeting(
        time=time.time(), run=link.run.id, format=events.FORMAT, next_seq=link.reader.next_seq, state=state
    )


async def _gone(link: _Link) -> WorkerGone:
    status = await _exit_status(link.process) if link.process is not None else None
    if not link.run.path.is_dir():
        reason = "its directory has vanished"
    elif status is None:
        reason = "the worker vanished"
    elif status < 0:
        reason = f"the worker was killed by signal {-status}"
    else:
        reason = f"the worker ended with status {status}"
    return WorkerGone(run=link.run.id, reason=reason, log_tail=link.run.log_tail())
