"""Writing the record: what was logged is what is sent, errors that pass are waited for, others name their file."""

from __future__ import annotations

import contextlib
import errno
import os
import socket
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any

import msgspec
import pytest

from namestui.engine.recording import recorder as recording
from namestui.engine.recording.recorder import Recorder, ReplacedError, StoppedWaitingError
from namestui.engine.recording.requests import Request
from namestui.engine.recording.server import Server
from namestui.engine.recording.worker_log import note
from namestui.engine.worker.record import Record
from namestui.runs import commands, eventlog, events
from namestui.runs.events import Alert, Logged, Notice
from namestui.runs.history import History
from namestui.runs.sockets import socket_path
from namestui.runs.store import RunDirectory
from tests.fake_engine import EventMaker
from tests.watching import Create, connected, record_of


class Recording:
    """A recorder with its server, and a client's end of a connection to it."""

    def __init__(self, run: RunDirectory) -> None:
        self.run = run
        self.server = Server(socket_path(run.path), run.id, 0, "running")
        self.history = History.read(run)
        self.recorder = Recorder(run, self.server, self.history)
        self.server.start()
        self._connections: list[socket.socket] = []

    def connect(self) -> IO[bytes]:
        """The lines that the server sends, from the greeting on."""
        connection = connected(socket_path(self.run.path))
        self._connections.append(connection)
        return connection.makefile("rb")

    def close(self) -> None:
        self.recorder.close()
        self.server.stop()
        for connection in self._connections:
            connection.close()


@pytest.fixture
def run(create: Create) -> RunDirectory:
    return create(3)


@pytest.fixture
def made(run: RunDirectory, monkeypatch: pytest.MonkeyPatch) -> Iterator[Recording]:
    monkeypatch.setattr(recording, "RETRY_EVERY", 0.01)
    made = Recording(run)
    yield made
    made.close()


def failing(number: int, times: int) -> Callable[..., Any]:
    """As ``os.write``; the first ``times`` lines of a log fail with this error, which names no file."""
    real, left = os.write, [times]

    def write(descriptor: int, data: bytes) -> int:
        if data.startswith(b'{"kind"') and left[0]:
            left[0] -= 1
            raise OSError(number, os.strerror(number))
        return real(descriptor, data)

    return write


def test_what_is_sent_is_what_was_written(made: Recording, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = made.connect()
    assert isinstance(events.decode(lines.readline()), events.Greeting)
    encoded: list[events.Event] = []
    real = events.encode
    for module in (eventlog, events):
        monkeypatch.setattr(module, "encode", lambda event: (encoded.append(event), real(event))[1])
    for number in range(5):
        made.recorder.log(Alert(message=f"number {number}"))
    sent = b"".join(lines.readline() for _ in range(5))
    assert sent == made.run.events_file.read_bytes()
    assert len(encoded) == 5  # and it was encoded once
    assert [event.seq for event in record_of(made.run)] == list(range(5))
    assert made.history.next_seq == 5
    assert all(event.run == made.run.id and event.time > 1e9 for event in record_of(made.run))


@pytest.mark.parametrize(
    ("number", "why"),
    [
        (errno.ENOSPC, "the disk is full"),
        (errno.EDQUOT, "the disk quota is used up"),
        (errno.EAGAIN, "the disk is busy"),
        (errno.EMFILE, "too many files are open"),
    ],
)
def test_an_error_that_passes_is_waited_for(
    made: Recording, monkeypatch: pytest.MonkeyPatch, number: int, why: str
) -> None:
    lines = made.connect()
    monkeypatch.setattr(os, "write", failing(number, 3))
    made.recorder.log(Alert(message="at last"))
    told = [events.decode(lines.readline()) for _ in range(5)][1:]
    # THEN the clients hear why, once, by a topic, then the event, that the wait is over, and for how long it was
    assert [type(event).__name__ for event in told] == ["Notice", "Alert", "Notice", "Alert"]
    assert isinstance(told[0], Notice) and isinstance(told[2], Notice)
    assert (told[0].message, told[0].topic) == (f"{why}: training waits until there is room", "disk")
    assert (told[2].message, told[2].topic) == ("", "disk")
    first, second = record_of(made.run)
    assert isinstance(first, Alert) and isinstance(second, Alert)
    assert (first.message, second.topic) == ("at last", "disk")
    assert "training waited for 0 s" in second.message


def test_an_error_that_stays_names_the_file(made: Recording, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "write", failing(errno.EIO, 1))
    with pytest.raises(OSError, match="Input/output error") as caught:
        made.recorder.log(Alert(message="lost"))
    assert caught.value.filename == str(made.run.events_file)

    def torn() -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    with pytest.raises(OSError, match="Input/output error") as caught:
        made.recorder.keep_trying(made.run.confusion_file, torn)
    assert caught.value.filename == str(made.run.confusion_file)
    assert record_of(made.run) == []


@pytest.mark.parametrize("own", [True, False], ids=["signal", "client"])
def test_a_full_disk_does_not_keep_a_run_from_stopping(
    made: Recording, monkeypatch: pytest.MonkeyPatch, own: bool
) -> None:
    monkeypatch.setattr(recording, "STOP_WITHIN", 0.05)
    monkeypatch.setattr(os, "write", failing(errno.ENOSPC, 10**9))
    tries: list[int] = []

    def stop_after_a_while() -> None:
        tries.append(0)
        if len(tries) == 3 and own:
            made.server.requests.put_own(commands.Stop())
        elif len(tries) == 3:
            made.server.requests.put(Request(commands.Stop(request="1"), lambda _: None))

    made.recorder.while_waiting = stop_after_a_while
    with pytest.raises(StoppedWaitingError, match="stopped while the disk is full"):
        made.recorder.log(Alert(message="never"))
    assert len(tries) >= 3


def test_a_pause_is_heard_while_the_disk_is_full(made: Recording, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = made.connect()
    monkeypatch.setattr(os, "write", failing(errno.ENOSPC, 3))
    made.server.requests.put(Request(commands.Pause(request="1"), lambda _: None))
    made.recorder.log(Alert(message="at last"))
    lines.readline()
    notice = events.decode(lines.readline())
    assert isinstance(notice, Notice)
    assert notice.message == "the disk is full: training waits until there is room, and pauses then"
    order = made.server.requests.order()  # AND it waits for the next batch boundary
    assert order is not None and isinstance(order.command, commands.Pause)


def test_another_directory_in_its_place_is_not_written(made: Recording, tmp_path: Path) -> None:
    made.recorder.log(Alert(message="mine"))
    made.run.path.rename(tmp_path / "moved")
    with pytest.raises(ReplacedError, match="has vanished"):
        made.recorder.log(Alert(message="lost"))
    made.run.path.mkdir()
    with pytest.raises(ReplacedError, match="is another directory now"):
        made.recorder.keep_trying(made.run.confusion_file, lambda: made.run.confusion_file.write_bytes(b"x"))
    assert list(made.run.path.iterdir()) == []


def test_a_log_without_room_harms_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    with Path("/dev/full").open("w", encoding="utf-8") as full:
        monkeypatch.setattr(sys, "stderr", full)
        note("a line")
        note(ValueError("with its traceback"))
        monkeypatch.undo()
        with contextlib.suppress(OSError):
            full.close()


def test_a_worker_that_only_answers_writes_nothing(run: RunDirectory) -> None:
    server = Server(run.path / "socket", run.id, 0, "finished")
    recorder = Recorder(run, server, History(), may_write=False)
    logged: Logged = Alert(message="no")
    with pytest.raises(RuntimeError):
        recorder.log(logged)
    assert not run.events_file.exists()


def test_a_record_whose_times_are_of_no_calendar_is_taken_over(made: Recording) -> None:
    record = Record(
        made.run, Recorder(made.run, made.server, made.history, may_write=False), made.history, serves=False
    )
    maker = EventMaker(made.run.id)
    log = eventlog.EventLog(made.run.events_file)
    for event in (maker.run_started(), maker.state("running"), msgspec.structs.replace(maker.epoch(), time=1e300)):
        made.history.apply(event)
        log.append(event)
    log.close()
    record.begin_writing()
    lost = record_of(made.run)[-1]
    assert isinstance(lost, Alert)
    assert "last heard of at an unknown time" in lost.message
