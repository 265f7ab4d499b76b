"""What the log of a finished run lacks where lines of it were damaged: resuming the run writes it again."""

from __future__ import annotations

from collections.abc import Collection

from namestui.runs.eventlog import read_events
from namestui.runs.events import CheckpointSaved, EpochFinished, EpochsPlanned, RunStarted, StateChanged, TestScored
from namestui.runs.store import RunDirectory


def first_missing(logged: Collection[int], trained: int) -> int | None:
    """The first of ``trained`` epochs that is not among the ``logged``; None where all are."""
    return next((epoch for epoch in range(1, trained + 1) if epoch not in logged), None)


def describe_gaps(logged: Collection[int], trained: int, *, started: bool, tested: bool) -> str:
    """What is missing, such as ``5 of 60 epochs``; empty where nothing is."""
    lost = trained - sum(1 <= epoch <= trained for epoch in logged)
    parts = [
        f"{lost} of {trained} epochs" if lost else "",
        "" if started else "its beginning",
        "" if tested else "the test scores",
    ]
    return ", ".join(part for part in parts if part)


def gaps_of(run: RunDirectory) -> str:
    """What the log of a finished ``run`` lacks; empty where it is whole."""
    logged, trained, started, tested = set[int](), 0, False, False
    for chunk in read_events(run.events_file):
        for event in chunk:
            match event:
                case RunStarted():
                    started = True
                case EpochFinished():
                    logged.add(event.epoch)
                    trained = max(trained, event.epoch)
                case StateChanged() | CheckpointSaved():
                    trained = max(trained, event.epoch)
                case TestScored():
                    tested = True
                case EpochsPlanned():
                    tested = False
    return describe_gaps(logged, trained, started=started, tested=tested)
