"""Following one run: whole history first, then the stream, and again from the file wherever the stream breaks."""

from __future__ import annotations

import asyncio
import contextlib
import subprocess
import time
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Protocol

import msgspec

from namestui.data.safe_files import UnsafeFileError
from namestui.engine.link.asking import Asking, NoAnswerError, NoWorkerError, RefusedError
from namestui.engine.link.connecting import connect
from namestui.engine.link.launch import launch
from namestui.engine.link.updates import Reply, Update, WorkerGone, WorkerSilent, decode
from namestui.runs import commands, events
from namestui.runs.decoding import system_reason
from namestui.runs.eventlog import LogReader, NewerLogError, refuse_newer_format
from namestui.runs.store import RunDirectory, RunError, RunStore, host_name
from namestui.runs.summary import current_state
from namestui.runs.text import inert

RETRY_FIRST, RETRY_MAX = 0.05, 1.0
"""Seconds between tries to reach a worker: doubling from the first to the longest."""
GREETING_LIMIT = 30.0
"""Seconds until a connection is given up on which nobody greets, though the run is held."""
SILENT_AFTER = 3.0
"""Seconds without a word after which it is said who does not answer."""
LINE_LIMIT = 1 << 24
"""Bytes of one event: a matrix of 1,000 labels has about 2 MB."""
BATCH_LIMIT = 500
"""Events handed over at once, at most: what a screen can fold without dropping a frame."""


class Receiver(Protocol):
    """Where what happens to all runs is handed over."""

    @property
    def turn(self) -> AbstractAsyncContextManager[object]:
        """Held while one run's history is read: the first that was opened is whole first."""

    def hand_over(self, updates: list[Update]) -> None:
        """Take the next of what has happened to a run."""

    async def room(self) -> None:
        """Wait until there is room for more of a long history; others have their turn meanwhile."""


class Following:
    """Hands over what happens to ``run``, in order, and sends what ``asking`` holds."""

    def __init__(self, store: RunStore, run: RunDirectory, receiver: Receiver) -> None:
        self.run = run
        self.asking = Asking()
        self._store = store
        self._receiver = receiver
        self._hand_over: Callable[[list[Update]], None] = receiver.hand_over
        self._reader = LogReader(run.events_file, refuse_newer=True)
        self._writer: asyncio.StreamWriter | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._was_served = False
        self._is_gone = False
        self._is_silent = False
        self._trouble = ""
        self._classes = 0
        self._acknowledges = True
        self._wake = asyncio.Event()
        self._task = asyncio.create_task(self._follow(), name=f"follow {run.id}")

    def started(self, process: subprocess.Popen[bytes]) -> None:
        """A worker was started for the run."""
        self._process = process
        self._was_served = False
        self._trouble = ""  # it can read the record no better, and who has started it is to hear of that
        self._wake.set()

    def send(self) -> None:
        """Send what was added to ``asking``, now or as soon as there is a worker."""
        if self._writer is not None and not self._writer.is_closing():
            self.asking.send_all(self._writer)
        else:
            self._wake.set()

    def say_silent(self) -> None:
        """Say who does not answer, once."""
        worker = self.run.worker()
        who = f"process {worker.pid} of {inert(self.run.id)} on {inert(worker.host)}" if worker else inert(self.run.id)
        self._report_silence(f"waiting for {who}: it has not answered for {SILENT_AFTER:.0f} s")

    def _report_silence(self, message: str) -> None:
        if not self._is_silent:
            self._is_silent = True
            self._hand_over([WorkerSilent(run=self.run.id, message=message)])

    def end_silence(self) -> None:
        """It has answered, or nobody waits any more."""
        if self._is_silent:
            self._is_silent = False
            self._hand_over([WorkerSilent(run=self.run.id, message="")])

    async def close(self) -> None:
        """Stop following; training continues."""
        self._task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._task
        self.asking.fail(NoAnswerError("the run was closed"))

    async def _follow(self) -> None:
        """Follow for ever; whatever ends that is reported, and everything asked from then on fails with it."""
        while True:
            try:
                await self._follow_what_can_be_read()
            except (NewerLogError, UnsafeFileError) as error:
                await self._fail_for_ever(str(error))
            except OSError as error:  # a disk or a share may come back
                self._report_trouble(f"it cannot be read: {system_reason(error)}")
                self.asking.fail(NoAnswerError(self._trouble))
                await asyncio.sleep(RETRY_MAX)
            except Exception as error:
                await self._fail_for_ever(f"following it failed: {type(error).__name__}: {error}".partition("\n")[0])

    async def _fail_for_ever(self, reason: str) -> None:
        self._report_trouble(reason)
        while True:
            self.asking.fail(NoAnswerError(reason))
            self._wake.clear()
            await self._wake.wait()
            if not self.asking.unsent():  # a worker was started: it can be followed no better
                self._hand_over([WorkerGone(run=self.run.id, reason=reason, log_tail=[])])

    def _report_trouble(self, reason: str) -> None:
        if reason != self._trouble:
            self._trouble = reason
            self._hand_over([WorkerGone(run=self.run.id, reason=reason, log_tail=[])])

    async def _follow_what_can_be_read(self) -> None:
        delay = RETRY_FIRST
        while True:
            async with self._receiver.turn:
                await self._read_log()
            self._trouble = ""
            self._wake.clear()
            if await self._listen():
                self._is_gone, self._was_served, delay = False, False, RETRY_FIRST
            if self.run.is_locked():
                if not self._was_served:  # else its start may still fail
                    self._is_gone = False
                self.asking.lose("the connection to its worker broke before it answered")
            else:
                await self._read_log()
                await self._be_without_worker()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._wake.wait(), delay)
            delay = min(delay * 2, RETRY_MAX)

    async def _be_without_worker(self) -> None:
        """Say so, and have what waits answered by a worker that is started for it."""
        if not self._is_gone or self._was_served:
            gone = await self._gone()
            self.asking.lose(f"{gone.reason} before it answered")
            if self._was_served:  # it was started for what waits, and ended without a word
                tail = f"; its log ends: {gone.log_tail[-1]}" if gone.log_tail else ""
                self._was_served = False
                self.asking.fail(NoAnswerError(f"{gone.reason} at its start{tail}"))
            if not self._is_gone:
                self._is_gone = True
                self.end_silence()
                self._hand_over([self._far_greeting() or gone])
        for command in self.asking.unsent():
            if isinstance(command, commands.Pause | commands.Resume | commands.Stop | commands.Checkpoint):
                self.asking.fail(NoWorkerError("no worker trains it"), command.request)
        if self.asking.unsent():
            self._serve()

    def _serve(self) -> None:
        """Start a worker that answers what waits."""
        try:
            self.started(launch(self._store, self.run, serve=True))
        except RunError as error:
            self.asking.fail(NoWorkerError(str(error)))
        else:
            self._was_served = True

    async def _read_log(self, until_seq: int | None = None) -> None:
        """Hand over what the file holds beyond what was handed over, and the newest matrix."""
        news = False
        while until_seq is None or self._reader.next_seq < until_seq:
            chunk = self._reader.read()
            if not chunk:
                break
            for event in chunk:
                if isinstance(event, events.RunStarted):
                    refuse_newer_format(event)
                    self._classes = len(event.classes)
                news = news or isinstance(event, events.EpochFinished)
            for start in range(0, len(chunk), BATCH_LIMIT):
                self._hand_over(list(chunk[start : start + BATCH_LIMIT]))
                await self._receiver.room()
        if news and self._classes:
            with contextlib.suppress(FileNotFoundError):  # the directory may vanish at any moment
                moment = self.run.confusion_file.stat().st_mtime
                last = self.run.confusion(self._classes).last()
                if last is not None:
                    self._hand_over([events.Confusion(time=moment, run=self.run.id, epoch=last[0], matrix=last[1])])

    async def _listen(self) -> bool:
        """Hand over what the worker sends, logged events in the file's order, until the connection ends.

        False where nobody has greeted.
        """
        connection = connect(self.run)
        if connection is None:
            return False
        reader, writer = await asyncio.open_connection(sock=connection, limit=LINE_LIMIT)
        has_greeted = False
        try:
            greeting = await self._greeting(reader)
            if isinstance(greeting, events.Refused):  # as many clients as it takes are connected
                self.asking.fail(RefusedError(greeting.reason))
                self._report_silence(f"{inert(self.run.id)} lets nobody in: {inert(greeting.reason)}")
            if not isinstance(greeting, events.Greeting):
                return False
            has_greeted = True
            refuse_newer_format(greeting)
            self._acknowledges = greeting.acknowledges
            await self._read_log(greeting.next_seq)
            self.end_silence()
            self._hand_over([greeting])
            self._writer = writer
            self.asking.send_all(writer)
            while (line := await reader.readline()) and self._take(line):
                pass
        except (OSError, ValueError, msgspec.DecodeError, asyncio.IncompleteReadError):
            pass  # the worker is gone or speaks another language: the caller checks the lock and the file
        finally:
            self._writer = None
            writer.close()
        return has_greeted

    async def _greeting(self, reader: asyncio.StreamReader) -> events.Greeting | events.Refused | None:
        """The first line, or None where none comes, or another one."""
        line = asyncio.ensure_future(reader.readline())
        try:
            done, _ = await asyncio.wait([line], timeout=SILENT_AFTER)
            if not done and self.run.is_locked():  # it may be stopped, and come back
                self.say_silent()
                done, _ = await asyncio.wait([line], timeout=GREETING_LIMIT)
            greeting = decode(line.result()) if done else None
        finally:
            line.cancel()
        return greeting if isinstance(greeting, events.Greeting | events.Refused) else None

    def _take(self, line: bytes) -> bool:
        """Hand over what one line says; False where lines before it are missing."""
        event = decode(line)
        if event is None:
            return True
        if isinstance(event, Reply | events.Refused):
            self.asking.settle(event)
            return True
        if isinstance(event, events.LoggedEvent):
            if event.seq < self._reader.next_seq:
                return True
            if event.seq > self._reader.next_seq:
                return False  # the server dropped us while we slept: read the file and come back
            self._reader.skip(line)
            if not self._acknowledges:
                self.asking.settle_by_effect(event)
        self._hand_over([event])
        return True

    def _far_greeting(self) -> events.Greeting | None:
        """In place of a worker that lives on another host, as far as its log says: its lock cannot be seen from here.

        It says that the history has been handed over; what is added to the file is handed over as it comes.
        """
        worker = self.run.worker()
        if worker is None or worker.host == host_name() or (state := current_state(self.run)) not in events.LIVE_STATES:
            return None
        return events.Greeting(
            time=time.time(), run=self.run.id, format=events.FORMAT, next_seq=self._reader.next_seq, state=state
        )

    async def _gone(self) -> WorkerGone:
        status = await _exit_status(self._process) if self._process is not None else None
        if not self.run.path.is_dir():
            reason = "its directory has vanished"
        elif status is None:
            reason = "the worker vanished"
        elif status < 0:
            reason = f"the worker was killed by signal {-status}"
        else:
            reason = f"the worker ended with status {status}"
        return WorkerGone(run=self.run.id, reason=reason, log_tail=self.run.log_tail())


async def _exit_status(process: subprocess.Popen[bytes]) -> int | None:
    """How our own worker ended; its socket and its lock go a moment before the system says so."""
    for _ in range(50):
        if (status := process.poll()) is not None:
            return status
        await asyncio.sleep(0.01)
    return None
