"""A real small disk fills up or turns read-only; the run's directory vanishes from under the worker."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.fault_lab import EPOCHS, Lab, alerts, check, record, wait_until
from bench.fault_watcher import Watcher
from namestui.runs import commands
from namestui.runs.events import StateChanged
from namestui.runs.store import RunDirectory, RunError, RunStore
from namestui.runs.summary import summaries

FULL = "the disk is full: training waits until there is room"


class CannotMountError(Exception):
    """Mounting is not permitted here; its text says what the system said."""


@contextmanager
def small_disk(lab: Lab, size: str = "2m") -> Iterator[Path]:
    """A tmpfs of ``size`` bytes that holds the lab's home for the time of the block.

    Raises:
        CannotMountError: that takes root, and a container that permits it.
    """
    folder = Path(tempfile.mkdtemp(prefix="disk-"))
    command = ["mount", "-t", "tmpfs", "-o", f"size={size},mode=0700", "tmpfs", str(folder)]
    try:
        subprocess.run(command, check=True, capture_output=True, text=True)
    except (OSError, subprocess.CalledProcessError) as error:
        folder.rmdir()
        raise CannotMountError(f"cannot mount a tmpfs: {getattr(error, 'stderr', None) or error}".strip()) from None
    before, lab.store = lab.store, RunStore(folder / "home")
    try:
        yield folder
    finally:
        remount(folder, "rw")
        lab.clear()
        lab.store = before
        subprocess.run(["umount", "--lazy", str(folder)], check=True)
        folder.rmdir()


def full_disk(lab: Lab) -> None:
    """The disk fills up at a random moment: training waits with a notice, and continues when there is room."""
    config = lab.config(10 * EPOCHS)
    lab.reference(config)
    with small_disk(lab) as folder:
        run = lab.store.create(config)
        pid = lab.start(run, idle_alone=30.0, save_after=lab.draw.choice([0.02, 5.0]))
        with Watcher(lab.store, run) as watcher:
            lab.wait_for_epoch(run, lab.draw.randint(1, 2 * EPOCHS))
            _fill(folder / "filler")
            wait_until(lambda: watcher.notices()[-1:] == [FULL], "the notice that the disk is full")
            (folder / "filler").unlink()
            watcher.wait_for_state("finished")
            check(watcher.notices()[-1] == "", "the notice has not been taken back")
            check(watcher.logged() == record(run), "the client did not receive what is in the log")
        lab.kill(run)
        lab.zygote.wait(pid)
        check(any("disk was full" in message for message in alerts(run)), "the log does not mention the full disk")
        lab.check_as_if_nothing_had_happened(run, interruptions=0)


def full_disk_at_the_start(lab: Lab) -> None:
    """A worker that starts on a full disk waits with the same notice, then continues."""
    config = lab.config()
    lab.reference(config)
    with small_disk(lab) as folder:
        run = lab.store.create(config)
        _interrupt(lab, run)
        _fill(folder / "filler")
        pid = lab.start(run)
        with Watcher(lab.store, run) as watcher:
            wait_until(lambda: watcher.notices()[-1:] == [FULL], "the notice that the disk is full")
            (folder / "filler").unlink()
            watcher.wait_for_state("finished")
        check(lab.zygote.wait(pid) == 0, "the worker did not end in order")
        lab.check_as_if_nothing_had_happened(run, interruptions=1)


def stopped_on_a_full_disk(lab: Lab) -> None:
    """A run that is ordered to stop while the disk is full ends within seconds; resumed later, nothing is lost."""
    config = lab.config(10 * EPOCHS)
    lab.reference(config)
    with small_disk(lab) as folder:
        run = lab.store.create(config)
        pid = lab.start(run, save_after=lab.draw.choice([0.02, 5.0]), stop_within=0.2)
        with Watcher(lab.store, run) as watcher:
            lab.wait_for_epoch(run, lab.draw.randint(1, 2 * EPOCHS))
            _fill(folder / "filler")
            wait_until(lambda: watcher.notices()[-1:] == [FULL], "the notice that the disk is full")
            if lab.draw.random() < 0.5:
                os.kill(pid, signal.SIGTERM)
            else:
                watcher.send(commands.Stop())
            check(lab.zygote.wait(pid) == 1, "the worker did not say that it could not save")
        check([row.state for row in summaries(lab.store)] == ["interrupted"], "the list is wrong")
        (folder / "filler").unlink()
        lab.finish(run)
        lab.check_as_if_nothing_had_happened(run, interruptions=1)


def read_only_home(lab: Lab) -> None:
    """The whole disk is read-only: runs are listed and read, a resume is refused in one line, nothing changes."""
    config = lab.config()
    lab.reference(config)
    with small_disk(lab) as folder:
        run = lab.store.create(config)
        _interrupt(lab, run)
        content = _content(run)
        remount(folder, "ro")
        check([row.state for row in summaries(lab.store)] == ["interrupted"], "the list is wrong")
        with Watcher(lab.store, run) as watcher:
            watcher.wait_until_gone()
            check(watcher.logged() == record(run), "the history is not whole")
            try:
                watcher.start()
            except RunError as error:
                check("Read-only file system" in str(error) and "\n" not in str(error), f"refused with: {error}")
            else:
                check(False, "a worker was started")
        check(_content(run) == content, "something was written")
        remount(folder, "rw")
        lab.finish(run)
        lab.check_as_if_nothing_had_happened(run)


def turned_read_only(lab: Lab) -> None:
    """The disk turns read-only while training (no file can be created): the run fails clearly and can be resumed.

    The kernel refuses to remount a disk that has files open for writing, so the worker's own ``os.open`` is made to.
    """
    run = lab.create()
    status = lab.zygote.wait(lab.start(run, fault="read_only", at=lab.draw.randint(2, EPOCHS)))
    check(status == 1, f"the worker ended with status {status}")
    failed = [event for event in record(run) if isinstance(event, StateChanged)][-1]
    check(failed.state == "failed" and "Read-only file system" in failed.reason, f"the log ends with {failed}")
    lab.finish(run)
    lab.check_as_if_nothing_had_happened(run, interruptions=0)


def vanished_directory(lab: Lab) -> None:
    """``rm -r`` of the run's directory while it trains, or is paused: the worker ends, the client says why."""
    run = lab.create(100_000, "rnn")
    pid = lab.start(run)
    with Watcher(lab.store, run) as watcher:
        watcher.wait_until_connected()
        lab.wait_for_epoch(run, lab.draw.randint(1, EPOCHS))
        if lab.draw.random() < 0.5:
            watcher.send(commands.Pause())
            watcher.wait_for_state("paused")
        at_once = lab.draw.random() < 0.5
        if at_once:
            run.path.rename(lab.store.home / run.id)
        else:
            wait_until(lambda: _removed(run.path), "the directory is removed")
        gone = watcher.wait_until_gone()
        # Where files vanish one by one the worker may fail over the first while the directory is still there.
        reasons = ["its directory has vanished"] if at_once else ["its directory has vanished", "the worker vanished"]
        check(gone.reason in reasons, f"the client says: {gone.reason}")
    check(lab.zygote.wait(pid) == 1, "the worker did not fail")
    check(not run.path.exists(), "something wrote the directory again")
    check(summaries(lab.store) == [], "the list shows what is gone")


def another_directory_in_its_place(lab: Lab) -> None:
    """The run's directory is moved away, and a copy takes its place: the worker ends, and writes neither of them.

    The copy is a run like any other, and is resumed from what it holds.
    """
    run = lab.create(10 * EPOCHS, "rnn")
    lab.reference(run.config())
    pid = lab.start(run, save_after=5.0)
    lab.wait_for_epoch(run, lab.draw.randint(1, EPOCHS))
    copy, moved = lab.store.home / "copy", lab.store.home / "moved"
    shutil.copytree(run.path, copy, ignore=shutil.ignore_patterns("socket"))
    run.path.rename(moved)
    copy.rename(run.path)
    before = _content(run)
    check(lab.zygote.wait(pid) == 1, "the worker did not fail")
    check(_content(run) == before, "the copy was written")
    check((moved / "worker.log").read_text().rstrip().endswith(("has vanished", "was moved away")), "nothing said why")
    lab.finish(run, save_after=5.0)
    lab.check_as_if_nothing_had_happened(run, interruptions=1)
    shutil.rmtree(moved)


def remount(folder: Path, how: str) -> None:
    """Make a mounted disk writable (``rw``) or read-only (``ro``)."""
    subprocess.run(["mount", "-o", f"remount,{how}", str(folder)], check=True)


def _interrupt(lab: Lab, run: RunDirectory) -> None:
    """Train a while, save a checkpoint or more, and die."""
    lab.zygote.wait(lab.start(run, fault="half_a_line", at=lab.draw.randint(6, EPOCHS)))


def _content(run: RunDirectory) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in run.path.iterdir() if path.is_file()}


def _removed(path: Path) -> bool:
    shutil.rmtree(path, ignore_errors=True)  # the worker may create a file meanwhile
    return not path.exists()


def _fill(path: Path) -> None:
    """Write until there is not one block left."""
    with contextlib.suppress(OSError):
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            while True:
                os.write(descriptor, bytes(4096))
        finally:
            os.close(descriptor)
