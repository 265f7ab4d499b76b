"""``events.jsonl``: append, heal after a crash, read, and follow."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import msgspec

from namestui.runs.events import LOGGED_KINDS, Logged, LoggedEvent, decode, encode

CHUNK = 1 << 18
"""Bytes read at a time: about 1,000 epochs, a few milliseconds of decoding."""
BACK_CHUNK = 1 << 16
"""Bytes read at a time from the end."""


class EventLog:
    """The writer's end. One ``os.write`` a line, so that a kill leaves no torn line; one is healed all the same."""

    def __init__(self, path: Path) -> None:
        self._fd = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)

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

    Everything from the first line on that is torn, is no event, or breaks the order of ``seq`` is cut.
    """
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return 0
    good = 0
    for seq, line in enumerate(data.splitlines(keepends=True)):
        event = _read_line(line)
        if event is None or event.seq != seq:
            break
        good += len(line)
    if good < len(data):
        os.truncate(path, good)
    return len(data) - good


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
        file = path.open("rb")
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
        """The next chunk of events; empty at the end of what is whole."""
        try:
            with self._path.open("rb") as file:
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


def _read_line(line: bytes) -> Logged | None:
    """The event in a whole line; None where it is torn or not an event of the log."""
    if not line.endswith(b"\n"):
        return None
    try:
        event = decode(line)
    except msgspec.DecodeError:
        return None
    return event if isinstance(event, LOGGED_KINDS) else None
