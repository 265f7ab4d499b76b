"""``events.jsonl``: append, heal after a crash, read, and follow."""

from __future__ import annotations

import contextlib
import errno
import os
from collections.abc import Iterator
from pathlib import Path
from typing import IO, NamedTuple

import msgspec

from namestui.data.safe_files import open_file, open_to_read, replacing
from namestui.runs.decoding import UnreadableError
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
MAX_LINE = 1 << 24
"""Bytes of a line, at most; what is longer is damaged."""
MAX_DAMAGE = 2 * MAX_LINE
"""Bytes without an event after which reading backwards gives up: a list of runs must not wait for one."""
MAX_KEPT = 1 << 26
"""Bytes that are set aside from a damaged log, at most: a hole in it may seem to have many gigabytes."""
MAX_DAMAGED_LINES = 100_000
"""Lines that are no events, likewise."""


class NewerLogError(Exception):
    """A log that a newer namestui has written; its text is one line that says so."""


class EventLog:
    """The writer's end. One ``os.write`` a line, so that a kill leaves no torn line; one is healed all the same."""

    def __init__(self, path: Path) -> None:
        self._fd = open_file(path, os.O_RDWR | os.O_APPEND | os.O_CREAT)

    def append(self, event: LoggedEvent) -> bytes:
        """Add one line, which is returned: what is sent is what was written.

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
        return line

    def sync(self) -> None:
        """Wait until all lines are on the disk."""
        os.fsync(self._fd)

    def close(self) -> None:
        """Close the file."""
        os.close(self._fd)


class Damage(NamedTuple):
    """Unreadable bytes of a log: those with sound lines after them, and those at the end."""

    middle: int
    end: int


def heal(path: Path) -> Damage:
    """Leave nothing but sound lines in the log; how many bytes were set aside. For its only writer.

    What is torn, is no event, or breaks the order of ``seq`` goes to ``events.damaged`` beside the log, where there
    is room for it. A torn end is cut off; anything else makes a new file that takes the old one's place.

    Raises:
        UnsafeFileError: the log is a link or no regular file.
        OSError: the disk is full or gone; the log is as it was.
    """
    try:
        descriptor = open_file(path, os.O_RDWR)
    except FileNotFoundError:
        return Damage(0, 0)
    with os.fdopen(descriptor, "r+b") as file:
        scan = _Scan(file, 0)
        sound, bad, at = list[_Span](), list[_Span](), 0
        for line in scan:
            if line.start > at:
                bad.append(_Span(at, line.start))
            if sound and sound[-1].end == line.start:
                sound[-1] = _Span(sound[-1].start, line.end)
            else:
                sound.append(_Span(line.start, line.end))
            at = line.end
        middle, end = sum(span.end - span.start for span in bad), os.fstat(descriptor).st_size - at
        if end:
            bad.append(_Span(at, at + end))
        if middle or scan.end > at:  # a reader may be past this already: it goes by the new file
            with replacing(path) as healed:
                for span in sound:
                    _copy(file, span, healed)
                _set_aside(path, file, bad)
        elif end:
            _set_aside(path, file, bad)
            file.truncate(at)
    return Damage(middle, end)


class _Span(NamedTuple):
    start: int
    end: int


def _copy(source: IO[bytes], span: _Span, target: IO[bytes]) -> None:
    for at in range(span.start, span.end, CHUNK):
        target.write(os.pread(source.fileno(), min(CHUNK, span.end - at), at))


def _set_aside(path: Path, file: IO[bytes], spans: list[_Span]) -> None:
    """Keep the first `MAX_KEPT` bytes of these parts beside the log, as far as there is room: a full disk must not keep
    the run from training."""
    flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT
    with (
        contextlib.suppress(OSError),
        os.fdopen(open_file(path.with_name("events.damaged"), flags), "ab") as kept,
    ):
        room = MAX_KEPT
        for span in spans:
            _copy(file, _Span(span.start, min(span.end, span.start + room)), kept)
            room -= min(room, span.end - span.start)
        kept.flush()
        os.fsync(kept.fileno())


class _Line(NamedTuple):
    start: int
    end: int
    event: Logged


class _Scan:
    """The sound lines of a log from where ``file`` stands, in order of ``seq``, from ``next_seq`` on.

    What is no event, or breaks the order, is passed over. Where ``seq`` leaps, lines are missing, or its digits are
    damaged: the next sound line shows which, so that one bad number does not hide all lines after it.
    ``end`` is where the last whole line ends that was read, sound or not: beyond it there is at most a torn one.
    """

    def __init__(self, file: IO[bytes], next_seq: int, *, refuse_newer: bool = False) -> None:
        self.end = file.tell()
        self._file = file
        self._next_seq = next_seq
        self._refuse_newer = refuse_newer

    def __iter__(self) -> Iterator[_Line]:
        leapt: _Line | None = None
        next_seq = self._next_seq
        for start, end, data in self._whole_lines():
            event = _read_line(data)
            if self._refuse_newer:
                _refuse_newer(data, event, next_seq)
            if event is None or event.seq < next_seq:
                continue
            if leapt is not None:
                if event.seq == leapt.event.seq:
                    continue
                if event.seq > leapt.event.seq:
                    yield leapt
                    next_seq = leapt.event.seq + 1
                leapt = None
            line = _Line(start, end, event)
            if event.seq == next_seq:
                yield line
                next_seq += 1
            else:
                leapt = line
        if leapt is not None:
            yield leapt

    def _whole_lines(self) -> Iterator[tuple[int, int, bytes]]:
        """Lines with their ends; of one that is longer than any event, pieces, which are no events either."""
        while True:
            data = self._file.readline(MAX_LINE)
            if not data.endswith(b"\n") and len(data) < MAX_LINE:
                return
            start, self.end = self.end, self.end + len(data)
            yield start, self.end, data
            if not data.endswith(b"\n"):
                self._skip_hole()

    def _skip_hole(self) -> None:
        """Continue behind what was never written: a file may seem to have many gigabytes of zeros."""
        try:
            self.end = self._file.seek(os.lseek(self._file.fileno(), self.end, os.SEEK_DATA))
        except OSError as error:
            if error.errno == errno.ENXIO:  # nothing but a hole from here on
                self.end = self._file.seek(0, os.SEEK_END)
            elif error.errno not in (errno.EINVAL, errno.EOPNOTSUPP):  # without holes, they are read
                raise


def read_events(path: Path, *, until_seq: int | None = None, refuse_newer: bool = False) -> Iterator[list[Logged]]:
    """The log from its start in chunks of events, up to ``until_seq`` (exclusive) or its last whole line.

    Lines that cannot be read are passed over: the writer heals them, a reader has nothing to repair.

    Raises:
        NewerLogError: ``refuse_newer``, and a line is of a newer format, not damaged.
    """
    reader = LogReader(path, refuse_newer=refuse_newer)
    while chunk := reader.read():
        if until_seq is not None and chunk[-1].seq >= until_seq:
            yield [event for event in chunk if event.seq < until_seq]
            return
        yield chunk


def read_backwards(path: Path) -> Iterator[Logged]:
    """The log's events from the newest to the oldest, reading no more of the file than is asked for.

    Raises:
        UnreadableError: there is no event in much of it.
        OSError: it is not there, no regular file, or cannot be read.
    """
    with open_to_read(path) as file:
        end = os.fstat(file.fileno()).st_size
        sound, damaged = end, 0  # where the last event stood, and the lines since that are none
        pieces: list[bytes] = []  # of the line that is being gathered, last first
        size, is_whole = 0, False  # nothing ends the last line yet
        while end > 0:
            start = max(0, end - BACK_CHUNK)
            first, *others = os.pread(file.fileno(), end - start, start).split(b"\n")
            for piece in reversed(others):
                damaged += 1
                if is_whole and (event := _read_line(b"".join([piece, *reversed(pieces), b"\n"]))) is not None:
                    yield event
                    sound, damaged = start, 0
                pieces, size, is_whole = [], 0, True
            pieces.append(first)
            size += len(first)
            if size > MAX_LINE:
                pieces, size, is_whole = [], 0, False
            end = start
            if sound - end > MAX_DAMAGE or damaged > MAX_DAMAGED_LINES:
                raise UnreadableError(f"{inert(path.name)}: no event in {(sound - end) >> 20} MB of it, from its end")
        if is_whole and (event := _read_line(b"".join([*reversed(pieces), b"\n"]))) is not None:
            yield event


class LogReader:
    """Reads on from where it last stopped: the events appended since, whole lines only; damaged ones are passed over.

    ``next_seq`` is one more than that of the last event read.
    """

    def __init__(self, path: Path, *, refuse_newer: bool = False) -> None:
        self.next_seq = 0
        self._path = path
        self._offset = 0
        self._file: tuple[int, int] | None = None
        self._refuse_newer = refuse_newer

    def read(self) -> list[Logged]:
        """The next chunk of events; empty at the end of what is whole.

        Raises:
            OSError: the log is a link, no regular file, or cannot be read.
        """
        events: list[Logged] = []
        try:
            with open_to_read(self._path) as file:
                begin = self._find_place(file)
                scan = _Scan(file, self.next_seq, refuse_newer=self._refuse_newer)
                for line in scan:
                    events.append(line.event)
                    self._offset, self.next_seq = line.end, line.event.seq + 1
                    if line.end - begin >= CHUNK:
                        return events
                self._offset = scan.end
        except FileNotFoundError:
            return []
        return events

    def _find_place(self, file: IO[bytes]) -> int:
        """Go to where reading continues: from the start where another file, a healed one, has taken the log's place."""
        status = os.fstat(file.fileno())
        identity = (status.st_dev, status.st_ino)
        if self._file not in (None, identity) or status.st_size < self._offset:
            self._offset = 0
        self._file = identity
        return file.seek(self._offset)

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


def _refuse_newer(line: bytes, event: Logged | None, next_seq: int) -> None:
    """Raise NewerLogError where a line says a newer format, or is a whole event of a newer kind."""
    if event is not None:
        refuse_newer_format(event)
        return
    try:
        head = msgspec.json.decode(line, type=_Head)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return
    if head.format > FORMAT:
        raise NewerLogError(f"format {head.format} is newer than this namestui reads ({FORMAT}): upgrade namestui")
    if head.seq == next_seq and line.endswith(b"\n") and head.kind not in KINDS:
        raise NewerLogError(f"a newer namestui has written {inert(head.kind)!r} to its log: upgrade namestui")


def _read_line(line: bytes) -> Logged | None:
    """The event in a whole line; None where it is torn or not an event of the log."""
    if not line.endswith(b"\n"):
        return None
    try:
        line.decode()  # msgspec does not check fields that it does not know
        event = decode(line)
    except (UnicodeDecodeError, msgspec.DecodeError):
        return None
    return event if isinstance(event, LOGGED_KINDS) else None
