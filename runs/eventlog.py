"""``events.jsonl``: append, heal after a crash, read, and follow."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

import msgspec

from namestui.data.safe_files import open_file, open_to_read
from namestui.runs.events import (
    FORMAT,
    KINDS,
    LOGGED_KINDS,
    Event,
    Greeting,
    Logged,
    LoggedEvent,
    RunStarted,
    decode,
    encode,
)
from namestui.runs.text import inert

CHUNK = 1 << 18
"""Bytes read at a time: about 1,000 epochs, a few milliseconds of decoding."""
BACK_CHUNK = 1 << 16
"""Bytes read at a time from the end."""


class NewerLogError(Exception):
    """A log that a newer namestui has written; its text is one line that says so."""


class EventLog:
    """The writer's end. One ``os.write`` a line, so that a kill leaves no torn line; one is healed all the same."""

    def __init__(self, path: Path) -> None:
        self._fd = open_file(path, os.O_RDWR | os.O_APPEND | os.O_CREAT)

    def append(self, event: LoggedEvent) -> None:
        """Add one line.

        Raises:
            OSError: the disk is full or gone; a part of the line that was written is taken back.
        """
        line = encode(event)
        start = os.fstat(self._fd).st_size
        try:
            written = os.write(self._fd, line)
        except OSError:
            os.ftruncate(self._fd, start)
            raise
        if written != len(line):
            os.ftruncate(self._fd, start)
            raise OSError(28, "No space left on device")

    def sync(self) -> None:
        """Wait until all lines are on the disk."""
        os.fsync(self._fd)

    def close(self) -> None:
        """Close the file."""
        os.close(self._fd)


def heal(path: Path) -> int:
    """Cut what a crash left unreadable at the end of the log; return how many bytes were cut.

    Everything from the first line on that is torn, is no event, or breaks the order of ``seq`` is cut,
    and kept beside the log in ``events.damaged`` where there is room.

    Raises:
        NewerLogError: a line is of a newer format, not damaged; nothing is cut.
        UnsafeFileError: the log is a link or no regular file.
    """
    try:
        descriptor = open_file(path, os.O_RDWR)
    except FileNotFoundError:
        return 0
    with os.fdopen(descriptor, "r+b") as file:
        data = file.read()
        good = _sound_length(data)
        if good < len(data):
            # As far as there is room: a full disk must not keep the run from going on.
            with contextlib.suppress(OSError):
                descriptor = open_file(path.with_name("events.damaged"), os.O_WRONLY | os.O_APPEND | os.O_CREAT)
                with os.fdopen(descriptor, "ab") as aside:
                    aside.write(data[good:])
            file.truncate(good)
    return len(data) - good


def _sound_length(data: bytes) -> int:
    """Bytes of a log that are whole events in order."""
    good = 0
    for seq, line in enumerate(data.splitlines(keepends=True)):
        event = _read_line(line)
        if event is None or event.seq != seq:
            _refuse_newer(line, seq)
            break
        refuse_newer_format(event)
        good += len(line)
    return good


def read_events(path: Path, *, until_seq: int | None = None) -> Iterator[list[Logged]]:
    """The log from its start in chunks of events, up to ``until_seq`` (exclusive) or its last whole line.

    A torn or garbage line ends the reading: the writer heals it, a reader has nothing to repair.
    """
    reader = LogReader(path)
    while chunk := reader.read():
        if until_seq is not None and chunk[-1].seq >= until_seq:
            yield [event for event in chunk if event.seq < until_seq]
            return
        yield chunk


def read_backwards(path: Path) -> Iterator[Logged]:
    """The log's events from the newest to the oldest, reading no more of the file than is asked for."""
    try:
        file = open_to_read(path)
    except OSError:
        return
    with file:
        end = os.fstat(file.fileno()).st_size
        rest = b""
        while end > 0:
            start = max(0, end - BACK_CHUNK)
            block = os.pread(file.fileno(), end - start, start) + rest
            lines = block.splitlines(keepends=True)
            rest = lines.pop(0) if start > 0 and lines else b""
            for line in reversed(lines):
                event = _read_line(line)
                if event is not None:
                    yield event
            end = start


class LogReader:
    """Reads on from where it last stopped: the events appended since, whole lines only."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._offset = 0
        self.next_seq = 0

    def read(self) -> list[Logged]:
        """The next chunk of events; empty at the end of what is whole.

        Raises:
            UnsafeFileError: the log is a link or no regular file.
        """
        try:
            with open_to_read(self._path) as file:
                file.seek(self._offset)
                data = file.read(CHUNK)
                if b"\n" not in data and len(data) == CHUNK:
                    data += file.readline()
        except FileNotFoundError:
            return []
        events: list[Logged] = []
        for line in data[: data.rfind(b"\n") + 1].splitlines(keepends=True):
            event = _read_line(line)
            if event is None or event.seq != self.next_seq:
                break
            events.append(event)
            self._offset += len(line)
            self.next_seq += 1
        return events

    def skip(self, line: bytes) -> None:
        """Take the next event as read: it came another way, as exactly this line."""
        self._offset += len(line)
        self.next_seq += 1


def refuse_newer_format(event: Event) -> None:
    """Raise NewerLogError where what begins a run, or a connection, says a newer format than this program reads."""
    if isinstance(event, RunStarted | Greeting) and event.format > FORMAT:
        raise NewerLogError(f"format {event.format} is newer than this namestui reads ({FORMAT}): upgrade namestui")


class _Head(msgspec.Struct):
    kind: str
    seq: int
    format: int = FORMAT


def _refuse_newer(line: bytes, seq: int) -> None:
    """Raise NewerLogError where a line that cannot be read is a whole event of a newer format, or of a newer kind."""
    try:
        head = msgspec.json.decode(line, type=_Head)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return
    if head.format > FORMAT:
        raise NewerLogError(f"format {head.format} is newer than this namestui reads ({FORMAT}): upgrade namestui")
    if head.seq == seq and line.endswith(b"\n") and head.kind not in KINDS:
        raise NewerLogError(f"a newer namestui has written {inert(head.kind)!r} to its log: upgrade namestui")


def _read_line(line: bytes) -> Logged | None:
    """The event in a whole line; None where it is torn or not an event of the log."""
    if not line.endswith(b"\n"):
        return None
    try:
        event = decode(line)
    except msgspec.DecodeError:
        return None
    return event if isinstance(event, LOGGED_KINDS) else None
