"""Writing what happens to a run into its record, then sending it to the clients."""

from __future__ import annotations

import contextlib
import errno
import math
import time
from collections.abc import Callable
from pathlib import Path
from queue import SimpleQueue
from typing import TypeVar

from msgspec.structs import replace

from namestui.engine.recording.server import Server
from namestui.runs import commands
from namestui.runs.eventlog import EventLog
from namestui.runs.events import Alert, Event, Logged, Notice
from namestui.runs.history import History
from namestui.runs.store import RunDirectory

RETRY_EVERY = 1.0
"""Seconds between two tries to write what cannot be written now."""
STOP_WITHIN = 3.0
"""Seconds after which a run that was ordered to stop gives up waiting: it is resumed from its last checkpoint."""

_PASSING = {
    errno.ENOSPC: ("the disk is full", "the disk was full"),
    errno.EDQUOT: ("the disk quota is used up", "the disk quota was used up"),
    errno.EAGAIN: ("the disk is busy", "the disk was busy"),
    errno.EINTR: ("the disk is busy", "the disk was busy"),
    errno.EMFILE: ("too many files are open", "too many files were open"),
    errno.ENFILE: ("too many files are open on this machine", "too many files were open on this machine"),
}
"""Errors that pass, and what to say of them while they last and afterwards: training waits."""

Result = TypeVar("Result")


class StoppedWaitingError(Exception):
    """A run that was stopped while it could not be written; its text is one line that says so."""


class ReplacedError(Exception):
    """The run's directory is gone, or another now: what is there is not this worker's; its text is one line."""


class Recorder:
    """The only writer of a run's record; training waits in it while the disk is full.

    Every event that is logged goes into ``history`` too.
    """

    def __init__(self, run: RunDirectory, server: Server, history: History, *, may_write: bool = True) -> None:
        """Until ``may_write`` is set the record stays as it is: its worker only answers questions."""
        self.may_write = may_write
        self._run = run
        self._server = server
        self._history = history
        self._opened: EventLog | None = None
        self._directory = _identity(run.path)
        self._deadline = math.inf
        self.while_waiting: Callable[[], object] = lambda: None
        """What to do between two tries."""
        self.after_logging: Callable[[Logged], object] = lambda _: None
        """Called with each event once it is logged and sent; it must not wait."""
        self.alerts_of_threads: SimpleQueue[Alert] = SimpleQueue()
        """What other threads warn of: only one logs."""

    def log(self, event: Logged) -> None:
        """Append ``event`` to the log, then publish it, with the time, the run and the next number filled in.

        Raises:
            OSError: the log cannot be written, for a reason that does not pass; ``filename`` says where.
            StoppedWaitingError, ReplacedError: as for `keep_trying`.
        """
        whole: Logged = replace(event, time=time.time(), run=self._run.id, seq=self._history.next_seq)
        line, waited = self._try(self._run.events_file, lambda: self._log.append(whole))
        self._history.apply(whole)
        self._server.publish(whole, line)
        self.after_logging(whole)
        self._report_wait(waited)  # only now: it is an event of its own, with the next number

    def log_alerts_of_threads(self) -> None:
        """Log what other threads have warned of; as for `log`."""
        while self.may_write and not self.alerts_of_threads.empty():
            self.log(self.alerts_of_threads.get())

    def publish(self, event: Event) -> None:
        """Send an event that is not logged, with the time and the run filled in."""
        self._server.publish(replace(event, time=time.time(), run=self._run.id))

    def keep_trying(self, path: Path, write: Callable[[], Result]) -> Result:
        """Do ``write``, which writes ``path``; where the disk is full, say so and try again until there is room.

        Raises:
            OSError: it cannot be done, for a reason that does not pass; ``filename`` says where.
            StoppedWaitingError: the run was ordered to stop meanwhile.
            ReplacedError: the run's directory has vanished, or is not the one that it was.
        """
        result, waited = self._try(path, write)
        self._report_wait(waited)
        return result

    def hurry(self) -> None:
        """From now on wait no longer than `STOP_WITHIN`: the run is to stop."""
        self._deadline = min(self._deadline, time.monotonic() + STOP_WITHIN)

    def check_directory(self) -> None:
        """Raise ReplacedError where the run's directory has vanished, or is not the one that it was."""
        found = _identity(self._run.path)
        if found is None:
            raise ReplacedError(f"{self._run.path} has vanished")
        if found != self._directory:
            raise ReplacedError(f"{self._run.path} is another directory now: this worker's was moved away")

    def sync(self) -> None:
        """Wait until the log is on the disk."""
        self._log.sync()

    def close(self) -> None:
        """Close the log."""
        if self._opened is None:
            return
        with contextlib.suppress(OSError):
            self._opened.sync()
        self._opened.close()

    @property
    def _log(self) -> EventLog:
        if not self.may_write:
            raise RuntimeError("a worker that only answers questions does not write the record")
        if self._opened is None:
            self._opened = EventLog(self._run.events_file)
        return self._opened

    def _try(self, path: Path, write: Callable[[], Result]) -> tuple[Result, str]:
        """Do ``write``; what to say of the time that it had to wait, nothing where it had not."""
        since, said, was = time.monotonic(), "", ""
        while True:
            self.check_directory()
            try:
                result = write()
                return result, was and f"{was}: training waited for {time.monotonic() - since:.0f} s"
            except OSError as error:
                if error.errno not in _PASSING:
                    raise _naming(error, path) from None
                now, was = _PASSING[error.errno]
            said = self._wait(now, said)

    def _wait(self, why: str, said: str) -> str:
        """One pause between two tries; what was sent to the clients last."""
        if self._server.requests.holds(commands.Stop):
            self.hurry()
        if time.monotonic() > self._deadline:
            raise StoppedWaitingError(f"stopped while {why}: resuming continues from the last checkpoint")
        pauses = self._server.requests.holds(commands.Pause)
        message = f"{why}: training waits until there is room" + (", and pauses then" if pauses else "")
        if message != said:
            self.publish(Notice(message=message, topic="disk"))
        self.while_waiting()
        time.sleep(RETRY_EVERY)
        return message

    def _report_wait(self, waited: str) -> None:
        if not waited:
            return
        self.publish(Notice(message="", topic="disk"))
        if self.may_write:
            self.log(Alert(message=waited, topic="disk"))


def _naming(error: OSError, path: Path) -> OSError:
    """``error`` with the file that it is about: what is done to a descriptor names none."""
    if error.filename is not None:
        return error
    return OSError(error.errno, error.strerror or str(error), str(path))


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino
