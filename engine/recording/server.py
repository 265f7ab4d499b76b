"""The worker's second thread: an asyncio loop that serves the clients of one run over its Unix socket.

The training thread hands over encoded events and takes commands; neither waits for the other, and a client that
does not read is dropped once its buffer is full (it re-reads the file when it comes back).
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import queue
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import msgspec

from namestui.data.safe_files import remove
from namestui.runs import commands, events
from namestui.runs.sockets import address, peer_uid

BUFFER_LIMIT = 1 << 20
"""Bytes that may wait for one client."""
LINE_LIMIT = 1 << 16
"""Bytes of one command."""
LOOK_EVERY = 1.0
"""Seconds between looks at whether the socket is still there."""


@dataclass(frozen=True, slots=True)
class Request:
    """A command and where its answer goes; ``answer`` may be called from any thread."""

    command: commands.AnyCommand
    answer: Callable[[events.Event], None]


class Server:
    """Serves from ``start`` to ``stop``; requests arrive in ``requests``."""

    def __init__(self, path: Path, run_id: str, next_seq: int, state: events.State) -> None:
        self.requests: queue.SimpleQueue[Request] = queue.SimpleQueue()
        self.clients = 0
        self._path = path
        self._run_id = run_id
        self._next_seq = next_seq
        self._state = state
        self._latest: dict[type[events.Event], bytes] = {}
        self._writers: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="clients", daemon=True)
        self._stopping = asyncio.Event()

    def start(self) -> None:
        """Bind the socket and serve in a thread of its own."""
        self._thread.start()

    def stop(self) -> None:
        """Send what is waiting, close all connections and remove the socket."""
        self._loop.call_soon_threadsafe(self._stopping.set)
        self._thread.join(timeout=5)

    def publish(self, event: events.Event) -> None:
        """Send ``event`` to every client; logged events must be in the file already."""
        self._loop.call_soon_threadsafe(self._broadcast, event)

    def request(self, command: commands.AnyCommand) -> None:
        """Ask on the worker's own behalf; safe in a signal handler."""
        self.requests.put(Request(command, _ignore))

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(self._serve())
        self._loop.close()

    async def _serve(self) -> None:
        server: asyncio.AbstractServer | None = None
        bound: tuple[int, int] | None = None
        while not self._stopping.is_set():
            if bound is None or _identity(self._path) != bound:
                if server is not None:
                    server.close()
                with contextlib.suppress(OSError):  # the directory is gone or full: tried again at the next look
                    server = await self._bind()
                    bound = _identity(self._path)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), LOOK_EVERY)
        if server is not None:
            server.close()
        if bound is not None and _identity(self._path) == bound:
            remove(self._path)
        await self._say_goodbye()

    async def _say_goodbye(self) -> None:
        """Close all connections; what waits is sent to those that read within a second."""
        for writer in self._writers:
            writer.close()
        if self._tasks:
            _, stuck = await asyncio.wait(self._tasks, timeout=1)
            for writer in list(self._writers):
                writer.transport.abort()
            if stuck:
                await asyncio.wait(stuck, timeout=1)

    async def _bind(self) -> asyncio.AbstractServer:
        remove(self._path)  # ours by the run's lock: whatever lies there is stale
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            with address(self._path) as name:
                listener.bind(name)
            self._path.chmod(0o600)
            # Not start_unix_server: from 3.13 on it unlinks by the name it was bound with, which is gone here.
            return await asyncio.start_server(self._connected, sock=listener, limit=LINE_LIMIT)
        except OSError:
            listener.close()
            raise

    def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = self._loop.create_task(self._on_client(reader, writer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _on_client(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if peer_uid(writer.get_extra_info("socket")) != os.getuid():
            writer.close()
            return
        writer.transport.set_write_buffer_limits(high=BUFFER_LIMIT)
        greeting = events.Greeting(
            time=time.time(), run=self._run_id, format=events.FORMAT, next_seq=self._next_seq, state=self._state
        )
        writer.write(events.encode(greeting) + b"".join(self._latest.values()))
        self._writers.add(writer)
        self.clients = len(self._writers)
        try:
            while line := await reader.readline():
                self._take(line, writer)
        except (OSError, ValueError):  # reset by the client, or a line over the limit
            pass
        finally:
            self._writers.discard(writer)
            self.clients = len(self._writers)
            writer.close()

    def _take(self, line: bytes, writer: asyncio.StreamWriter) -> None:
        def answer(event: events.Event) -> None:
            self._loop.call_soon_threadsafe(self._write, writer, events.encode(event))

        try:
            command = commands.decode(line)
        except msgspec.DecodeError as error:
            answer(events.Refused(time=time.time(), run=self._run_id, request="", reason=f"not a command: {error}"))
            return
        self.requests.put(Request(command, answer))

    def _broadcast(self, event: events.Event) -> None:
        line = events.encode(event)
        if isinstance(event, events.LoggedEvent):
            self._next_seq = event.seq + 1
            if isinstance(event, events.StateChanged):
                self._state = event.state
                self._latest.pop(events.Progress, None)
        else:
            self._latest[type(event)] = line
        for writer in list(self._writers):
            self._write(writer, line)

    def _write(self, writer: asyncio.StreamWriter, line: bytes) -> None:
        if writer.is_closing():
            return
        writer.write(line)
        if writer.transport.get_write_buffer_size() > max(BUFFER_LIMIT, 2 * len(line)):  # a large matrix is one line
            writer.transport.abort()


def _ignore(_event: events.Event) -> None:
    """Nobody waits for this answer."""


def _identity(path: Path) -> tuple[int, int] | None:
    """Device and inode of a file, or None where there is none."""
    try:
        status = path.lstat()
    except OSError:
        return None
    return status.st_dev, status.st_ino
