"""Training without a screen: the same engine and the same events, told in lines, bars or JSON."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections import deque
from collections.abc import Sequence
from typing import Protocol

from namestui.engine.client import EngineClient, Told, WorkerGone
from namestui.engine.launch import launch
from namestui.runs import commands
from namestui.runs.events import LOGGED_KINDS, Event, encode
from namestui.runs.store import RunDirectory, RunStore
from namestui.tui.reporters import BarReporter, LineReporter
from namestui.tui.state import RunState

INTERRUPTED = 130


class Reporter(Protocol):
    """Tells a person (or a program) what happens."""

    def tell(self, told: Told, state: RunState) -> None:
        """``told`` has just been folded into ``state``."""

    def close(self) -> None:
        """Nothing more will come."""


class JsonReporter:
    """The logged events as they happen, a JSON object a line, nothing else."""

    def tell(self, told: Told, _state: RunState) -> None:
        """Print logged events."""
        if isinstance(told, Event) and isinstance(told, LOGGED_KINDS):
            sys.stdout.write(encode(told).decode())
            sys.stdout.flush()

    def close(self) -> None:
        """Nothing to clear away."""


def start_detached(store: RunStore, runs: Sequence[RunDirectory]) -> int:
    """Start all runs and print their ids; the exit status.

    Raises:
        RunError: one is held already.
    """
    for run in runs:
        launch(store, run)
        print(run.id)
    return 0


def train_runs(store: RunStore, runs: Sequence[RunDirectory], *, jobs: int, json: bool, summary: Sequence[str]) -> int:
    """Train ``runs``, at most ``jobs`` at once, to their ends; the exit status: 0 only when all finished."""
    reporter: Reporter
    if json:
        reporter = JsonReporter()
    else:
        reporter = (BarReporter if sys.stdout.isatty() else LineReporter)([run.id for run in runs], summary)
    try:
        return asyncio.run(_Training(store, runs, jobs, reporter).run())
    finally:
        reporter.close()


class _Training:
    def __init__(self, store: RunStore, runs: Sequence[RunDirectory], jobs: int, reporter: Reporter) -> None:
        self._client = EngineClient(store)
        self._waiting = deque(runs)
        self._running: dict[str, RunState] = {}
        self._jobs = jobs
        self._reporter = reporter
        self._ended: dict[str, RunState] = {}
        self._interrupted = False

    async def run(self) -> int:
        asyncio.get_running_loop().add_signal_handler(signal.SIGINT, self._on_interrupt)
        self._start_next()
        while self._running:
            for told in await self._client.queue.get():
                self._take(told)
        await self._client.close()
        if self._interrupted:
            self._say_how_to_resume()
            return INTERRUPTED
        return 0 if all(state.state == "finished" for state in self._ended.values()) else 1

    def _start_next(self) -> None:
        while self._waiting and len(self._running) < self._jobs and not self._interrupted:
            run = self._waiting.popleft()
            self._running[run.id] = RunState(run.id, model=run.config().model)
            self._client.start(run)

    def _take(self, told: Told) -> None:
        state = self._running.get(told.run)
        if state is None:
            return
        state.apply(told)
        self._reporter.tell(told, state)
        ended = not state.is_live and (state.state != "interrupted" or isinstance(told, WorkerGone))
        if ended:
            self._ended[told.run] = self._running.pop(told.run)
            self._start_next()

    def _on_interrupt(self) -> None:
        """First Ctrl-C: save and stop. Second: leave at once; the workers are on their way out anyway."""
        if self._interrupted:
            self._say_how_to_resume()
            sys.stdout.flush()
            signal.signal(signal.SIGINT, signal.SIG_DFL)
            signal.raise_signal(signal.SIGINT)
        self._interrupted = True
        self._waiting.clear()
        for run_id in self._running:
            self._client.send(run_id, commands.Stop)

    def _say_how_to_resume(self) -> None:
        for run_id in (*self._ended, *self._running):
            state = self._ended.get(run_id) or self._running[run_id]
            if state.state != "finished":
                print(f"namestui: {run_id} {state.state}; go on with: namestui resume {run_id}", file=sys.stderr)
