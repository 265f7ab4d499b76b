"""events.jsonl with damage anywhere: readers pass over it, the writer sets it aside, and every sound line stays."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from namestui.runs import eventlog
from namestui.runs.eventlog import LogReader, heal, read_backwards, read_events
from namestui.runs.events import Alert, Logged, encode


def alert(seq: int) -> Alert:
    return Alert(time=float(seq), run="r", seq=seq, message=f"number {seq}")


def everything(path: Path) -> list[Logged]:
    return [event for chunk in read_events(path) for event in chunk]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "events.jsonl"


GARBAGE = st.one_of(
    st.binary(max_size=12).map(lambda data: data.replace(b"\n", b"") + b"\n"),
    st.sampled_from([b"\n", b"null\n", b"\x00" * 70 + b"\n", b'{"kind":"alert"}\n', b"[" * 3000 + b"\n"]),
    st.integers(0, 3).map(lambda seq: encode(alert(seq))),  # again
)


@given(st.integers(4, 9), st.data())
def test_lines_that_are_sound_stay_and_only_the_rest_is_set_aside(count: int, data: st.DataObject) -> None:
    # GIVEN a log of which some lines are damaged or gone, with rubbish between others and perhaps a torn end
    lines = [encode(alert(seq)) for seq in range(count)]
    sound, bad, content = list[int](), b"", b""
    for seq, line in enumerate(lines):
        way = "keep" if seq < 4 else data.draw(st.sampled_from(["keep", "keep", "flip", "cut", "gone"]))
        piece = line
        if way == "flip":
            at = data.draw(st.integers(0, len(line) - 2))
            piece = line[:at] + b"\xff" + line[at + 1 :]
        elif way == "cut":
            piece = line[: data.draw(st.integers(0, len(line) - 2))] + b"\n"
        elif way == "gone":
            piece = b""
        rubbish = data.draw(st.one_of(st.just(b""), GARBAGE)) if seq >= 3 else b""
        sound += [seq] if way == "keep" else []
        bad += (b"" if way == "keep" else piece) + rubbish
        content += piece + rubbish
    torn = data.draw(st.sampled_from([b"", b"torn", lines[0][:-1]]))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "events.jsonl"
        path.write_bytes(content + torn)
        # THEN every reader gets the sound lines, in order, and changes nothing
        expected = [alert(seq) for seq in sound]
        follower = LogReader(path)
        assert follower.read() == expected
        assert follower.read() == []
        assert follower.next_seq == sound[-1] + 1
        assert everything(path) == expected
        assert path.read_bytes() == content + torn
        # AND the writer keeps exactly these, and the rest beside them
        assert sum(heal(path)) == len(bad + torn)
        assert path.read_bytes() == b"".join(lines[seq] for seq in sound)
        aside = path.with_name("events.damaged")
        assert (aside.read_bytes() if aside.exists() else b"") == bad + torn
        assert [file.name for file in Path(folder).iterdir() if file not in (path, aside)] == []
        # AND a second time nothing
        before = path.stat()
        assert heal(path) == (0, 0)
        assert path.stat() == before
        # AND the reader that had read the damaged file goes on where it was
        with path.open("ab") as file:
            file.write(encode(alert(count)))
        assert follower.read() == [alert(count)]


@given(st.binary(max_size=400), st.integers(0, 5))
def test_any_bytes_at_all(rubbish: bytes, at: int) -> None:
    lines = [encode(alert(seq)) for seq in range(5)]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "events.jsonl"
        content = b"".join([*lines[:at], rubbish, b"\n", *lines[at:]])
        path.write_bytes(content)
        assert everything(path) == [alert(seq) for seq in range(5)]
        assert list(read_backwards(path)) == [alert(seq) for seq in reversed(range(5))]
        assert path.read_bytes() == content
        assert sum(heal(path)) == len(rubbish) + 1
        assert path.read_bytes() == b"".join(lines)


@pytest.mark.parametrize("seq", [9, 123_456])
def test_a_damaged_number_hides_no_other_line(path: Path, seq: int) -> None:
    # GIVEN a line whose seq has become a later one's
    lines = [encode(alert(number)) for number in range(6)]
    wrong = encode(Alert(time=2.0, run="r", seq=seq, message="number 2"))
    path.write_bytes(b"".join([*lines[:2], wrong, *lines[3:]]))
    sound = [alert(number) for number in (0, 1, 3, 4, 5)]
    assert everything(path) == sound
    assert heal(path) == (len(wrong), 0)
    assert everything(path) == sound


def test_a_line_that_is_longer_than_any_event(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(eventlog, "MAX_LINE", 1000)
    monkeypatch.setattr(eventlog, "BACK_CHUNK", 300)
    lines = [encode(alert(seq)) for seq in range(4)]
    path.write_bytes(b"".join([*lines[:2], b"x" * 4500 + b"\n", *lines[2:], b"y" * 2500]))
    sound = [alert(seq) for seq in range(4)]
    reader = LogReader(path)
    assert reader.read() == sound
    assert reader.read() == []
    assert heal(path) == (4501, 2500)
    assert list(read_backwards(path)) == sound[::-1]
    with path.open("ab") as file:
        file.write(encode(alert(4)))
    assert reader.read() == [alert(4)]


def test_a_long_line_is_read_backwards_once(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # GIVEN one line of many blocks between two events
    monkeypatch.setattr(eventlog, "BACK_CHUNK", 64)
    path.write_bytes(encode(alert(0)) + b"x" * 64 * 500 + b"\n" + encode(alert(1)))
    joined = 0
    real = eventlog._read_line

    def counting(line: bytes) -> Logged | None:
        nonlocal joined
        joined += len(line)
        return real(line)

    monkeypatch.setattr(eventlog, "_read_line", counting)
    assert list(read_backwards(path)) == [alert(1), alert(0)]
    assert joined <= path.stat().st_size


def test_what_is_set_aside_goes_through_no_link(path: Path, tmp_path: Path) -> None:
    target = tmp_path / "somebody's"
    target.write_bytes(b"as it was")
    path.with_name("events.damaged").symlink_to(target)
    path.write_bytes(encode(alert(0)) + b"evil\n" + encode(alert(1)) + b"torn")
    heal(path)
    assert everything(path) == [alert(0), alert(1)]
    assert target.read_bytes() == b"as it was"


def test_a_full_disk_leaves_the_damaged_log_as_it_was(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    content = encode(alert(0)) + b"bad\n" + encode(alert(1))
    path.write_bytes(content)

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        with pytest.raises(OSError, match="No space"):
            heal(path)
    assert path.read_bytes() == content
    assert heal(path) == (4, 0)
