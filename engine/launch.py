"""Starting workers, detached: they outlive the screen, its terminal and its session. No torch here."""

from __future__ import annotations

import os
import subprocess
import sys

from namestui.runs.store import RunDirectory, RunLock, RunStore

WORKER = "namestui.engine.worker"


def launch(store: RunStore, run: RunDirectory, *arguments: str) -> subprocess.Popen[bytes]:
    """Start the worker of ``run`` in a session of its own; it trains on from where the run stands.

    The run's lock is taken here and inherited by the worker, so that a second start is refused at once and no
    moment passes in which the run seems dead.

    Raises:
        RunError: a worker trains it already.
        OSError: the process cannot be started.
    """
    lock = RunLock(run)
    try:
        log = os.open(run.log_file, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        try:
            return subprocess.Popen(
                # -P: neither the current directory nor the run's can put modules in the way.
                [sys.executable, "-P", "-m", WORKER, run.id, "--lock", str(lock.descriptor), *arguments],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                pass_fds=(lock.descriptor,),
                cwd="/",
                env={**os.environ, "NAMESTUI_HOME": str(store.home), "PYTHONUNBUFFERED": "1"},
            )
        finally:
            os.close(log)
    finally:
        lock.release()
