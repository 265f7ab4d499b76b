"""Temporary homes of runs for the benchmarks: finished runs to show, and no worker left behind."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from namestui.runs.process import signal_worker
from namestui.runs.screen_session import ScreenSession
from namestui.runs.store import RunDirectory, RunStore

NAMESTUI = str(Path(sys.executable).with_name("namestui"))
"""The installed command of this interpreter's environment."""


@contextmanager
def temporary_home() -> Iterator[RunStore]:
    """An empty home; in the end its workers are ordered to stop and it is removed."""
    path = Path(tempfile.mkdtemp(prefix="bench-"))
    store = RunStore(path)
    try:
        yield store
    finally:
        for run in store.all():
            end_worker(run)
        shutil.rmtree(path, ignore_errors=True)


@contextmanager
def finished_home(epochs: int = 2) -> Iterator[RunStore]:
    """A home with a finished RNN and a finished LSTM run on the bundled corpus, open in the last session."""
    with temporary_home() as store:
        command = [NAMESTUI, "train", "rnn", "lstm", "--epochs", str(epochs), "--json"]
        environment = {**os.environ, "NAMESTUI_HOME": str(store.home)}
        subprocess.run(command, env=environment, stdout=subprocess.DEVNULL, stdin=subprocess.DEVNULL, check=True)
        for run in store.all():
            end_worker(run)
        store.write_session(ScreenSession(runs=[run.id for run in store.all()]))
        yield store


def end_worker(run: RunDirectory, patience: float = 10.0) -> None:
    """Stop the worker that holds ``run``, if there is one: SIGTERM, and SIGKILL once patience ends."""
    deadline = time.monotonic() + patience
    signalled = False
    while run.is_locked():
        late = time.monotonic() > deadline
        if late or not signalled:
            signalled = signal_worker(run, signal.SIGKILL if late else signal.SIGTERM) or signalled
        time.sleep(0.05)
