"""Writing what happens to a run into its record, then telling the clients."""

from __future__ import annotations

import contextlib
import errno
import time
from collections.abc import Callable
from typing import Any, TypeVar

from namestui.engine.recording.server import Server
from namestui.runs.eventlog import EventLog
from namestui.runs.events import Alert, Event, LoggedEvent, Notice
from namestui.runs.store import RunDirectory

RETRY_EVERY = 1.0
"""Seconds between tries while the disk is full."""

Logged = TypeVar("Logged", bound=LoggedEvent)


class Recorder:
    """The only writer of a run's log; training waits in it while the disk is full."""

    def __init__(self, run: RunDirectory, server: Server, next_seq: int, *, may_write: bool = True) -> None:
        """Until ``may_write`` is set the record stays as it is: its worker only answers questions."""
        self.may_write = may_write
        self._run = run
        self._server = server
        self._opened: EventLog | None = None
        self._next_seq = next_seq
        self.while_waiting: Callable[[], object] = lambda: None
        """What to do between two tries while the disk is full."""

    def log(self, kind: type[Logged], **fields: Any) -> Logged:
        """Append an event to the log, then publish it.

        Raises:
            OSError: the log cannot be written, for another reason than a full disk.
        """
        event = kind(time=time.time(), run=self._run.id, seq=self._next_seq, **fields)
        waited = self._wait_for_room(lambda: self._log.append(event))
        self._next_seq += 1
        self._server.publish(event)
        self._tell_wait(waited)  # only now: it is an event of its own, with the next number
        return event

    @property
    def _log(self) -> EventLog:
        if not self.may_write:
            raise RuntimeError("a worker that only answers questions does not write the record")
        if self._opened is None:
            self._opened = EventLog(self._run.events_file)
        return self._opened

    def publish(self, kind: type[Event], **fields: Any) -> None:
        """Send an event that is not logged."""
        self._server.publish(kind(time=time.time(), run=self._run.id, **fields))

    def when_there_is_room(self, write: Callable[[], object]) -> None:
        """Do ``write``; where the disk is full, say so and try again until there is room.

        Raises:
            OSError: it cannot be done, for another reason than a full disk.
        """
        self._tell_wait(self._wait_for_room(write))

    def _wait_for_room(self, write: Callable[[], object]) -> float | None:
        """Do ``write`` and return the seconds that it had to wait; None where it had not."""
        waited_since: float | None = None
        while True:
            try:
                write()
                return None if waited_since is None else time.monotonic() - waited_since
            except OSError as error:
                if error.errno not in (errno.ENOSPC, errno.EDQUOT):
                    raise
                if waited_since is None:
                    waited_since = time.monotonic()
                    self.publish(Notice, message="the disk is full: training waits until there is room")
                self.while_waiting()
                time.sleep(RETRY_EVERY)

    def _tell_wait(self, seconds: float | None) -> None:
        if seconds is not None:
            self.publish(Notice, message="")
            if not self.may_write:
                return
            self.log(Alert, message=f"the disk was full: training waited for {seconds:.0f} s")

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
