"""Files that somebody else put into a run's directory, the cache or the trash lead nowhere."""

from __future__ import annotations

import os
import shutil
import socket
import threading
import time
from pathlib import Path

import numpy as np
import pytest

from namestui.data import safe_files
from namestui.data.cache import CacheEntry
from namestui.data.safe_files import UnsafeFileError, open_file, read_bytes, remove, replacing
from namestui.engine.link.launch import launch
from namestui.engine.link.logout import warn_of_logout
from namestui.runs.config import RunConfig
from namestui.runs.confusion import ConfusionFile
from namestui.runs.eventlog import LogReader, heal
from namestui.runs.events import LIVE_STATES
from namestui.runs.files import remove_leftovers, replace_bytes
from namestui.runs.notes import Notes, read_notes, write_notes
from namestui.runs.screen_session import ScreenSession
from namestui.runs.store import RunDirectory, RunError, RunLock, RunStore
from namestui.runs.summary import current_state, summaries
from namestui.runs.trash import move_to_trash
from namestui.tui.cli import control as remote
from namestui.tui.cli.predict import predict_names
from tests.watching import PATIENCE, Create

CRAFTED = b"touch /tmp/you-ran-this\n"
"""A last line of a log that a shell would run."""
FILES = (
    *("config.json", "events.jsonl", "confusion.bin", "last.pt", "previous.pt", "best.safetensors"),
    *("initial.safetensors", "worker.json", "worker.log", "lock", "notes.json", "events.damaged", "socket"),
)
"""All that a run's directory may hold."""


def snapshot(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def one_line(error: Exception, *parts: str) -> None:
    assert "\n" not in str(error)
    for part in parts:
        assert part in str(error)


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    """A folder that nothing may write to, with a file that a shell reads."""
    folder = tmp_path / "outside"
    folder.mkdir()
    (folder / "bashrc").write_bytes(b"# mine\n")
    return folder


@pytest.mark.parametrize("flags", [os.O_RDONLY, os.O_RDWR, os.O_WRONLY | os.O_CREAT | os.O_APPEND])
def test_only_regular_files_are_opened_and_nothing_waits(tmp_path: Path, outside: Path, flags: int) -> None:
    (tmp_path / "link").symlink_to(outside / "bashrc")
    (tmp_path / "dangling").symlink_to(outside / "new")
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "fifo")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "socket"))
    for name, reason in {
        "link": "is a link: it is not followed",
        "dangling": "is a link: it is not followed",
        "folder": "is not a regular file",
        "fifo": "is not a regular file",
        "socket": "is not a regular file",
    }.items():
        with pytest.raises(UnsafeFileError) as caught:
            open_file(tmp_path / name, flags)
        assert caught.value.strerror == f"{name} {reason}"
        one_line(caught.value, str(tmp_path / name))
    assert snapshot(outside) == {"bashrc": b"# mine\n"}


def test_a_folder_that_is_a_link_is_not_entered_but_what_leads_to_it_may_be_one(tmp_path: Path, outside: Path) -> None:
    (tmp_path / "link").symlink_to(outside)
    for attack in (
        lambda path: read_bytes(path, 100),
        lambda path: replace_bytes(path, b"x"),
        remove_leftovers,
        remove,
        lambda path: open_file(path, os.O_WRONLY | os.O_CREAT),
    ):
        with pytest.raises(UnsafeFileError, match="link is a link"):
            attack(tmp_path / "link" / "bashrc")
    assert snapshot(outside) == {"bashrc": b"# mine\n"}
    (outside / "real").mkdir()
    replace_bytes(tmp_path / "link" / "real" / "file", b"x")
    assert read_bytes(outside / "real" / "file", 1) == b"x"


def test_a_file_that_is_too_large_is_not_read(tmp_path: Path) -> None:
    with (tmp_path / "sparse").open("wb") as file:
        file.truncate(1 << 40)
    with pytest.raises(UnsafeFileError, match="sparse has 1,099,511,627,776 bytes: more than 5 are not read"):
        read_bytes(tmp_path / "sparse", 5)
    (tmp_path / "just").write_bytes(b"12345")
    assert read_bytes(tmp_path / "just", 5) == b"12345"


def test_temporary_names_cannot_be_guessed_and_are_never_opened_twice(
    tmp_path: Path, outside: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "notes.json"
    seen: set[str] = set()
    for _ in range(3):
        with replacing(path) as file:
            file.write(b"{}")
            seen.update(one.name for one in tmp_path.glob(".notes.json.*.tmp"))
    assert len(seen) == 3
    assert not any(str(os.getpid()) == name.split(".")[3] for name in seen)
    # AND one that was guessed is neither followed nor written over
    monkeypatch.setattr(safe_files.secrets, "token_hex", lambda _size: "guessed")
    (tmp_path / ".notes.json.guessed.tmp").symlink_to(outside / "bashrc")
    with pytest.raises(OSError), replacing(path):
        pass
    assert snapshot(outside) == {"bashrc": b"# mine\n"}
    # AND what a kill left is found and removed, the link and not what it leads to; a folder of such a name stays
    (tmp_path / ".notes.json.folder.tmp").mkdir()
    remove_leftovers(path)
    assert {one.name for one in tmp_path.iterdir()} == {"notes.json", "outside", ".notes.json.folder.tmp"}
    assert snapshot(outside) == {"bashrc": b"# mine\n"}


def test_what_is_cut_from_a_log_is_not_appended_through_a_link(create: Create, outside: Path) -> None:
    run = create()
    run.events_file.write_bytes(CRAFTED)
    (run.path / "events.damaged").symlink_to(outside / "bashrc")
    heal(run.events_file)
    assert snapshot(outside) == {"bashrc": b"# mine\n"}


def test_a_log_that_is_a_link_or_a_fifo_is_reported(create: Create, outside: Path) -> None:
    run = create()
    (outside / "log").write_bytes(CRAFTED)
    run.events_file.symlink_to(outside / "log")
    for attack in (heal, lambda path: LogReader(path).read()):
        with pytest.raises(UnsafeFileError, match="is a link: it is not followed"):
            attack(run.events_file)
    run.events_file.unlink()
    os.mkfifo(run.events_file)
    with pytest.raises(UnsafeFileError, match="not a regular file"):
        LogReader(run.events_file).read()
    assert [row.run for row in summaries(RunStore(run.path.parent.parent))] == [run.id]


def test_notes_are_not_written_through_a_temporary_link(create: Create, outside: Path) -> None:
    run = create()
    (run.path / f".notes.json.{os.getpid()}.tmp").symlink_to(outside / "bashrc")
    write_notes(run, Notes(name="mine"))
    assert read_notes(run).name == "mine"
    assert snapshot(outside) == {"bashrc": b"# mine\n"}


def test_a_lock_is_not_made_through_a_link(store: RunStore, create: Create, outside: Path) -> None:
    run, live = create(), create()
    run.lock_file.symlink_to(outside / "new")
    for attack in (lambda: RunLock(run), lambda: launch(store, run), lambda: move_to_trash(store, run)):
        with pytest.raises(RunError) as caught:
            attack()
        one_line(caught.value, run.id, "lock is a link: it is not followed")
    assert snapshot(outside) == {"bashrc": b"# mine\n"}
    # AND another run's lock holds that run alone
    lock = RunLock(live)
    run.lock_file.unlink()
    run.lock_file.symlink_to(live.lock_file)
    assert live.is_locked()
    assert not run.is_locked()
    lock.release()


def test_a_run_directory_that_is_a_link_is_refused(store: RunStore, create: Create, outside: Path) -> None:
    real = create()
    moved = outside / "run"
    real.path.rename(moved)
    real.path.symlink_to(moved)
    run = store.get(real.id)
    before = {path.name for path in moved.iterdir()}
    assert store.all() == []
    for attack in (
        run.config,
        lambda: RunLock(run),
        lambda: launch(store, run),
        lambda: write_notes(run, Notes(name="x")),
        lambda: move_to_trash(store, run),
    ):
        with pytest.raises(RunError) as caught:
            attack()
        one_line(caught.value, f"run {run.id}: ", f"{run.id} is a link: it is not followed")
    assert {path.name for path in moved.iterdir()} == before


def test_a_trash_folder_that_is_a_link_gets_nothing(store: RunStore, create: Create, outside: Path) -> None:
    run = create()
    (store.home / "trash").symlink_to(outside)
    with pytest.raises(RunError, match="cannot be moved to the trash: trash is a link: it is not followed"):
        move_to_trash(store, run)
    assert run.config_file.exists()
    assert snapshot(outside) == {"bashrc": b"# mine\n"}


def test_the_home_may_be_a_link_but_not_what_is_in_it(
    tmp_path: Path, outside: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "disk").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "disk")
    store = RunStore(tmp_path / "link")
    store.write_session(ScreenSession(theme="nord"))
    assert store.read_session().theme == "nord"
    store.session_file.unlink()
    store.session_file.symlink_to(outside / "session.json")
    store.logout_file.symlink_to(outside / "notice")
    store.write_session(ScreenSession(theme="nord"))
    monkeypatch.setattr("namestui.engine.link.logout.kills_at_logout", lambda: True)
    monkeypatch.setattr("namestui.engine.link.logout.scope", list)
    assert "log out" in warn_of_logout(store)
    assert snapshot(outside) == {"bashrc": b"# mine\n"}


def test_the_cache_reads_and_writes_through_no_link(tmp_path: Path, outside: Path) -> None:
    arrays = {"numbers": np.arange(3)}
    real = CacheEntry(tmp_path / "cache", "key")
    real.write("corpus", arrays)
    kept = (tmp_path / "cache" / "key-corpus.npz").rename(outside / "entry.npz")
    before = snapshot(outside)
    # GIVEN the entry, and its temporary file as it was called, are links
    (tmp_path / "cache" / "key-corpus.npz").symlink_to(kept)
    (tmp_path / "cache" / f".key-corpus.npz.{os.getpid()}.tmp").symlink_to(outside / "bashrc")
    assert real.read("corpus") is None
    real.write("corpus", arrays)
    found = real.read("corpus")
    assert found is not None
    assert found["numbers"].tolist() == [0, 1, 2]
    # AND so is the whole folder
    (tmp_path / "linked").symlink_to(outside)
    linked = CacheEntry(tmp_path / "linked", "key")
    linked.write("corpus", arrays)
    linked.forget("entry")
    assert linked.read("corpus") is None
    assert snapshot(outside) == before


def test_a_confusion_file_that_is_a_link_is_no_record(tmp_path: Path, outside: Path) -> None:
    (tmp_path / "confusion.bin").symlink_to(outside / "bashrc")
    file = ConfusionFile(tmp_path / "confusion.bin", 1)
    assert file.last() is None
    assert file.of(1) is None
    assert file.epochs() == []
    with pytest.raises(UnsafeFileError, match="is a link"):
        file.put(1, [[3]])
    assert snapshot(outside) == {"bashrc": b"# mine\n"}


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> RunDirectory:
    """A finished run, to be copied."""
    folder = tmp_path_factory.mktemp("trained")
    (folder / "names.csv").write_text(
        "name,label\n" + "".join(f"{a}{b}{a},{b}x\n" for a in "abcdefghijkl" for b in "mnop")
    )
    store = RunStore(folder / "home")
    run = store.create(
        RunConfig(
            **{"model": "rnn", "corpus": str(folder / "names.csv"), "epochs": 2, "hidden_size": 8, "device": "cpu"},
            **{"batch_size": 16, "learning_rate": 0.01, "weight_decay": 0.0, "split": "random"},
        )
    )
    process = launch(store, run)
    deadline = time.monotonic() + PATIENCE
    while current_state(run) != "finished":
        assert process.poll() is None, run.log_tail(30)
        assert time.monotonic() < deadline, run.log_tail(30)
        threading.Event().wait(0.02)
    process.terminate()
    process.wait()
    return run


@pytest.fixture
def copied(store: RunStore, trained: RunDirectory) -> RunDirectory:
    shutil.copytree(trained.path, store.runs / trained.id)
    (store.runs / trained.id).chmod(0o700)
    return store.get(trained.id)


@pytest.mark.parametrize("name", FILES)
def test_no_command_writes_outside(
    store: RunStore, copied: RunDirectory, outside: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    run = copied
    # GIVEN a log whose last line is crafted
    run.events_file.write_bytes(run.events_file.read_bytes() + CRAFTED)
    # AND a file of the run lies outside, where it can be read; those that are not there are links to nowhere yet
    if (run.path / name).exists():
        shutil.move(run.path / name, outside / name)
        (run.path / name).symlink_to(outside / name)
    for other in FILES:
        if not os.path.lexists(run.path / other):
            (run.path / other).symlink_to(outside / other)
    before = snapshot(outside)

    def call(command: object, *arguments: object, **keywords: object) -> None:
        try:
            command(*arguments, **keywords)  # type: ignore[operator]
        except (RunError, UnsafeFileError) as error:
            one_line(error)
        capsys.readouterr()
        assert snapshot(outside) == before

    # THEN no command changes what lies outside, or makes anything there
    call(summaries, store)
    call(write_notes, run, Notes(name="mine"))
    call(predict_names, run, ["Abban"], top=3, json=False)
    call(remote.resume_run, store, run)
    call(remote.extend_run, store, run, 1)
    deadline = time.monotonic() + PATIENCE
    while run.is_locked() and current_state(run) in LIVE_STATES:
        assert time.monotonic() < deadline
        threading.Event().wait(0.02)
    assert snapshot(outside) == before
    call(move_to_trash, store, run)
