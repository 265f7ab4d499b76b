"""Runs are in the order in which they were made, by universal time; what could not be made leaves nothing behind."""

from __future__ import annotations

import errno
import os
import re
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from namestui.engine.planning.plan import Plan, create
from namestui.runs import store as stores
from namestui.runs.config import encode_config
from namestui.runs.eventlog import EventLog
from namestui.runs.find import find_run
from namestui.runs.recipes import make_config
from namestui.runs.store import RunDirectory, RunError, RunStore, new_run_id
from namestui.runs.summary import summaries, summarise
from tests.command_line import Call
from tests.fake_engine import EventMaker


@pytest.fixture
def zone(monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    yield monkeypatch
    monkeypatch.undo()
    time.tzset()


def ids(runs: list[RunDirectory]) -> list[str]:
    return [run.id for run in runs]


def older(store: RunStore, run_id: str, *, logged: float | None = None, modified: float = 1.7e9) -> RunDirectory:
    """A run as an older namestui made it: its config does not say when."""
    run = store.get(run_id)
    run.path.mkdir(parents=True)
    run.config_file.write_bytes(encode_config(make_config("rnn")))
    os.utime(run.config_file, (modified, modified))
    if logged is not None:
        log = EventLog(run.events_file)
        log.append(msgspec.structs.replace(EventMaker(run.id).run_started(), time=logged))
        log.close()
    return run


def test_ids_are_in_universal_time(zone: pytest.MonkeyPatch) -> None:
    zone.setenv("TZ", "Asia/Tokyo")
    time.tzset()
    before = time.strftime("%Y%m%d-%H%M%S", time.gmtime())
    after = time.strftime("%Y%m%d-%H%M%S", time.gmtime(time.time() + 60))
    assert before <= new_run_id("rnn") <= after


def test_the_order_is_that_of_the_record_not_of_the_ids(store: RunStore, monkeypatch: pytest.MonkeyPatch) -> None:
    # GIVEN runs that were made one after the other, whose ids say otherwise: another zone, a clock set back
    names = iter(["20261125-030000-rnn-aaaa", "20261124-230000-rnn-bbbb", "20261125-010000-lstm-cccc"])
    monkeypatch.setattr(stores, "new_run_id", lambda _model: next(names))
    made = [store.create(make_config(model)) for model in ("rnn", "rnn", "lstm")]
    # THEN the newest is the one that was made last, also where a model means its newest
    assert ids(store.all()) == ids(made)
    assert find_run(store, "last").id == made[2].id
    assert find_run(store, "rnn").id == made[1].id
    assert [summary.run for summary in summaries(store)] == ids(made)[::-1]
    times = [summarise(run).created for run in made]
    assert times == sorted(times)
    assert time.time() - 60 < times[0] <= times[-1] <= time.time()


def test_older_records_are_ordered_by_their_first_event_then_by_their_files(store: RunStore) -> None:
    second = older(store, "20261123-000000-rnn-aaaa", logged=1.6e9)
    first = older(store, "20261124-000000-rnn-bbbb", logged=1.5e9)
    third = older(store, "20261122-000000-rnn-cccc", modified=1.65e9)
    same = [older(store, f"20261121-000000-rnn-dd{letter}", logged=1.7e9) for letter in "ba"]
    assert ids(store.all()) == [first.id, second.id, third.id, *sorted(ids(same))]
    newest = store.create(make_config("rnn"))
    assert store.all()[-1].id == newest.id


@pytest.mark.parametrize("content", [b"", b"\xff", b"[" * 100_000, b'{"created": 7}', b'{"created": "soon"}'])
def test_a_damaged_config_holds_up_nobody(store: RunStore, content: bytes) -> None:
    run = store.create(make_config("rnn"))
    run.config_file.write_bytes(content)
    other = store.create(make_config("lstm"))
    assert set(ids(store.all())) == {run.id, other.id}


def test_of_runs_that_are_equally_good_the_newest_is_best(store: RunStore) -> None:
    made = [store.create(make_config("rnn")) for _ in range(3)]
    for run, accuracy in zip(made, (0.5, 0.7, 0.7), strict=True):
        log, maker = EventLog(run.events_file), EventMaker(run.id)
        log.append(maker.run_started())
        log.append(maker.epoch(validation_accuracy=accuracy))
        log.append(maker.state("finished" if accuracy == 0.5 else "stopped"))
        log.close()
    assert find_run(store, "best").id == made[2].id
    # AND where only a finished one will do, the best of those
    assert find_run(store, "best", finished=True).id == made[0].id


def test_a_disk_that_is_full_at_the_start_leaves_no_run(store: RunStore, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = store.create(make_config("rnn"))
    written = []

    def full(path: Path, data: bytes) -> None:
        written.append(path)
        if len(written) == 2:
            raise OSError(errno.ENOSPC, "No space left on device")
        path.write_bytes(data)

    monkeypatch.setattr(stores, "replace_bytes", full)
    # WHEN the second of two runs cannot be written, neither is left
    with pytest.raises(RunError, match="No space left on device"):
        create(store, Plan([make_config("rnn"), make_config("lstm")]))
    assert len(written) == 2
    assert ids(store.all()) == [kept.id]


def test_a_run_that_a_worker_has_held_is_not_discarded(store: RunStore) -> None:
    begun, unbegun = store.create(make_config("rnn")), store.create(make_config("rnn"))
    begun.events_file.touch()
    store.discard([begun, unbegun])
    assert ids(store.all()) == [begun.id]


def test_a_home_that_is_a_file(call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "file"
    file.write_text("")
    monkeypatch.setenv("NAMESTUI_HOME", str(file))
    for command in (["runs"], ["runs", "--json"], ["follow"], ["train", "rnn"], ["pause", "last"]):
        status, out, err = call(*command)
        assert (status, out, err.count("\n")) == (2, "", 1)
        assert str(file) in err
        assert "NAMESTUI_HOME" in err


def test_a_current_folder_that_is_gone(call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    status, out, err = call("train", "rnn", "--corpus", "names")
    assert (status, out, err.count("\n")) == (2, "", 1)
    assert "the current folder is gone" in err
    monkeypatch.setenv("NAMESTUI_HOME", "here")
    status, out, err = call("runs")
    assert (status, out, err.count("\n")) == (2, "", 1)
    assert re.search("NAMESTUI_HOME here: the current folder is gone", err)


def test_a_run_that_cannot_be_moved_is_said_in_one_line(
    call: Call, store: RunStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = store.create(make_config("rnn"))

    def read_only(*_arguments: object, **_options: object) -> None:
        raise OSError(errno.EROFS, "Read-only file system", str(run.lock_file))

    monkeypatch.setattr("namestui.runs.trash.take_from_server", read_only)
    status, out, err = call("runs", "rm", run.id)
    assert (status, out, err.count("\n")) == (2, "", 1)
    assert "Read-only file system" in err
    assert run.id in err
    assert ids(store.all()) == [run.id]
