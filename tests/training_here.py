"""Training a run as its worker does, but in the test's own process: no start of a process, no import of torch."""

from __future__ import annotations

from typing import Any

import pytest

from namestui.engine.recording.recorder import Recorder
from namestui.engine.recording.requests import Request
from namestui.engine.recording.server import Server
from namestui.engine.worker import idle
from namestui.engine.worker.session import TrainingSession
from namestui.runs.commands import Command
from namestui.runs.events import EpochsPlanned
from namestui.runs.history import History
from namestui.runs.store import RunDirectory


def train_here(run: RunDirectory, *asked: Command, planned: int = 0) -> list[Any]:
    """Train ``run`` to its end, or to ``planned`` epochs where it was extended.

    What it answers to ``asked``, which it finds at the first batch boundary.
    """
    history = History.read(run)
    server = Server(run.path / "socket", run.id, history.next_seq, "starting")
    answers: list[Any] = []
    for command in asked:
        server.requests.put(Request(command, answers.append))
    recorder = Recorder(run, server, history)
    if planned:
        recorder.log(EpochsPlanned(epochs=planned))
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(idle, "IDLE_ALONE", -1.0)  # nobody will ask it once it has finished
        TrainingSession(run, recorder, server, history).train()
    recorder.close()
    return answers
