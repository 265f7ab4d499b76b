"""Deleting a run: it moves to the trash folder beside ``runs``, where nothing looks for it any more."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from pathlib import Path

from namestui.runs.events import LIVE_STATES
from namestui.runs.store import RunDirectory, RunError, RunLock, RunStore, host_name
from namestui.runs.summary import run_state
from namestui.runs.text import inert

PATIENCE = 5.0
"""Seconds that a worker which only answers questions is given to end."""


def move_to_trash(store: RunStore, run: RunDirectory) -> Path:
    """Move a run to the trash folder and return where it is now; a worker that only serves it is ended.

    Raises:
        RunError: it trains, or it cannot be moved.
    """
    state = run_state(run)
    if run.is_locked() and state in LIVE_STATES:
        raise RunError(f"run {inert(run.id)} is {state}: stop it first")
    end_server(run)
    try:
        lock = RunLock(run, patience=PATIENCE)
    except OSError as error:
        raise RunError(f"run {inert(run.id)}: cannot be moved to the trash: {error.strerror}") from None
    try:
        trash = store.home / "trash"
        trash.mkdir(mode=0o700, exist_ok=True)
        target = trash / f"{run.id}-{time.time_ns()}"
        run.path.rename(target)
    except OSError as error:
        raise RunError(f"run {inert(run.id)}: cannot be moved to the trash: {error.strerror}") from None
    finally:
        lock.release()
    return target


def end_server(run: RunDirectory) -> None:
    """Have a worker of this host that only answers questions end soon."""
    worker = run.worker()
    if run.is_locked() and worker is not None and worker.host == host_name():
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(worker.pid, signal.SIGTERM)
