"""A worker that does what a test says: it holds the run, greets, keeps what it is asked, and sends what it is given."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from namestui.runs import commands
from namestui.runs.eventlog import EventLog
from namestui.runs.events import FORMAT, Event, Greeting, Logged, Refused, encode
from namestui.runs.sockets import address, socket_path
from namestui.runs.store import RunDirectory, RunLock

PATIENCE = 10.0


class FakeWorker:
    """Serves one run from ``start`` to ``end``; with ``refuses``, the reason, it lets nobody in.

    Without ``acknowledges`` it is one of an older namestui.
    """

    def __init__(self, run: RunDirectory, *, greets: bool = True, refuses: str = "", acknowledges: bool = True) -> None:
        self.asked: list[commands.AnyCommand] = []
        self.run = run
        self._greets = greets
        self._refuses = refuses
        self._acknowledges = acknowledges
        self._next_seq = 0
        self._lock: RunLock | None = None
        self._server: asyncio.Server | None = None
        self._writers: list[asyncio.StreamWriter] = []
        self._tasks: set[asyncio.Task[None]] = set()

    async def start(self, *, locked: bool = True) -> None:
        self._lock = RunLock(self.run) if locked else None
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        path = socket_path(self.run.path)
        path.unlink(missing_ok=True)
        with address(path) as name:
            listener.bind(name)
        self._server = await asyncio.start_server(self._connected, sock=listener)

    async def end(self) -> None:
        """As a process ends: its connections, its socket and its lock go."""
        if self._server is not None:
            self._server.close()
        self.drop()
        for task in list(self._tasks):
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
        with contextlib.suppress(OSError):
            socket_path(self.run.path).unlink(missing_ok=True)
        if self._lock is not None:
            self._lock.release()
            self._lock = None

    def drop(self) -> None:
        """All clients, as a worker does that has no room for what they do not read."""
        for writer in self._writers:
            writer.close()
        self._writers.clear()

    def log(self, event: Logged) -> None:
        """Into the file, and then to the clients."""
        log = EventLog(self.run.events_file)
        log.append(event)
        log.close()
        self._next_seq = event.seq + 1
        self.send(event)

    def send(self, event: Event) -> None:
        self.send_line(encode(event))

    def send_line(self, line: bytes) -> None:
        for writer in self._writers:
            writer.write(line)

    @property
    def clients(self) -> int:
        """How many are connected."""
        return len(self._writers)

    async def until_asked(self, count: int) -> commands.AnyCommand:
        """The newest of so many questions and commands."""
        async with asyncio.timeout(PATIENCE):
            while len(self.asked) < count:
                await asyncio.sleep(0.01)
        return self.asked[count - 1]

    def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.get_running_loop().create_task(self._serve(reader, writer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._refuses:
            writer.write(encode(Refused(time=0.0, run=self.run.id, request="", reason=self._refuses)))
            writer.close()
            return
        if self._greets:
            greeting = Greeting(
                time=0.0,
                run=self.run.id,
                format=FORMAT,
                next_seq=self._next_seq,
                state="running",
                acknowledges=self._acknowledges,
            )
            writer.write(encode(greeting))
        self._writers.append(writer)
        with contextlib.suppress(OSError):
            while line := await reader.readline():
                self.asked.append(commands.decode(line))


@asynccontextmanager
async def working(
    run: RunDirectory, *, greets: bool = True, locked: bool = True, refuses: str = "", acknowledges: bool = True
) -> AsyncIterator[FakeWorker]:
    """A worker that holds ``run`` within the block, if it does not end before."""
    worker = FakeWorker(run, greets=greets, refuses=refuses, acknowledges=acknowledges)
    await worker.start(locked=locked)
    try:
        yield worker
    finally:
        await worker.end()
