"""Too much of something: questions, connections, and bytes on the disk while the run is told to stop."""

from __future__ import annotations

import contextlib
import socket
import threading

from bench.fault_disk import fill, small_disk
from bench.fault_lab import EPOCHS, Lab, check, wait_until
from bench.fault_watcher import Watcher
from namestui.runs import commands
from namestui.runs.sockets import address, socket_path
from namestui.runs.store import RunDirectory
from namestui.runs.summary import run_state

QUESTIONS = 20_000
CONNECTIONS = 200
FILES = 64
"""Files that a worker may open, for the time of one injection."""


def flood_of_questions(lab: Lab) -> None:
    """20,000 questions in one write, and a stop by another client while they are there: it stops, and goes on later."""
    run = lab.create(4 * EPOCHS)
    pid = lab.start(run)
    with Watcher(lab.store, run) as watcher:
        watcher.wait_until_connected()
        lab.wait_for_epoch(run, 1)
        question = commands.encode(commands.Predict(request="1", name="Kirik"))
        flooding = threading.Thread(target=_write, args=(run, question * QUESTIONS), daemon=True)
        flooding.start()
        watcher.send(commands.Stop(request="2"))
        wait_until(lambda: run_state(run) in ("stopped", "finished"), "it stops in the middle of a flood")
    check(lab.zygote.wait(pid) == 0, "the worker did not end in order")
    flooding.join(timeout=60)
    lab.finish(run)
    lab.check_as_if_nothing_had_happened(run, interruptions=0)


def too_many_connections(lab: Lab) -> None:
    """More connections than the worker may have open files: clients are refused, training goes on and is saved."""
    run = lab.create(4 * EPOCHS)
    pid = lab.start(run, fault="few_files", at=FILES)
    lab.wait_for_epoch(run, 1)
    with contextlib.ExitStack() as stack:
        for _ in range(CONNECTIONS):
            connection = stack.enter_context(socket.socket(socket.AF_UNIX))
            connection.settimeout(1.0)
            with contextlib.suppress(OSError), address(socket_path(run.path)) as name:  # refused, or gone by then
                connection.connect(name)
        check(lab.zygote.wait(pid) == 0, "the worker did not end in order")
    lab.check_as_if_nothing_had_happened(run, interruptions=0)


def full_disk_and_a_stop(lab: Lab) -> None:
    """The disk is full, and the run is told to stop: it ends, and goes on when there is room."""
    config = lab.config(10 * EPOCHS)
    lab.reference(config)
    with small_disk(lab) as folder:
        run = lab.store.create(config)
        pid = lab.start(run)
        with Watcher(lab.store, run) as watcher:
            lab.wait_for_epoch(run, lab.draw.randint(1, EPOCHS))
            fill(folder / "filler")
            wait_until(lambda: any("full" in notice for notice in watcher.notices()), "the notice of the full disk")
            watcher.send(commands.Stop(request="1"))
            status = lab.zygote.wait(pid)
        check(status in (0, 1), f"the worker ended with status {status}: {run.log_tail(1)}")
        (folder / "filler").unlink()
        lab.finish(run)
        lab.check_as_if_nothing_had_happened(run)


def _write(run: RunDirectory, data: bytes) -> None:
    """Send it all at once, as far as anybody takes it, and read what is answered."""
    with socket.socket(socket.AF_UNIX) as connection, contextlib.suppress(OSError):
        with address(socket_path(run.path)) as name:
            connection.connect(name)
        reader = threading.Thread(target=_drain, args=(connection,), daemon=True)
        reader.start()
        connection.sendall(data)
        reader.join(timeout=60)


def _drain(connection: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while connection.recv(1 << 16):
            pass
