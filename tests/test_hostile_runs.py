"""Run directories that are damaged, made by someone else, or on a disk that fails: a reason, and all others go on."""

from __future__ import annotations

import errno
import fcntl
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
from typer.testing import CliRunner

from namestui.runs.confusion import ConfusionFile
from namestui.runs.decoding import UnreadableError, system_reason
from namestui.runs.eventlog import MAX_DAMAGE, EventLog, heal, read_backwards, read_events
from namestui.runs.events import EpochFinished
from namestui.runs.find import find_run
from namestui.runs.history import History
from namestui.runs.initial_weights import copy_weights
from namestui.runs.notes import Notes, read_notes, write_notes
from namestui.runs.recipes import make_config
from namestui.runs.store import RunDirectory, RunError, RunLock, RunStore
from namestui.runs.summary import Summary, summaries, summarise
from namestui.tui.cli.app import app
from tests.fake_engine import EventMaker

SPARSE = 20 << 30

Record = Callable[..., RunDirectory]


@pytest.fixture
def record(store: RunStore) -> Record:
    """Writes a run that has finished three epochs."""

    def write(**settings: Any) -> RunDirectory:
        run = store.create(make_config("rnn"))
        maker = EventMaker(run.id)
        started = maker.run_started()
        started = msgspec.structs.replace(started, config={**started.config, **settings})
        log = EventLog(run.events_file)
        for event in [started, *(maker.epoch() for _ in range(3)), maker.scored(), maker.state("finished")]:
            log.append(event)
        log.close()
        return run

    return write


def listed(*arguments: str) -> list[dict[str, Any]]:
    result = CliRunner().invoke(app, ["runs", "--json", *arguments])
    assert result.exit_code == 0, result.exception
    return [json.loads(line) for line in result.output.splitlines()]


def told(*arguments: str) -> tuple[int, str]:
    """Exit status and what was said; anything but an orderly end is raised."""
    result = CliRunner().invoke(app, list(arguments))
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, result.output


def make_fifo(path: Path) -> None:
    os.mkfifo(path)


def make_endless(path: Path) -> None:
    path.symlink_to("/dev/zero")


def make_giant(path: Path) -> None:
    path.touch()
    os.truncate(path, SPARSE)


def make_deep(path: Path) -> None:
    path.write_bytes(b'{"a":' * 100_000)


def make_bytes(path: Path) -> None:
    path.write_bytes(b'{"a":"\xff"}')


def make_wrong(path: Path) -> None:
    path.write_bytes(b'{"format":1,"model":7,"host":[],"pid":"x","name":{},"tags":0}')


KINDS = [make_fifo, Path.mkdir, make_endless, make_giant, make_deep, make_bytes, make_wrong]


@pytest.mark.parametrize("name", ["config.json", "worker.json", "notes.json"])
@pytest.mark.parametrize("make", KINDS)
def test_a_small_file_that_cannot_be_read_is_a_reason_and_hides_no_run(
    record: Record, name: str, make: Callable[[Path], None]
) -> None:
    sound, bad = record(), record()
    (bad.path / name).unlink(missing_ok=True)
    make(bad.path / name)
    rows = {row["run"]: row for row in listed()}
    assert rows[sound.id]["error"] == ""
    assert name in rows[bad.id]["error"]
    assert "\n" not in rows[bad.id]["error"]
    assert (rows[bad.id]["state"], rows[bad.id]["epoch"]) == ("finished", 3)
    status, text = told("runs")
    assert status == 0
    assert sound.id in text
    assert name in text


@pytest.mark.parametrize("number", [errno.EACCES, errno.EIO, errno.ESTALE, errno.ENAMETOOLONG, errno.ENOTDIR])
@pytest.mark.parametrize("name", ["config.json", "worker.json", "notes.json", "events.jsonl", "lock"])
def test_a_file_that_the_system_refuses_is_a_reason(
    record: Record, monkeypatch: pytest.MonkeyPatch, name: str, number: int
) -> None:
    run = record()
    real = os.open

    def refuse(path: Any, *arguments: Any, **keywords: Any) -> int:
        if Path(path).name == name:
            raise OSError(number, os.strerror(number), path)
        return real(path, *arguments, **keywords)

    monkeypatch.setattr(os, "open", refuse)
    assert summarise(run).error.removeprefix(f"run {run.id}: ") == f"{name}: {os.strerror(number)}"
    for command in (["follow", run.id], ["evaluate", run.id]):
        status, text = told(*command)
        assert status in (0, 1, 2), text
        assert name != "events.jsonl" or os.strerror(number) in text


@pytest.mark.parametrize("number", [errno.ENOLCK, errno.ENOSYS, errno.EIO])
def test_a_disk_without_locks_is_said_in_one_line(record: Record, monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    run = record()
    RunLock(run).release()

    def fail(*_: Any) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(fcntl, "flock", fail)
    assert not run.is_locked()
    with pytest.raises(RunError, match=rf"{run.id}: the disk of .*/lock cannot lock files \(.*NAMESTUI_HOME") as caught:
        RunLock(run)
    assert "\n" not in str(caught.value)
    assert "cannot lock files" in summarise(run).error


def test_an_error_of_the_system_without_words_has_some() -> None:
    assert system_reason(OSError(errno.EIO, None)) == "Input/output error"
    assert system_reason(OSError("gone")) == "gone"
    assert system_reason(OSError()) == "OSError"


def hole(path: Path) -> None:
    os.truncate(path, SPARSE)


def endless_line(path: Path) -> None:
    with path.open("ab") as file:
        file.write(b"x" * (50 << 20) + b"\n")


def empty_lines(path: Path) -> None:
    with path.open("ab") as file:
        file.write(b"\n" * (2 << 20))


@pytest.mark.parametrize("damage", [hole, endless_line, empty_lines])
def test_a_list_reads_no_more_than_a_part_of_a_log_without_events(
    record: Record, monkeypatch: pytest.MonkeyPatch, damage: Callable[[Path], None]
) -> None:
    run = record()
    damage(run.events_file)
    read, real = [0], os.pread

    def counted(descriptor: int, size: int, offset: int) -> bytes:
        data = real(descriptor, size, offset)
        read[0] += len(data)
        return data

    monkeypatch.setattr(os, "pread", counted)
    assert "events.jsonl: no event in" in summarise(run).error
    assert read[0] <= MAX_DAMAGE + (1 << 18)


def test_events_far_apart_are_found_from_both_ends(record: Record) -> None:
    run = record()
    before = [event for chunk in read_events(run.events_file) for event in chunk]
    last = msgspec.structs.replace(before[-1], seq=len(before))
    os.truncate(run.events_file, SPARSE)
    with run.events_file.open("ab") as file:
        file.write(b"\n" + msgspec.json.encode(last) + b"\n")
    assert next(read_backwards(run.events_file)) == last
    with pytest.raises(UnreadableError):
        list(read_backwards(run.events_file))
    assert [event for chunk in read_events(run.events_file) for event in chunk] == [*before, last]
    # WHEN a worker sets the hole aside, THEN not all of it
    assert heal(run.events_file).middle > SPARSE // 2
    kept = run.path / "events.damaged"
    assert kept.stat().st_blocks * 512 < 1 << 28
    assert [event for chunk in read_events(run.events_file) for event in chunk] == [*before, last]


def test_a_log_that_nests_for_ever_is_passed_over(record: Record) -> None:
    run = record()
    whole = run.events_file.read_bytes()
    run.events_file.write_bytes(whole + b'{"kind":"alert","message":' + b"[" * 200_000 + b"\n")
    assert summarise(run).state == "finished"
    assert History.read(run).epoch == 3


@pytest.mark.parametrize(
    ("key", "value"),
    [
        (key, value)
        for key in ("epochs", "corpus", "split", "seed", "model")
        for value in ("", [], {}, None, -3, 10**18)
    ],
)
def test_settings_of_any_type_end_nothing_in_a_traceback(record: Record, key: str, value: Any) -> None:
    bad, sound = record(**{key: value}), record()
    assert told("follow", bad.id)[0] == 0
    assert told("evaluate", bad.id)[0] == 0
    assert told("explain", bad.id, sound.id)[0] == 2  # there are no weights
    assert {row["run"] for row in listed()} == {bad.id, sound.id}


def test_scores_of_other_classes_are_damage(record: Record) -> None:
    run = record()
    lines = [json.loads(line) for line in run.events_file.read_bytes().splitlines()]
    lines[4]["by_class"] = [{"precision": None, "recall": 0.5, "support": 2}]
    run.events_file.write_bytes(b"".join(json.dumps(line).encode() + b"\n" for line in lines))
    status, text = told("evaluate", run.id)
    assert status == 2
    assert "3 classes, and scores for 1" in text


def test_epochs_as_far_as_numbers_go_take_no_memory(record: Record) -> None:
    run = record()
    lines = [json.loads(line) for line in run.events_file.read_bytes().splitlines()]
    lines[2]["epoch"] = 10**18
    run.events_file.write_bytes(b"".join(json.dumps(line).encode() + b"\n" for line in lines))
    assert told("follow", run.id)[0] == 0
    history = History.read(run)
    assert isinstance(history.last_epoch, EpochFinished)
    assert history.epoch == 10**18


@pytest.mark.parametrize("make", [make_fifo, Path.mkdir, make_endless, make_giant])
def test_matrices_that_cannot_be_read_are_none(tmp_path: Path, make: Callable[[Path], None]) -> None:
    path = tmp_path / "confusion.bin"
    make(path)
    for classes in (3, 100_000):
        file = ConfusionFile(path, classes)
        assert file.last() is None
        assert file.of(1) is None
        assert file.of(10**18) is None
        assert file.whole(9) == set()


@pytest.mark.parametrize(("name", "word"), [(b"not-utf8-\xff", "UTF-8"), (b"-rf", "begins with '-'")])
def test_a_folder_whose_name_is_no_runs_is_listed_and_can_be_moved_away(
    store: RunStore, record: Record, name: bytes, word: str
) -> None:
    sound, other = record(), record()
    run_id = os.fsdecode(name)
    other.path.rename(store.runs / run_id)
    rows = {row["run"]: row for row in listed()}
    assert rows.pop(sound.id)["error"] == ""
    (row,) = rows.values()
    assert word in row["error"]
    status, text = told("runs")
    assert (status, word in text) == (0, True)
    assert find_run(store, run_id).id == run_id
    for command in (["follow", "--", run_id], ["predict", "Rossi", f"--run={run_id}"], ["resume", "--", run_id]):
        status, text = told(*command)
        assert status in (1, 2), text
        assert text.count("\n") == 1
    status, text = told("runs", "rm", "--", run_id)
    assert status == 0, text
    assert [row["run"] for row in listed()] == [sound.id]


def test_notes_that_cannot_be_written_name_the_file(record: Record) -> None:
    run = record()
    run.notes_file.mkdir()
    assert read_notes(run) == Notes()
    with pytest.raises(RunError, match=r"cannot write notes\.json: Is a directory"):
        write_notes(run, Notes(name="one"))


def test_weights_that_are_too_many_to_copy_name_the_file(record: Record) -> None:
    source, run = record(), record()
    make_giant(source.best_weights)
    with pytest.raises(RunError, match=r"best.safetensors has 21,474,836,480 bytes: more than"):
        copy_weights(source, run)


def test_times_of_no_calendar_are_an_age(record: Record) -> None:
    for time in (-1e308, 1e308, 0.0):
        run = record()
        lines = [json.loads(line) for line in run.events_file.read_bytes().splitlines()]
        lines[-1]["time"] = time
        run.events_file.write_bytes(b"".join(json.dumps(line).encode() + b"\n" for line in lines))
        assert 0 <= summarise(run).age < 3e9


def test_best_and_last_pass_over_runs_that_cannot_be_read(store: RunStore, record: Record) -> None:
    sound, bad = record(), record()
    bad.events_file.unlink()
    make_fifo(bad.events_file)
    assert find_run(store, "best").id == sound.id
    assert [type(row) for row in summaries(store)] == [Summary, Summary]


def test_numbers_beyond_64_bits_can_be_put_in_order_and_compared(record: Record) -> None:
    run = record()
    lines = [json.loads(line) for line in run.events_file.read_bytes().splitlines()]
    lines[-1]["epoch"] = 10**400
    run.events_file.write_bytes(b"".join(json.dumps(line).encode() + b"\n" for line in lines))
    assert [row["run"] for row in listed("--sort", "epoch")] == [run.id]
    assert told("runs", "--filter", "epoch:3")[0] == 0
