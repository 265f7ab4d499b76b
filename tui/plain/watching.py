"""Watching runs without a screen: the same engine and the same events, reported in lines, bars or JSON."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Sequence

from namestui.engine.link.client import EngineClient
from namestui.engine.link.updates import Update, WorkerGone
from namestui.runs.folds import FoldResult
from namestui.runs.store import RunDirectory, RunStore
from namestui.tui.plain.reporters import Reporter
from namestui.tui.plain.signals import handle_signals
from namestui.tui.state.run_state import RunState

INTERRUPTED = 130


class Watching:
    """Watches runs to their ends, at most ``jobs`` at once."""

    def __init__(self, store: RunStore, runs: Sequence[RunDirectory], jobs: int) -> None:
        self._client = EngineClient(store)
        self._waiting = deque(runs)
        self._watched: dict[str, tuple[RunDirectory, RunState]] = {}
        self._jobs = jobs
        self._ended: list[RunState] = []
        self._interrupted = False

    async def run(self, reporter: Reporter) -> int:
        """Report everything to ``reporter``; the exit status: 0 when all have finished, 130 after Ctrl-C, else 1."""
        self._reporter = reporter
        handle_signals(asyncio.get_running_loop(), reporter, self._on_interrupt)
        self._begin_next()
        while self._watched and not self._leave_now():
            for event in await self._client.queue.get():
                self._take(event)
        await self._client.close()
        if self._interrupted:
            self._print_closing_message()
            return INTERRUPTED
        return 0 if all(state.state == "finished" for state in self._ended) else 1

    @property
    def has_begun(self) -> bool:
        """Whether any run has been started, or opened."""
        return bool(self._watched or self._ended)

    def scores(self, of: Sequence[str]) -> list[FoldResult]:
        """What the test parts of those runs said that have finished, in their order."""
        return [
            FoldResult(
                model=state.model,
                seed=int(state.started.config["split_seed"]),
                accuracy=state.test.accuracy,
                macro_f1=state.test.macro_f1,
                share=state.test.rows / state.started.train.rows,
            )
            for state in sorted((state for state in self._ended if state.run in of), key=lambda one: of.index(one.run))
            if state.started is not None and state.test is not None
        ]

    def _begin(self, run: RunDirectory) -> None:
        raise NotImplementedError

    def _on_interrupt(self) -> None:
        raise NotImplementedError

    def _leave_now(self) -> bool:
        return False

    def _print_closing_message(self) -> None:
        """What to say after Ctrl-C."""

    def _begin_next(self) -> None:
        while self._waiting and len(self._watched) < self._jobs and not self._interrupted:
            run = self._waiting[0]
            state = RunState(run.id, model=run.config().model)
            self._begin(run)
            self._watched[run.id] = run, state
            self._waiting.popleft()

    def _take(self, event: Update) -> None:
        if event.run not in self._watched:
            return
        run, state = self._watched[event.run]
        state.apply(event)
        self._reporter.update(event, state)
        if self._has_ended(state, event):
            self._reporter.end(state, run.log_tail() if state.state in ("failed", "interrupted") else [])
            self._ended.append(state)
            del self._watched[event.run]
            self._begin_next()

    def _has_ended(self, state: RunState, event: Update) -> bool:
        # An interruption in the log is history: the worker that found it continues from there.
        return not state.is_live and (state.state != "interrupted" or isinstance(event, WorkerGone))
