"""A worker takes over a run's record: it makes it one that can be written on, and says what it found."""

from __future__ import annotations

import os

from msgspec.structs import replace

from namestui.engine.recording.recorder import Recorder
from namestui.runs.eventlog import heal
from namestui.runs.events import LIVE_STATES, Alert, State, StateChanged
from namestui.runs.files import remove_leftovers
from namestui.runs.history import History
from namestui.runs.local_time import local_time
from namestui.runs.process import worker_info
from namestui.runs.store import RunDirectory


class Record:
    """The record of ``run``; until `begin_writing` only ``worker.json`` is written, and nothing that is in the log."""

    def __init__(self, run: RunDirectory, recorder: Recorder, history: History, *, serves: bool) -> None:
        self._run = run
        self._recorder = recorder
        self._history = history
        self._worker = worker_info(run, os.getpid(), serves=serves)

    def write_worker(self) -> None:
        """Say whose run it is now."""
        self._recorder.keep_trying(self._run.worker_file, lambda: self._run.write_worker(self._worker))

    def begin_writing(self) -> None:
        """From now on the record is written: heal it, and log what became of the worker before this one."""
        if self._recorder.may_write:
            return
        if self._worker.serves:
            self._worker = replace(self._worker, serves=False)
            self.write_worker()
        before = self._history.time
        self._heal()
        if self._history.next_seq and self._history.state in LIVE_STATES:
            self.change("interrupted", "the worker vanished")
            self._report_lost_worker(before)

    def announce_start(self) -> None:
        """Log that a new worker starts; the first event of a new run is run_started."""
        if self._history.next_seq:
            self.change("starting")

    def change(self, state: State, reason: str = "") -> None:
        """Log the state of a run that is not loaded."""
        history = self._history
        self._recorder.log(StateChanged(state=state, reason=reason, epoch=history.epoch, batch=history.batch))

    def _report_lost_worker(self, heard: float | None) -> None:
        """Say when and where the one before was lost; what killed it wrote nothing."""
        history = self._history
        when = heard and local_time(heard, "%d %b %Y, %H:%M:%S")
        where = f"epoch {history.epoch}" + (f", batch {history.batch} of the next" if history.batch else "")
        message = (
            f"the worker was lost after {where}: it was killed or crashed, or the machine went down; "
            f"last heard of {when or 'at an unknown time'}; training resumes from the last checkpoint"
        )
        self._recorder.log(Alert(message=message, topic="worker", epoch=history.epoch))

    def _heal(self) -> None:
        run, recorder = self._run, self._recorder
        files = (run.last_checkpoint, run.best_weights, run.initial_weights, run.worker_file, run.confusion_file)
        for path in (*files, run.events_file):
            remove_leftovers(path)
        middle, end = recorder.keep_trying(run.events_file, lambda: heal(run.events_file))
        recorder.may_write = True
        kept = "of the log were set aside in events.damaged"
        if middle:
            lost = "epochs that the log lacks are trained again"
            recorder.log(Alert(message=f"{middle} unreadable bytes in the middle {kept}; {lost}", topic="record"))
        if end:
            message = f"{end} unreadable bytes at the end {kept}; a crash left them"
            recorder.log(Alert(message=message, topic="record"))
