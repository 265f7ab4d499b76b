"""The worker's second thread: an asyncio loop that serves the clients of one run over its Unix socket.

The training thread hands over encoded events and takes commands; neither waits for the other, and a client that
does not read is dropped once its buffer is full (it re-reads the file when it comes back).
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import queue
import resource
import socket
import threading
import time
from pathlib import Path

import msgspec
from msgspec.structs import replace

from namestui.data.safe_files import remove
from namestui.engine.recording.requests import MAX_WAITING, Request, Requests
from namestui.engine.recording.worker_log import note
from namestui.runs import commands, events
from namestui.runs.machine import MachineHistory
from namestui.runs.sockets import address, peer_uid

BUFFER_LIMIT = 1 << 20
"""Bytes that may wait for one client."""
LINE_LIMIT = 1 << 16
"""Bytes of one command."""
POLL_EVERY = 1.0
"""Seconds between checks that the socket is still there."""
MAX_CLIENTS = 256
"""Connections at once, where the limit of open files permits as many; more are refused."""
KEPT_FILES = 64
"""Open files that are kept for training: torch, the log, checkpoints."""
BACKLOG = 100
"""Connections that may be accepted before the first of them is refused."""


class _Client:
    """One connection; ``waiting`` of its commands have no answer yet."""

    def __init__(self, writer: asyncio.StreamWriter) -> None:
        self.writer = writer
        self.waiting = 0


class Server:
    """Serves from ``start`` to ``stop``; requests arrive in ``requests``, and what went wrong here in ``troubles``."""

    def __init__(self, path: Path, run_id: str, next_seq: int, state: events.State) -> None:
        self.requests = Requests()
        self.troubles: queue.SimpleQueue[str] = queue.SimpleQueue()
        self.clients = 0
        self._max_clients = _max_clients()
        self._path = path
        self._run_id = run_id
        self._next_seq = next_seq
        self._state = state
        self._latest: dict[type[events.Event], bytes] = {}
        self._machine = MachineHistory()
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

    def publish(self, event: events.Event, line: bytes | None = None) -> None:
        """Send ``event`` to every client; a logged one must be in the file already, as exactly this ``line``."""
        self._loop.call_soon_threadsafe(self._broadcast, event, line if line is not None else events.encode(event))

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        while not self._stopping.is_set():
            try:
                self._loop.run_until_complete(self._serve())
            except Exception as error:  # the run must be reachable again, and whatever went wrong is reported
                self._report(error)
                self._loop.run_until_complete(asyncio.sleep(POLL_EVERY))
        self._loop.close()

    def _report(self, error: BaseException) -> None:
        """To worker.log; the training thread writes the record."""
        note(error)
        self.troubles.put(f"{type(error).__name__}: {error}".partition("\n")[0][:200])

    async def _serve(self) -> None:
        server: asyncio.AbstractServer | None = None
        bound: tuple[int, int] | None = None
        while not self._stopping.is_set():
            if bound is None or _identity(self._path) != bound:
                if server is not None:
                    server.close()
                with contextlib.suppress(OSError):  # the directory is gone or full: tried again at the next check
                    server = await self._bind()
                    bound = _identity(self._path)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), POLL_EVERY)
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
            return await asyncio.start_server(self._connected, sock=listener, limit=LINE_LIMIT, backlog=BACKLOG)
        except OSError:
            listener.close()
            raise

    def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if len(self._tasks) >= self._max_clients:
            reason = f"{self._max_clients} clients are connected already: close some"
            self._write(writer, events.encode(self._filled(events.Refused(request="", reason=reason))))
            writer.close()
            return
        task = self._loop.create_task(self._on_client(reader, writer))
        self._tasks.add(task)
        task.add_done_callback(self._forget)

    def _forget(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            self._report(error)

    async def _on_client(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if peer_uid(writer.get_extra_info("socket")) != os.getuid():
            writer.close()
            return
        writer.transport.set_write_buffer_limits(high=BUFFER_LIMIT)
        greeting = events.Greeting(format=events.FORMAT, next_seq=self._next_seq, state=self._state, acknowledges=True)
        past = map(events.encode, self._machine)
        writer.write(b"".join([events.encode(self._filled(greeting)), *self._latest.values(), *past]))
        client = _Client(writer)
        self._writers.add(writer)
        self.clients = len(self._writers)
        try:
            while line := await reader.readline():
                self._take(line, client)
        except (OSError, ValueError):  # reset by the client, or a line over the limit
            pass
        finally:
            self._writers.discard(writer)
            self.clients = len(self._writers)
            self.requests.drop_questions(client)
            writer.close()

    def _take(self, line: bytes, client: _Client) -> None:
        def answer(event: events.Event) -> None:
            if not self._loop.is_closed():
                self._loop.call_soon_threadsafe(self._deliver, client, events.encode(self._filled(event)))

        client.waiting += 1
        request = ""
        try:
            command = commands.decode(line)
            request = command.request
            if client.waiting <= MAX_WAITING:
                self.requests.put(Request(command, answer, client))
                return
            reason = f"{MAX_WAITING} commands wait for their answers already"
        except msgspec.DecodeError as error:
            reason = f"not a command: {error}"
        self._deliver(client, events.encode(self._filled(events.Refused(request=request, reason=reason))))

    def _deliver(self, client: _Client, line: bytes) -> None:
        client.waiting -= 1
        self._write(client.writer, line)

    def _filled(self, event: events.Event) -> events.Event:
        return replace(event, time=time.time(), run=self._run_id)

    def _broadcast(self, event: events.Event, line: bytes) -> None:
        if isinstance(event, events.LoggedEvent):
            self._next_seq = event.seq + 1
            if isinstance(event, events.StateChanged):
                self._state = event.state
                self._latest.pop(events.Progress, None)
        elif isinstance(event, events.Machine):
            self._machine.append(event)
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


def _max_clients() -> int:
    """As many as leave enough files that can be opened."""
    files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return MAX_CLIENTS if files < 0 else max(4, min(MAX_CLIENTS, files - KEPT_FILES - BACKLOG))


def _identity(path: Path) -> tuple[int, int] | None:
    """Device and inode of a file, or None where there is none."""
    try:
        status = path.lstat()
    except OSError:
        return None
    return status.st_dev, status.st_ino
