"""What a key does to a run, whatever state it is in; the text that is returned is for the user."""

from __future__ import annotations

from collections.abc import Iterable

from namestui.engine.link.client import Engine
from namestui.runs import commands
from namestui.runs.store import RunError, RunStore
from namestui.runs.text import inert
from namestui.tui.state.run_state import RunState

RESUMABLE = ("stopped", "failed", "interrupted")
"""States that a new worker goes on from."""


class Steer:
    """Sends commands to runs; what is on its way shows at once."""

    def __init__(self, store: RunStore, engine: Engine) -> None:
        self._store = store
        self._engine = engine

    def pause(self, state: RunState) -> None:
        """Have a run pause that trains, or is about to."""
        if state.state in ("starting", "running"):
            state.expect("pausing", self._engine.send(state.run, commands.Pause))

    def stop(self, state: RunState) -> None:
        """Have a live run save a checkpoint and end its worker."""
        if state.is_live:
            state.expect("stopping", self._engine.send(state.run, commands.Stop))

    def resume(self, state: RunState) -> str:
        """Train on after a pause, a stop, a failure or an interruption; empty, or why that cannot be."""
        if state.state == "paused":
            self._engine.send(state.run, commands.Resume)
        elif state.state in RESUMABLE:
            try:
                self._engine.resume(self._store.get(state.run))
            except RunError as error:
                return inert(str(error))
            state.expect("starting")
        return ""

    def resume_all(self, states: Iterable[RunState]) -> list[str]:
        """After a reboot: every interrupted run goes on; why some cannot."""
        return [problem for state in states if state.state == "interrupted" and (problem := self.resume(state))]
