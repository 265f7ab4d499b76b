"""What a checkpoint vouches for is on the disk before it; a matrix that a power cut took is written again."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from namestui.engine.worker import idle, journal
from namestui.runs import commands
from namestui.runs.events import Alert
from namestui.runs.store import RunDirectory
from tests.scripted import Scripted
from tests.watching import Create, epochs_of, record_of

EPOCHS = 8
SAVED = 3
KILLED = 6


class _KilledError(BaseException):
    """In place of a kill: nothing more is written."""


@pytest.fixture(autouse=True)
def no_lingering(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(idle, "IDLE_ALONE", -1.0)


def killed(run: RunDirectory, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run with a checkpoint after an epoch, and killed some epochs later."""
    session = Scripted(run, {SAVED: [commands.Checkpoint(request="save")]})
    record_epoch = session.journal.record_epoch

    def kill(trainer: Any, done: Any) -> None:
        record_epoch(trainer, done)
        if done.epoch == KILLED:
            raise _KilledError

    monkeypatch.setattr(session.journal, "record_epoch", kill)
    with pytest.raises(_KilledError):
        session.train()
    session.recorder.close()


def zero(run: RunDirectory, *epochs: int, size: int = 4 + 4 * 9) -> None:
    data = bytearray(run.confusion_file.read_bytes())
    for epoch in epochs:
        data[(epoch - 1) * size : epoch * size] = bytes(size)
    run.confusion_file.write_bytes(data)


@pytest.mark.parametrize("way", ["zeroed", "cut off", "gone"])
def test_lost_matrices_are_written_again(create: Create, monkeypatch: pytest.MonkeyPatch, way: str) -> None:
    undisturbed, run = create(EPOCHS), create(EPOCHS)
    Scripted(undisturbed, {}).train()
    killed(run, monkeypatch)
    whole = undisturbed.confusion_file.read_bytes()
    size = 40
    assert run.confusion_file.read_bytes() == whole[: KILLED * size]
    # GIVEN that a power cut has taken matrices of epochs that the log has
    lost_before = {"zeroed": [2], "cut off": [], "gone": [1, 2, 3]}[way]
    if way == "zeroed":
        zero(run, 2, 4, 6)
    elif way == "cut off":
        os.truncate(run.confusion_file, SAVED * size + 10)
    else:
        run.confusion_file.unlink()
    # WHEN the run is resumed
    resumed = Scripted(run, {})
    resumed.train()
    # THEN those of all epochs that are trained again are there, and it is said which others are lost, once
    found = run.confusion_file.read_bytes()
    for epoch in range(1, EPOCHS + 1):
        record = slice((epoch - 1) * size, epoch * size)
        assert found[record] == (bytes(size) if epoch in lost_before else whole[record])
    told = [event for event in record_of(run) if isinstance(event, Alert)]
    which = {0: None, 1: "the confusion matrix of epoch 2 is lost", 3: "of 3 epochs from 1 to 3 is lost"}
    expected = which[len(lost_before)]
    assert [event.topic for event in told] == (["record"] if expected else [])
    assert expected is None or expected in told[0].message
    assert [event.epoch for event in epochs_of(run)] == list(range(1, EPOCHS + 1))
    assert [event.validation_loss for event in epochs_of(run)] == [
        event.validation_loss for event in epochs_of(undisturbed)
    ]


def test_a_checkpoint_comes_after_what_it_vouches_for(create: Create, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal, "SAVE_AFTER", 0.0)
    run, done = create(2), list[str]()
    sync, move = os.fsync, os.replace

    def noted_sync(descriptor: int) -> None:
        sync(descriptor)
        done.append(Path(f"/proc/self/fd/{descriptor}").readlink().name)

    def noted_move(source: str, target: str, **directories: int) -> None:
        done.append(f"new {target}")
        move(source, target, **directories)

    monkeypatch.setattr(os, "fsync", noted_sync)
    monkeypatch.setattr(os, "replace", noted_move)
    Scripted(run, {}).train()
    saves = "\n".join(done).split("new last.pt")[:-1]
    assert len(saves) >= 2
    for before in saves:
        assert "confusion.bin" in before
        assert "events.jsonl" in before
