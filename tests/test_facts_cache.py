"""The list of runs reads again only what has changed; the record alone counts, whatever the cache says."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from namestui.runs import facts_cache
from namestui.runs.eventlog import EventLog
from namestui.runs.notes import Notes, write_notes
from namestui.runs.recipes import make_config
from namestui.runs.run_facts import read_facts
from namestui.runs.store import RunDirectory, RunLock, RunStore
from namestui.runs.summary import Summary, summaries, summarise
from tests.fake_engine import EventMaker


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The runs that are read; what has just been written counts as settled."""
    seen: list[str] = []

    def watched(run: RunDirectory) -> object:
        seen.append(run.id)
        return read_facts(run)

    monkeypatch.setattr(facts_cache, "read_facts", watched)
    monkeypatch.setattr(facts_cache, "SETTLED", 0.0)
    return seen


def recorded(store: RunStore, model: str = "rnn", *, epochs: int = 2, state: str = "finished") -> RunDirectory:
    run = store.create(make_config(model))
    log, maker = EventLog(run.events_file), EventMaker(run.id)
    log.append(maker.run_started(model))
    for _ in range(epochs):
        log.append(maker.epoch())
    log.append(maker.state(state))  # type: ignore[arg-type]
    log.close()
    return run


def timeless(found: list[Summary]) -> list[Summary]:
    return [msgspec.structs.replace(one, age=0.0) for one in found]


def test_what_has_not_changed_is_not_read_again(store: RunStore, read: list[str]) -> None:
    runs = [recorded(store), recorded(store, "lstm", state="stopped"), recorded(store, "gru", state="running")]
    write_notes(runs[1], Notes(name="tuesday", tags=["sweep"], note="a note"))
    first = summaries(store)
    assert sorted(read) == sorted(run.id for run in runs)
    assert store.summaries_file.stat().st_mode & 0o777 == 0o600
    read.clear()
    # THEN the second list is the first, and each row is what reading the run gives
    assert timeless(summaries(store)) == timeless(first)
    assert read == []
    assert timeless(first) == timeless(sorted(map(summarise, runs), key=lambda one: one.created, reverse=True))


def append_epoch(run: RunDirectory) -> None:
    maker = EventMaker(run.id)
    for _ in range(4):
        last = maker.run_started()
    log = EventLog(run.events_file)
    log.append(msgspec.structs.replace(maker.epoch(3, validation_accuracy=0.99), seq=last.seq + 1))
    log.close()


def touch_back(run: RunDirectory) -> None:
    """Other content of the same size under the same date."""
    status = run.notes_file.stat()
    content = run.notes_file.read_bytes().replace(b"mine", b"none")
    while run.notes_file.stat().st_ctime_ns == status.st_ctime_ns:  # until the disk's clock has ticked
        run.notes_file.write_bytes(content)
        os.utime(run.notes_file, ns=(status.st_atime_ns, status.st_mtime_ns))


CHANGES: dict[str, tuple[Callable[[RunDirectory], object], Callable[[Summary], bool]]] = {
    "an epoch more": (append_epoch, lambda one: (one.epoch, one.best_accuracy) == (3, 0.99)),
    "other notes": (lambda run: write_notes(run, Notes(name="new")), lambda one: one.name == "new"),
    "notes of the same size and date": (touch_back, lambda one: one.name == "none"),
    "no notes": (lambda run: run.notes_file.unlink(), lambda one: one.name == ""),
    "no config": (lambda run: run.config_file.unlink(), lambda one: "config.json" in one.error and one.model == "?"),
    "a lock that is a link": (
        lambda run: (run.lock_file.unlink(missing_ok=True), run.lock_file.symlink_to("config.json")),
        lambda one: one.state == "interrupted" and "lock is a link" in one.error,
    ),
}


@pytest.mark.parametrize("change", CHANGES)
def test_every_change_is_seen(store: RunStore, read: list[str], change: str) -> None:
    make, is_seen = CHANGES[change]
    run, other = recorded(store, state="running"), recorded(store)
    write_notes(run, Notes(name="mine"))
    write_notes(other, Notes(name="another"))
    summaries(store)
    read.clear()
    make(run)
    found = {one.run: one for one in summaries(store)}
    assert is_seen(found[run.id]), found[run.id]
    assert not is_seen(found[other.id])
    assert read == [run.id]


def test_who_lives_is_asked_each_time(store: RunStore, read: list[str]) -> None:
    run = recorded(store, state="running")
    lock = RunLock(run)
    assert [one.state for one in summaries(store)] == ["running"]
    lock.release()
    read.clear()
    assert [one.state for one in summaries(store)] == ["interrupted"]
    assert read == []


def test_what_has_just_changed_or_cannot_be_read_is_read_again(
    store: RunStore, read: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    fresh, damaged = recorded(store), recorded(store)
    damaged.config_file.write_bytes(b"{")
    monkeypatch.setattr(facts_cache, "SETTLED", 60.0)
    summaries(store)
    assert summaries(store)[0].error
    assert sorted(read) == sorted([fresh.id, damaged.id] * 2)


def of_another_format(file: Path) -> None:
    number, runs = msgspec.msgpack.decode(file.read_bytes())
    file.write_bytes(msgspec.msgpack.encode([number + 1, runs]))


SPOILT: dict[str, Callable[[Path], object]] = {
    "empty": lambda file: file.write_bytes(b""),
    "cut": lambda file: os.truncate(file, file.stat().st_size // 2),
    "noise": lambda file: file.write_bytes(os.urandom(4096)),
    "nested": lambda file: file.write_bytes(b"\x91" * 100_000),
    "not UTF-8": lambda file: file.write_bytes(b"\x92\xa1\xff\x80"),
    "other types": lambda file: file.write_bytes(msgspec.msgpack.encode([1, {"a": [b"", 3]}])),
    "another format": of_another_format,
    "a folder": lambda file: (file.unlink(), file.mkdir()),
    "a link": lambda file: (file.rename(file.with_name("elsewhere")), file.symlink_to("elsewhere")),
    "a pipe": lambda file: (file.unlink(), os.mkfifo(file)),
    "gone": lambda file: file.unlink(),
}


@pytest.mark.parametrize("how", SPOILT)
def test_a_cache_that_is_spoilt_is_dropped(store: RunStore, read: list[str], how: str) -> None:
    run = recorded(store)
    before = timeless(summaries(store))
    read.clear()
    SPOILT[how](store.summaries_file)
    assert timeless(summaries(store)) == before
    assert read == [run.id]
    # AND a new one takes its place, where it can
    assert timeless(summaries(store)) == before
    assert read == [run.id] * (2 if how == "a folder" else 1)


def test_runs_that_are_gone_leave_the_cache(store: RunStore, read: list[str]) -> None:
    run, doomed = recorded(store), recorded(store)
    summaries(store)
    doomed.path.rename(store.home / "away")
    summaries(store)
    (_, runs) = msgspec.msgpack.decode(store.summaries_file.read_bytes())
    assert list(runs) == [run.id]
    assert len(read) == 2


def test_a_home_that_cannot_be_written_is_listed(store: RunStore, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    run = recorded(store)
    monkeypatch.setattr(facts_cache, "SETTLED", 0.0)
    monkeypatch.setattr(facts_cache, "replacing", full)
    assert [one.run for one in summaries(store)] == [run.id]


@pytest.mark.parametrize("epoch", [10**30, -(10**30)])
def test_numbers_beyond_64_bits_hide_no_run(store: RunStore, read: list[str], epoch: int) -> None:
    damaged, sound = recorded(store), recorded(store)
    lines = [msgspec.json.decode(line) for line in damaged.events_file.read_bytes().splitlines()]
    lines[-1]["epoch"] = epoch
    lines[0]["head"] = {"epochs": epoch}
    damaged.events_file.write_bytes(b"".join(msgspec.json.encode(line) + b"\n" for line in lines))
    first = summaries(store)
    assert {one.run for one in first} == {damaged.id, sound.id}
    read.clear()
    assert timeless(summaries(store)) == timeless(first)
    assert read == []
