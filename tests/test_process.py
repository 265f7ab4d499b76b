"""Only a process that is this run's own worker is ever signalled, whatever ``worker.json`` says."""

from __future__ import annotations

import errno
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest

from namestui.engine.link import launch as launching
from namestui.engine.link.launch import launch
from namestui.runs import process
from namestui.runs.config import RunConfig
from namestui.runs.eventlog import EventLog
from namestui.runs.process import MAX_PID, WORKER, is_trained, signal_worker, start_time, worker_info
from namestui.runs.store import RunDirectory, RunError, RunLock, RunStore, WorkerInfo, boot_id, host_name
from namestui.runs.summary import current_state
from namestui.runs.trash import move_to_trash
from namestui.tui.plain import training
from tests.fake_engine import EventMaker

CONFIG = RunConfig(model="rnn", corpus="nowhere", epochs=1, batch_size=8, learning_rate=0.1, weight_decay=0.0)
Begin = Callable[..., int]
needs_proc = pytest.mark.skipif(sys.platform != "linux", reason="start times and homes are compared through /proc")


@pytest.fixture
def run(store: RunStore) -> RunDirectory:
    return store.create(CONFIG)


@pytest.fixture
def begin() -> Iterator[Begin]:
    """Starts a process that does nothing, with these words on its command line."""
    begun: list[subprocess.Popen[bytes]] = []

    def start(*words: str, **environment: str) -> int:
        # Reading standard input, so that it ends with the test whatever happens.
        command = [sys.executable, "-c", "print(flush=True); input()", *words]
        begun.append(
            subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env={**os.environ, **environment})
        )
        stdout = begun[-1].stdout
        assert stdout is not None
        stdout.readline()  # it runs: the words are its own
        return begun[-1].pid

    yield start
    for one in begun:
        one.kill()
        one.communicate()


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, int]]:
    """What would have been signalled, in place of signalling it."""
    found: list[tuple[int, int]] = []
    if sys.platform == "linux":
        opened: dict[int, int] = {}
        real = os.pidfd_open

        def note_pid(pid: int) -> int:
            descriptor = real(pid)
            opened[descriptor] = pid
            return descriptor

        monkeypatch.setattr(os, "pidfd_open", note_pid)
        monkeypatch.setattr(signal, "pidfd_send_signal", lambda fd, number: found.append((opened[fd], number)))
    monkeypatch.setattr(os, "kill", lambda pid, number: found.append((pid, number)))
    return found


def note(run: RunDirectory, pid: int, **changes: object) -> None:
    """Have ``worker.json`` name this process."""
    info = WorkerInfo(host=host_name(), boot_id=boot_id(), pid=pid, started=0.0, socket="", start_time=start_time(pid))
    run.write_worker(msgspec.structs.replace(info, **changes))  # type: ignore[arg-type]


@needs_proc
def test_a_kernel_without_pidfd_and_one_with_it(
    run: RunDirectory, begin: Begin, sent: list[tuple[int, int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    pid = begin("-m", WORKER, run.id)
    note(run, pid)
    before = sorted(Path("/proc/self/fd").iterdir())
    assert signal_worker(run, signal.SIGTERM)
    assert sorted(Path("/proc/self/fd").iterdir()) == before  # no descriptor stays open

    def refuse(_pid: int) -> int:
        raise OSError(errno.ENOSYS, os.strerror(errno.ENOSYS))

    monkeypatch.setattr(os, "pidfd_open", refuse)
    assert signal_worker(run, signal.SIGTERM)
    assert sent == [(pid, signal.SIGTERM)] * 2


def test_its_own_worker_is_signalled(run: RunDirectory, begin: Begin, sent: list[tuple[int, int]]) -> None:
    pid = begin("-m", WORKER, run.id, "--lock", "3")
    note(run, pid)
    assert signal_worker(run, signal.SIGTERM)
    # AND so it is where an older namestui has started it, and where it is torch's launcher of several
    note(run, pid, start_time=0)
    assert signal_worker(run, signal.SIGTERM)
    launcher = begin("-m", "torch.distributed.run", "--no-python", sys.executable, "-P", "-m", WORKER, run.id)
    note(run, launcher)
    assert signal_worker(run, signal.SIGTERM)
    assert sent == [(pid, signal.SIGTERM), (pid, signal.SIGTERM), (launcher, signal.SIGTERM)]


@pytest.mark.parametrize("pid", [-1, 0, 1, -(1 << 40), 1 << 22, 1 << 40])
def test_what_is_no_process_of_ours_is_never_signalled(
    run: RunDirectory, sent: list[tuple[int, int]], pid: int
) -> None:
    # GIVEN a worker.json with such a pid, and a lock that somebody holds
    note(run, pid)
    with run.lock_file.open("w"):
        lock = RunLock(run)
    assert not signal_worker(run, signal.SIGTERM)
    training._ask_to_stop(run)
    lock.release()
    assert sent == []


@needs_proc
@pytest.mark.parametrize(
    "change", [{"host": "elsewhere"}, {"boot_id": "another"}, {"start_time": 1}], ids=["host", "boot", "start"]
)
def test_a_pid_of_another_machine_boot_or_time(
    run: RunDirectory, begin: Begin, sent: list[tuple[int, int]], change: dict[str, object]
) -> None:
    note(run, begin("-m", WORKER, run.id), **change)
    assert not signal_worker(run, signal.SIGTERM)
    assert sent == []


@needs_proc
def test_a_stranger_that_has_the_pid_now(run: RunDirectory, begin: Begin, sent: list[tuple[int, int]]) -> None:
    # GIVEN strangers with the recorded pid, start time and all: another program, another run's worker, a run of that
    # id in another home, an editor that only names both
    for pid in (
        os.getpid(),
        begin(),
        begin("-m", WORKER, f"{run.id}x"),
        begin("-m", WORKER, run.id, NAMESTUI_HOME="/"),
        begin(WORKER, run.id),
        begin(run.id),
    ):
        note(run, pid)
        assert not signal_worker(run, signal.SIGTERM)
    assert sent == []


def test_a_process_of_another_user(
    run: RunDirectory, begin: Begin, sent: list[tuple[int, int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    note(run, begin("-m", WORKER, run.id))
    mine = os.getuid()
    monkeypatch.setattr(os, "getuid", lambda: mine + 1)
    assert not signal_worker(run, signal.SIGTERM)
    assert sent == []


def test_where_there_is_no_proc(
    run: RunDirectory, begin: Begin, sent: list[tuple[int, int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(process, "PROC", run.path / "no such folder")
    if shutil.which("ps") is None:
        monkeypatch.setattr(process, "_words_by_ps", lambda _pid: [])
        note(run, begin("-m", WORKER, run.id))
        assert not signal_worker(run, signal.SIGTERM)
        return
    own, other = begin("-m", WORKER, run.id), begin("-m", WORKER, "other")
    for pid in (own, other, 1 << 22):
        note(run, pid, start_time=0)
        assert signal_worker(run, signal.SIGTERM) == (pid == own)
    assert sent == [(own, signal.SIGTERM)]


def test_a_signal_arrives(run: RunDirectory, begin: Begin) -> None:
    pid = begin("-m", WORKER, run.id)
    note(run, pid)
    assert signal_worker(run, signal.SIGKILL)
    assert os.waitpid(pid, 0)[1] == signal.SIGKILL
    assert not signal_worker(run, signal.SIGKILL)


def test_rm_leaves_a_run_whose_lock_a_stranger_holds(
    store: RunStore, run: RunDirectory, sent: list[tuple[int, int]]
) -> None:
    # GIVEN a run with a pid of -1, and a lock that is another run's
    note(run, -1)
    live = store.create(CONFIG)
    lock = RunLock(live)
    os.link(live.lock_file, run.lock_file)
    run.events_file.write_bytes(
        b'{"kind":"state_changed","time":1,"run":"r","seq":0,"state":"finished","epoch":1,"batch":0}\n'
    )
    # WHEN it is deleted THEN nobody is signalled, and one line says why it stays
    with pytest.raises(RunError, match="nothing was signalled") as caught:
        move_to_trash(store, run)
    assert "\n" not in str(caught.value)
    assert sent == []
    assert run.path.is_dir()
    lock.release()
    move_to_trash(store, run)
    assert not run.path.exists()


@needs_proc
def test_a_worker_that_is_started_to_answer_does_not_train_at_its_start_either(
    store: RunStore, run: RunDirectory
) -> None:
    # GIVEN a run that was interrupted, whose worker did train
    log = EventLog(run.events_file)
    log.append(EventMaker(run.id).run_started())
    log.close()
    note(run, MAX_PID)
    # WHEN a worker is started for a question THEN the run counts as interrupted before that has said a word
    worker = launch(store, run, serve=True)
    try:
        assert run.is_locked()
        assert current_state(run) == "interrupted"
    finally:
        worker.kill()
        worker.wait()


def test_what_cannot_be_seen_at_a_start_is_one_line(
    store: RunStore, run: RunDirectory, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_arguments: object) -> bool:
        raise OSError(errno.EIO, "Input/output error", str(run.initial_weights))

    monkeypatch.setattr(launching, "needs_weights", fails)
    with pytest.raises(RunError, match=f"^run {run.id}: cannot start a worker: Input/output error$"):
        launch(store, run, nproc=2)


def test_a_worker_that_only_answers_does_not_train(run: RunDirectory, begin: Begin) -> None:
    note(run, begin("-m", WORKER, run.id), serves=True)
    assert not is_trained(run)  # nobody holds it
    lock = RunLock(run)
    assert not is_trained(run)
    # AND what that process left behind says nothing about the one that holds the run now
    note(run, os.getpid(), serves=True)
    assert is_trained(run)
    note(run, begin("-m", WORKER, run.id))
    assert is_trained(run)
    lock.release()


@needs_proc
def test_a_home_whose_path_is_no_text(tmp_path: Path) -> None:
    run = RunStore(tmp_path / os.fsdecode(b"h\xff")).create(CONFIG)
    run.write_worker(worker_info(run, os.getpid(), serves=False))
    info = run.worker()
    assert info is not None
    assert info.pid == os.getpid()
