"""The trainer is killed, stopped or hung up on; started again it ends as if nothing had happened."""

from __future__ import annotations

import contextlib
import os
import signal
from functools import partial

from bench.fault_lab import EPOCHS, Lab, check, record, wait_until
from namestui.runs.events import LIVE_STATES, StateChanged
from namestui.runs.store import RunDirectory
from namestui.runs.summary import current_state


def killed_at_a_random_moment(lab: Lab) -> None:
    """SIGKILL once the log has a random size, up to three times in a run."""
    run = lab.create()
    size = len(lab.reference(run.config()).epochs) * 330
    for _ in range(lab.draw.randint(1, 3)):
        pid = lab.start(run)
        moment = lab.draw.randrange(size)
        wait_until(partial(_grown_or_dead, run, moment, pid), "the log grows")
        _kill(pid)
        lab.zygote.wait(pid)
    _go_on(lab, run)


def killed_while_a_checkpoint_is_written(lab: Lab) -> None:
    """SIGKILL as soon as a temporary file of a checkpoint is seen in the directory, after a random number of them."""
    run = lab.create(4 * EPOCHS)
    pid = lab.start(run, save_after=0.0)
    lab.wait_for_epoch(run, lab.draw.randint(1, 2 * EPOCHS))
    wait_until(lambda: any(run.path.glob(".last.pt.*.tmp")) or not _lives(pid), "a checkpoint is written")
    _kill(pid)
    lab.zygote.wait(pid)
    _go_on(lab, run)


def killed_inside_a_system_call(lab: Lab) -> None:
    """Killed by itself in the middle of a line, a matrix, a checkpoint, or beside a sync, a rename, an open."""
    run = lab.create()
    for _ in range(lab.draw.randint(1, 2)):
        fault = lab.draw.choice(
            [
                *("half_a_line", "half_a_line", "half_a_matrix", "half_a_file", "before_a_sync"),
                *("before_a_rename", "before_a_rename", "after_a_rename", "after_an_open"),
            ]
        )
        lab.zygote.wait(lab.start(run, fault=fault, at=lab.draw.randint(1, EPOCHS), save_after=0.0))
    _go_on(lab, run)


def stopped_by_a_signal(lab: Lab) -> None:
    """SIGTERM or SIGINT at a random moment: a checkpoint, stopped, status 0; SIGHUP before it means nothing."""
    run = lab.create(10 * EPOCHS, "rnn")
    pid = lab.start(run, save_after=5.0)
    lab.wait_for_epoch(run, lab.draw.randint(1, EPOCHS))
    os.kill(pid, signal.SIGHUP)
    number = lab.draw.choice([signal.SIGTERM, signal.SIGINT])
    os.kill(pid, number)
    if lab.draw.random() < 0.5:  # twice is not worse than once
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)
    check(lab.zygote.wait(pid) == 0, "the worker did not end in order")
    check(current_state(run) == "stopped", f"the run is {current_state(run)}, not stopped")
    stopped = [event for event in record(run) if isinstance(event, StateChanged)][-1]
    check(stopped.epoch < 10 * EPOCHS, "it trained to its end instead")
    lab.finish(run, save_after=5.0)
    lab.check_as_if_nothing_had_happened(run, interruptions=0)


def _go_on(lab: Lab, run: RunDirectory) -> None:
    """Start the run again, if it is not finished, and compare."""
    before = sum(isinstance(event, StateChanged) and event.state == "interrupted" for event in record(run))
    events = record(run)
    check(not events or current_state(run) in ("interrupted", "finished"), f"the killed run is {current_state(run)}")
    if not events or current_state(run) != "finished":
        lab.finish(run)
        states = [event.state for event in record(run) if isinstance(event, StateChanged)]
        found = states.count("interrupted")
        check(found == before + bool(events), "the log does not mention the interruption")
    check(
        all(
            event.state in LIVE_STATES or event.state in ("interrupted", "finished")
            for event in record(run)
            if isinstance(event, StateChanged)
        ),
        "the log has a state that never was",
    )
    lab.check_as_if_nothing_had_happened(run)


def _size(run: RunDirectory) -> int:
    return run.events_file.stat().st_size if run.events_file.exists() else 0


def _grown_or_dead(run: RunDirectory, size: int, pid: int) -> bool:
    return _size(run) > size or not _lives(pid)


def _lives(pid: int) -> bool:
    """Whether a process runs: a zombie does not."""
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8") as file:  # noqa: PTH123
            return file.read().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def _kill(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
