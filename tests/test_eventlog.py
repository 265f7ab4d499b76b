"""events.jsonl: whatever a crash or a full disk leaves of it, a prefix of whole events is read and written on."""

from __future__ import annotations

import errno
import os
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from namestui.runs import eventlog
from namestui.runs.eventlog import EventLog, LogReader, heal, read_events
from namestui.runs.events import Alert, Logged, Progress, encode


def alert(seq: int, message: str = "") -> Alert:
    return Alert(time=float(seq), run="r", seq=seq, message=message or f"number {seq}")


def write(path: Path, events: list[Alert]) -> bytes:
    log = EventLog(path)
    for event in events:
        log.append(event)
    log.sync()
    log.close()
    return path.read_bytes()


def everything(path: Path) -> list[Logged]:
    return [event for chunk in read_events(path) for event in chunk]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "events.jsonl"


def test_append_and_read(path: Path) -> None:
    events = [alert(seq) for seq in range(5)]
    write(path, events)
    assert everything(path) == events
    assert path.stat().st_mode & 0o777 == 0o600
    # AND a second writer goes on where the first ended
    write(path, [alert(5)])
    assert everything(path) == [*events, alert(5)]
    assert heal(path) == (0, 0)


def test_no_log_is_an_empty_log(path: Path) -> None:
    assert everything(path) == []
    assert heal(path) == (0, 0)
    assert LogReader(path).read() == []


def test_until_seq(path: Path) -> None:
    events = [alert(seq) for seq in range(5)]
    write(path, events)
    for until in range(7):
        assert [event for chunk in read_events(path, until_seq=until) for event in chunk] == events[:until]


def test_long_logs_come_in_chunks(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # GIVEN chunks of 500 bytes, and one event that alone is longer
    monkeypatch.setattr(eventlog, "CHUNK", 500)
    events = [alert(seq, "x" * (2000 if seq == 7 else 60)) for seq in range(40)]
    write(path, events)
    chunks = list(read_events(path))
    assert [event for chunk in chunks for event in chunk] == events
    assert len(chunks) > 5


def test_a_line_of_exactly_a_chunk(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    events = [alert(seq, "x" * 60) for seq in range(3)]
    for size in range(len(encode(events[0])) - 1, 2 * len(encode(events[0])) + 2):
        path.unlink(missing_ok=True)
        write(path, events)
        monkeypatch.setattr(eventlog, "CHUNK", size)
        assert everything(path) == events


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: data + b'{"kind":"alert","ti',
        lambda data: data + b"\x00" * 100,
        lambda data: data + b"\x00" * 100 + b"\n",
        lambda data: data + b"garbage\n",
        lambda data: data + b"\xff\xfe\n",
        lambda data: data + b"\n",
        lambda data: data + b"null\n",
        lambda data: data + encode(alert(2)),  # again
        lambda data: data + encode(Progress(time=0, run="r", epoch=1, batch=1, batches=1, loss=1, names_per_second=1)),
        lambda data: data + b"garbage\n" + encode(alert(1)) + b"torn",
        lambda data: data + b"gar\rbage" + encode(alert(3)),
        lambda data: data + b"[" * 50_000 + b"\n",
    ],
)
def test_damage_at_the_end_is_passed_over_and_set_aside(path: Path, damage: Callable[[bytes], bytes]) -> None:
    # GIVEN three events and what a crash left behind them
    good = [alert(seq) for seq in range(3)]
    whole = write(path, list(good))
    path.write_bytes(damage(whole))
    # THEN readers end there and change nothing
    reader = LogReader(path)
    assert reader.read() == good
    assert reader.read() == []
    assert path.read_bytes() == damage(whole)
    # AND once the next worker has healed and appended, the same reader reads on
    assert heal(path) == (0, len(damage(whole)) - len(whole))
    assert path.with_name("events.damaged").read_bytes() == damage(whole)[len(whole) :]
    assert path.read_bytes() == whole
    write(path, [alert(3)])
    assert reader.read() == [alert(3)]
    assert everything(path) == [*good, alert(3)]


@given(st.integers(1, 4), st.data(), st.binary(max_size=8))
def test_a_kill_in_the_middle_of_a_write(count: int, data: st.DataObject, rubbish: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "events.jsonl"
        events = [alert(seq, "é\n" * seq) for seq in range(count)]
        whole = write(path, events)
        # GIVEN a log that ends anywhere, perhaps with bytes that were never flushed
        cut = data.draw(st.integers(0, len(whole)))
        path.write_bytes(whole[:cut] + rubbish)
        # WHEN it is healed
        cut_bytes = sum(heal(path))
        # THEN a prefix of whole events is left, every one that was whole among them
        kept = everything(path)
        assert kept == events[: len(kept)]
        assert len(kept) >= whole[:cut].count(b"\n")
        assert [line.strip() for line in path.read_bytes().split(b"\n")[:-1]] == [encode(one).strip() for one in kept]
        assert cut_bytes == cut + len(rubbish) - path.stat().st_size
        # AND the log is written on
        write(path, [alert(len(kept), "on")])
        assert everything(path) == [*kept, alert(len(kept), "on")]


def test_a_reader_follows_a_growing_file(path: Path) -> None:
    reader = LogReader(path)
    assert reader.read() == []
    whole = b"".join(encode(alert(seq)) for seq in range(3))
    found: list[Logged] = []
    # WHEN the file grows by a byte at a time, THEN only whole events come, each once
    with path.open("ab", buffering=0) as file:
        for at in range(len(whole)):
            file.write(whole[at : at + 1])
            found.extend(reader.read())
            assert len(found) == whole[: at + 1].count(b"\n") == reader.next_seq
    assert found == [alert(seq) for seq in range(3)]


def test_a_reader_skips_what_came_another_way(path: Path) -> None:
    write(path, [alert(seq) for seq in range(3)])
    reader = LogReader(path)
    reader.skip(encode(alert(0)))
    assert reader.read() == [alert(1), alert(2)]


@pytest.mark.parametrize("raises", [True, False])
def test_a_full_disk_leaves_the_file_as_it_was(path: Path, monkeypatch: pytest.MonkeyPatch, raises: bool) -> None:
    whole = write(path, [alert(0)])
    log = EventLog(path)
    real_write = os.write

    def full(descriptor: int, data: bytes) -> int:
        written = real_write(descriptor, data[:10])
        if raises:
            raise OSError(errno.ENOSPC, "No space left on device")
        return written

    # WHEN the disk takes a part of a line
    with monkeypatch.context() as patched:
        patched.setattr(eventlog.os, "write", full)
        with pytest.raises(OSError) as caught:
            log.append(alert(1))
    # THEN the caller knows why, nothing of it is in the file, and the next try succeeds
    assert caught.value.errno == errno.ENOSPC
    assert path.read_bytes() == whole
    log.append(alert(1))
    log.close()
    assert everything(path) == [alert(0), alert(1)]
