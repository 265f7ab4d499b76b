"""A worker that ends because nothing can be written leaves no order without an answer, and says why it ends."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import pytest

from namestui.engine.recording import recorder as recording
from namestui.engine.recording.recorder import StoppedWaitingError
from namestui.engine.worker import __main__ as workers
from namestui.engine.worker.__main__ import Waits, Worker
from namestui.runs import commands
from namestui.runs.eventlog import EventLog
from namestui.runs.history import History
from tests.fake_engine import EventMaker
from tests.scripted import Scripted
from tests.watching import Create

FULL = "stopped while the disk is full: resuming continues from the last checkpoint"
Fill = Callable[[str], None]


@pytest.fixture
def fill(monkeypatch: pytest.MonkeyPatch) -> Fill:
    """The disk is full from the first line of a log on that has these words."""
    words: list[str] = []
    real = os.write

    def write(descriptor: int, data: bytes) -> int:
        if words and words[0].encode() in data:
            raise OSError(28, os.strerror(28))
        return real(descriptor, data)

    monkeypatch.setattr(recording, "RETRY_EVERY", 0.01)
    monkeypatch.setattr(recording, "STOP_WITHIN", 0.05)
    monkeypatch.setattr(os, "write", write)
    return words.append


def stop_while_waiting(session: Scripted) -> None:
    """As by a signal, while it waits for room."""
    session.recorder.while_waiting = lambda: session.server.requests.put_own(commands.Stop())


@pytest.mark.parametrize(
    ("order", "words", "kind", "reason"),
    [
        (commands.Stop(request="1"), '"state":"stopping"', "Accepted", ""),
        (commands.Pause(request="1"), '"state":"paused"', "Refused", FULL),
        (commands.Checkpoint(request="1"), '"kind":"checkpoint_saved"', "Refused", FULL),
        (commands.Extend(request="1", epochs=1), '"kind":"epochs_planned"', "Refused", FULL),
    ],
)
def test_an_order_under_way_when_the_disk_is_full_is_answered(
    create: Create, fill: Fill, order: commands.AnyCommand, words: str, kind: str, reason: str
) -> None:
    session = Scripted(create(6), {1: [order]})
    stop_while_waiting(session)
    fill(words)
    with pytest.raises(StoppedWaitingError):
        session.train()
    assert [(answer.kind, answer.reason) for answer in session.answers.values()] == [(kind, reason)]


@pytest.mark.parametrize("state", ["starting", "running"])
def test_to_resume_an_ended_run_when_the_disk_is_full_is_refused(create: Create, fill: Fill, state: str) -> None:
    run = create(6)
    Scripted(run, {1: [commands.Stop(request="0")]}).train()
    session = Scripted(run, {})
    session.order(commands.Resume(request="1"))
    stop_while_waiting(session)
    fill(f'"state":"{state}"')
    with pytest.raises(StoppedWaitingError):
        session.serve()
    assert [(answer.kind, answer.reason) for answer in session.answers.values()] == [("Refused", FULL)]


def test_a_rank_that_dies_while_the_disk_is_full_hides_no_other_reason(
    create: Create, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    run = create(6)
    maker = EventMaker(run.id)
    log = EventLog(run.events_file)
    log.append(maker.run_started())
    log.close()

    def fails(*_arguments: Any) -> None:
        raise RuntimeError("rank 1 closed\x1b the connection")

    def breaks(worker: Worker) -> None:
        worker._recorder.may_write = True
        monkeypatch.setattr(worker._recorder, "log", fails)
        raise ZeroDivisionError("of all things")

    monkeypatch.setattr(workers, "_stop_on_signals", lambda _server: None)
    monkeypatch.setattr(Worker, "_wait_and_train", breaks)
    worker = Worker(run, History.read(run), Waits([], 1, None, 1), serve=False, device="")
    assert worker.work() == 1
    said = capsys.readouterr().err
    assert "ZeroDivisionError: of all things" in said
    assert said.endswith(
        f"namestui: run {run.id}: its failure could not be recorded: rank 1 closed\\x1b the connection\n"
    )
