"""What the log of a run says, folded once."""

from __future__ import annotations

from namestui.runs.eventlog import read_events
from namestui.runs.events import (
    CheckpointSaved,
    EpochFinished,
    EpochsPlanned,
    Probed,
    RunStarted,
    State,
    StateChanged,
    TestScored,
)
from namestui.runs.gaps import describe_gaps
from namestui.runs.store import RunDirectory


class History:
    """What the log of a run says, as far as its worker must know."""

    def __init__(self, run: RunDirectory) -> None:
        """Read it.

        Raises:
            NewerLogError: a newer namestui has written it.
        """
        self.next_seq = 0
        self.state: State = "starting"
        self.epoch = 0
        self.batch = 0
        self.planned: int | None = None
        self.started: RunStarted | None = None
        self.tested = False
        self.saved = False
        self.epochs: dict[int, EpochFinished] = {}
        self.probed: list[Probed] = []
        for chunk in read_events(run.events_file, refuse_newer=True):
            for event in chunk:
                self.next_seq = event.seq + 1
                if isinstance(event, RunStarted):
                    self.started = event
                elif isinstance(event, StateChanged):
                    self.state, self.epoch, self.batch = event.state, event.epoch, event.batch
                elif isinstance(event, EpochFinished):
                    self.epochs[event.epoch] = event
                elif isinstance(event, Probed):
                    self.probed.append(event)
                elif isinstance(event, CheckpointSaved):
                    self.saved = True
                    configured = self.started.config.get("epochs") if self.started is not None else event.epochs
                    if event.epochs not in (0, self.planned or configured):
                        self.planned = event.epochs  # the line that said so was damaged
                elif isinstance(event, TestScored):
                    self.tested = True
                elif isinstance(event, EpochsPlanned):
                    self.planned, self.tested = event.epochs, False

    def gaps(self) -> str:
        """What the log of a finished run lacks; empty where it is whole."""
        return describe_gaps(self.epochs, self.epoch, started=self.started is not None, tested=self.tested)
