"""Where runs live: private directories, unique ids, one holder a run, and states that are true."""

from __future__ import annotations

import errno
import fcntl
import os
import stat
from pathlib import Path
from typing import get_args

import pytest

from namestui.runs import store as stores
from namestui.runs.eventlog import EventLog
from namestui.runs.events import FORMAT, LIVE_STATES, State
from namestui.runs.recipes import make_config
from namestui.runs.screen_session import ScreenSession
from namestui.runs.store import (
    RunDirectory,
    RunError,
    RunLock,
    RunStore,
    WorkerInfo,
    default_home,
    effective_state,
    new_run_id,
)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.fixture
def store(home: Path) -> RunStore:
    assert default_home() == home
    return RunStore()


@pytest.fixture
def run(store: RunStore) -> RunDirectory:
    return store.create(make_config("rnn"))


def test_everything_is_private(store: RunStore) -> None:
    old = os.umask(0)
    try:
        run = store.create(make_config("rnn"))
        run.write_worker(WorkerInfo(host="h", boot_id="b", pid=1, started=0.0, socket="s"))
        store.write_session(ScreenSession(runs=[run.id]))
        RunLock(run).release()
        EventLog(run.events_file).close()
    finally:
        os.umask(old)
    assert {mode(path) for path in (store.home, store.runs, run.path)} == {0o700}
    files = [path for path in (*store.home.iterdir(), *run.path.iterdir()) if path.is_file()]
    assert {path.name for path in files} == {"session.json", "config.json", "worker.json", "lock", "events.jsonl"}
    assert {mode(path) for path in files} == {0o600}
    assert [path.name for path in store.runs.iterdir()] == [run.id]


def test_create_and_find(store: RunStore) -> None:
    assert store.all() == []
    config = make_config("lstm", seed=3)
    run = store.create(config)
    assert run.config() == config
    assert [found.id for found in store.all()] == [run.id]
    assert store.get(run.id).path == run.path
    assert run.worker() is None


def test_ids_are_unique_sortable_and_safe_as_file_names(monkeypatch: pytest.MonkeyPatch) -> None:
    moments = iter(["20261123-214207", "20261123-214208", "20261124-000000"])
    monkeypatch.setattr(stores.time, "strftime", lambda _format, _moment: next(moments))
    ids = [new_run_id(model) for model in ("rnn", "lstm", "gru")]
    assert ids == sorted(ids)
    monkeypatch.setattr(stores.time, "strftime", lambda _format, _moment: "20261123-214207")
    many = {new_run_id("lstm") for _ in range(200)}
    assert len(many) > 195
    assert all(set(run_id) <= set("abcdefghijklmnopqrstuvwxyz0123456789-") for run_id in many)


def test_an_id_that_is_taken_is_not_used_again(store: RunStore, monkeypatch: pytest.MonkeyPatch) -> None:
    ids = iter(["a", "a", "a", "b"])
    monkeypatch.setattr(stores, "new_run_id", lambda _model: next(ids))
    assert [store.create(make_config("rnn")).id for _ in range(2)] == ["a", "b"]


def test_a_home_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(RunError, match="NAMESTUI_HOME") as caught:
        RunStore(tmp_path / "file" / "home").create(make_config("rnn"))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (None, "No such file"),
        (b"", "config.json"),
        (b"\xff\x00", "config.json"),
        (b'{"format": 1}', "config.json"),
        (b'{"format": %d, "model": "x"}' % (FORMAT + 1), "upgrade"),
    ],
)
def test_a_bad_config_is_one_line_that_names_the_run(run: RunDirectory, content: bytes | None, word: str) -> None:
    run.config_file.unlink()
    if content is not None:
        run.config_file.write_bytes(content)
    with pytest.raises(RunError) as caught:
        run.config()
    text = str(caught.value)
    assert text.isprintable()
    assert run.id in text
    assert word in text


def test_the_lock_is_exclusive_and_names_its_holder(run: RunDirectory) -> None:
    assert not run.is_locked()  # no lock file yet
    lock = RunLock(run)
    assert run.is_locked()
    with pytest.raises(RunError, match="another process holds it") as caught:
        RunLock(run, patience=0)
    run.write_worker(WorkerInfo(host="box\x1b", boot_id="b", pid=4711, started=0.0, socket="s"))
    with pytest.raises(RunError, match=r"process 4711 on box\\x1b holds it") as caught:
        RunLock(run, patience=0)
    assert run.id in str(caught.value)
    lock.release()
    assert not run.is_locked()
    RunLock(run, patience=0).release()


def test_a_refused_lock_leaves_no_descriptor_open(run: RunDirectory) -> None:
    lock = RunLock(run)
    before = set(Path("/dev/fd").iterdir())
    with pytest.raises(RunError):
        RunLock(run, patience=0)
    assert set(Path("/dev/fd").iterdir()) == before
    lock.release()


def test_checking_does_not_get_in_the_way_of_locking(run: RunDirectory) -> None:
    for _ in range(20):
        run.is_locked()
        RunLock(run, patience=0).release()


@pytest.mark.parametrize("state", get_args(State))
def test_a_live_state_without_a_worker_is_interrupted(state: State) -> None:
    assert effective_state(state, locked=False) == ("interrupted" if state in LIVE_STATES else state)
    assert effective_state(state, locked=True) == state
    assert effective_state(state, locked=False, elsewhere=True) == state  # that lock cannot be seen from here


def test_a_damaged_worker_file_is_no_worker(run: RunDirectory) -> None:
    info = WorkerInfo(host="h", boot_id="b", pid=1, started=0.5, socket="s")
    run.write_worker(info)
    assert run.worker() == info
    for content in (b"", b"{}", b"\xff", b'{"host":"\xff"}'):
        run.worker_file.write_bytes(content)
        assert run.worker() is None


def test_the_session_remembers_runs_that_still_exist(store: RunStore, run: RunDirectory) -> None:
    assert store.read_session() == ScreenSession()
    store.write_session(ScreenSession(runs=[run.id, "gone"], theme="dim"))
    assert store.read_session() == ScreenSession(runs=[run.id], theme="dim")
    for content in (b"", b"[]", b"\xff", b'{"runs":["\xff"]}', b'{"runs":[1]}'):
        store.session_file.write_bytes(content)
        assert store.read_session() == ScreenSession()


def test_the_tail_of_the_workers_log_is_inert(run: RunDirectory) -> None:
    assert run.log_tail() == []
    run.log_file.write_bytes(b"x" * 20_000 + b"\n" + b"first\n\n  \nsecond \x1b[31mred\xff\nlast\n")
    assert run.log_tail(3) == ["first", "second \\x1b[31mred\ufffd", "last"]
    assert all(line.isprintable() for line in run.log_tail())


@pytest.mark.parametrize("number", [errno.EIO, errno.ENOLCK, errno.ENOSYS])
def test_a_disk_without_locks_is_said_in_one_line(
    store: RunStore, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    run = store.create(make_config("rnn"))

    def refuse(_descriptor: int, _how: int) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(fcntl, "flock", refuse)
    with pytest.raises(RunError, match=os.strerror(number)) as caught:
        RunLock(run)
    assert str(run.lock_file) in str(caught.value)
    assert "\n" not in str(caught.value)
    assert not run.is_locked()
