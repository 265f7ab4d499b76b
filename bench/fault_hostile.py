"""A run's directory was damaged, copied from elsewhere, or made by someone who means harm."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from signal import SIGTERM
from unittest.mock import patch

import msgspec

from bench.fault_child import SYNCED
from bench.fault_files import interrupted
from bench.fault_lab import Lab, alerts, check, outcome, same
from bench.fault_watcher import Watcher
from bench.record_damage import bytes_of_a_file, special_file
from namestui.engine.link.asking import NoAnswerError
from namestui.runs import commands
from namestui.runs.history import History
from namestui.runs.process import signal_worker
from namestui.runs.store import RunDirectory, RunLock, boot_id
from namestui.runs.summary import summaries
from namestui.runs.text import inert

NOT_THE_RECORD = {"lock", "socket", "worker.json", "worker.log"}


def links_in_place_of_files(lab: Lab) -> None:
    """Files of the run, and those that are written beside them, are links: nothing outside is written or made."""
    run = interrupted(lab)
    with run.events_file.open("ab") as log:
        log.write(b"torn, and to be set aside")
    outside = _outside(lab)
    names = ["events.damaged", "worker.json", "lock", "last.pt", "best.safetensors", "notes.json", "confusion.bin"]
    name = lab.draw.choice(names)
    (run.path / name).unlink(missing_ok=True)
    (run.path / name).symlink_to(outside / lab.draw.choice(["there", "new"]))
    with Watcher(lab.store, run) as watcher:
        watcher.wait_until_gone()
        status = lab.zygote.wait(lab.start(run))
    check(status in (0, 1), f"{name}: the worker ended with status {status}")
    check((outside / "there").read_bytes() == b"untouched", f"{name}: a file outside was written")
    check([path.name for path in outside.iterdir()] == ["there"], f"{name}: a file outside was made")
    shutil.rmtree(outside)


def pid_of_a_stranger(lab: Lab) -> None:
    """``worker.json`` names a stranger, or everybody (-1), and the run is held: nobody is signalled."""
    run = interrupted(lab)
    lock = RunLock(run)
    stranger = subprocess.Popen([sys.executable, "-c", "import sys; sys.stdin.read()"], stdin=subprocess.PIPE)
    sent: list[int] = []
    try:
        info = run.worker()
        check(info is not None, "no worker.json")
        if info is not None:
            pid = lab.draw.choice([stranger.pid, -1, 0, 1, -stranger.pid, 2**40])
            named = msgspec.structs.replace(info, pid=pid, boot_id=boot_id(), start_time=0)
            run.write_worker(named)
        # Whatever would be sent is only noted down: -1 is everybody.
        with (
            patch("os.kill", lambda pid, _: sent.append(pid)),
            patch("signal.pidfd_send_signal", lambda *_: sent.append(0)),
        ):
            check(not signal_worker(run, SIGTERM), "a stranger counts as its worker")
        check(sent == [], f"signals were sent to {sent}")
    finally:
        stranger.communicate()
        lock.release()
    lab.finish(run)
    lab.check_as_if_nothing_had_happened(run, interruptions=1)


def damaged_in_the_middle_and_asked(lab: Lab) -> None:
    """A byte in the middle of a finished log is damaged: a question changes nothing, resuming trains what is lost."""
    run = lab.create()
    lab.finish(run)
    expected = outcome(run)
    lines = run.events_file.read_bytes().splitlines(keepends=True)
    epochs = [index for index, line in enumerate(lines) if b'"epoch_finished"' in line]
    at = lab.draw.choice(epochs)
    lines[at] = bytes([lines[at][0] ^ 1]) + lines[at][1:]
    run.events_file.write_bytes(b"".join(lines))
    before = _record_of(run)
    with Watcher(lab.store, run) as watcher:
        watcher.wait_until_gone()
        pid = lab.start(run, "--serve", idle_alone=0.2)
        watcher.wait_until_connected()
        answer = watcher.ask(commands.Predict(name="Kirik"))
        check(not isinstance(answer, NoAnswerError), f"refused with: {answer}")
    lab.zygote.wait(pid)
    check(_record_of(run) == before, "a question has changed the record")
    check("1 of" in History.read(run).gaps(), f"missing: {History.read(run).gaps()!r}")
    lab.finish(run)
    check(History.read(run).gaps() == "", f"still missing: {History.read(run).gaps()}")
    found = outcome(run)
    check(sorted(found.epochs) == sorted(expected.epochs), "epochs came out otherwise")
    check(same(found.best, expected.best) and found.matrices == expected.matrices, "weights or matrices are others")


def files_that_are_none(lab: Lab) -> None:
    """A FIFO, device, socket, directory, giant or endless line for a file: a reason, and other runs are listed."""
    run, other = interrupted(lab), lab.create()
    kept = lab.store.home / "kept"
    shutil.copytree(run.path, kept, ignore=shutil.ignore_patterns("socket"))
    outside = _outside(lab)
    what = lab.draw.choice([special_file, bytes_of_a_file])(lab.draw, run.path, outside)
    rows = {row.run: row for row in summaries(lab.store)}
    check(set(rows) == {run.id, other.id} and rows[other.id].error == "", f"{what}: the list is {rows}")
    check(inert(rows[run.id].error) == rows[run.id].error, f"{what}: {rows[run.id].error!r}")
    with Watcher(lab.store, run) as watcher:
        watcher.wait_until_gone()
    if "worker.log" not in what:  # which the injector itself opens for the worker
        status = lab.zygote.wait(lab.start(run))
        check(status in (0, 1), f"{what}: a worker ended with status {status}")
        check(not any("Traceback" in line for line in run.log_tail(50)), f"{what}: {run.log_tail(3)}")
    check([path.name for path in outside.iterdir()] == ["there"], f"{what}: a file outside was made")
    shutil.rmtree(run.path)
    kept.rename(run.path)
    shutil.rmtree(outside)
    lab.finish(run)
    lab.check_as_if_nothing_had_happened(run, interruptions=1)


def matrices_that_were_never_synced(lab: Lab) -> None:
    """A power cut takes any part of the matrices that no fsync has put on the disk: after the resume none is lost."""
    run = interrupted(lab, saves=0, how="power_cut", save_after=lab.draw.choice([0.0, 0.02, 0.1]))
    synced, written = lab.store.home / SYNCED, run.confusion_file.read_bytes()
    on_disk = synced.read_bytes() if synced.exists() else b""
    synced.unlink(missing_ok=True)
    end = lab.draw.choice([len(on_disk), lab.draw.randint(len(on_disk), len(written)), len(written)])
    found = bytearray(on_disk.ljust(end, b"\0"))
    piece = lab.draw.choice([4, 40, 512])
    for at in range(0, end, piece):
        if lab.draw.random() < 0.5:  # this was written back in time, the rest was not
            found[at : at + piece] = written[at : min(at + piece, end)]
    run.confusion_file.write_bytes(found)
    lab.finish(run)
    lab.check_as_if_nothing_had_happened(run, interruptions=1)
    check(not any("confusion matrix" in message for message in alerts(run)), f"matrices were lost: {alerts(run)}")


def _record_of(run: RunDirectory) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in run.path.iterdir() if path.name not in NOT_THE_RECORD}


def _outside(lab: Lab) -> Path:
    folder = lab.store.home / "outside"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    (folder / "there").write_bytes(b"untouched")
    return folder
