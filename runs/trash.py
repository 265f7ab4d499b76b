"""Deleting a run: it moves to the trash folder beside ``runs``, where it is not listed any more."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

from namestui.data.safe_files import opened_directory
from namestui.runs.decoding import system_reason
from namestui.runs.events import LIVE_STATES
from namestui.runs.process import signal_worker
from namestui.runs.store import RunDirectory, RunError, RunLock, RunStore
from namestui.runs.summary import current_state
from namestui.runs.text import inert

PATIENCE = 5.0
"""Seconds that a worker which only answers questions is given to end."""


def move_to_trash(store: RunStore, run: RunDirectory) -> Path:
    """Move a run to the trash folder and return where it is now; a worker that only serves it is ended.

    Raises:
        RunError: it trains, or it cannot be moved.
    """
    state = current_state(run)
    if run.is_locked() and state in LIVE_STATES:
        raise RunError(f"run {inert(run.id)} is {state}: stop it first")
    try:
        lock = take_from_server(run, PATIENCE)
    except OSError as error:
        raise RunError(f"run {inert(run.id)}: cannot be moved to the trash: {error.strerror}") from None
    try:
        trash = store.home / "trash"
        trash.mkdir(mode=0o700, exist_ok=True)
        target = trash / f"{run.id}-{time.time_ns()}"
        with opened_directory(trash) as directory:
            os.rename(run.path, target.name, dst_dir_fd=directory)
    except OSError as error:
        raise RunError(f"run {inert(run.id)}: cannot be moved to the trash: {system_reason(error)}") from None
    finally:
        lock.release()
    return target


def take_from_server(run: RunDirectory, patience: float) -> RunLock:
    """The run's lock, once the worker that only answers questions about it has ended within ``patience`` seconds.

    Raises:
        RunError: it does not end, or what holds the lock is not the run's recorded worker, which is not signalled.
    """
    if not run.is_locked() or signal_worker(run, signal.SIGTERM):
        return RunLock(run, patience=patience)
    try:
        return RunLock(run)  # it may have ended just now
    except RunError:
        raise RunError(
            f"run {inert(run.id)}: another process than its recorded worker holds its lock; nothing was signalled: "
            "end that process, then try again"
        ) from None
