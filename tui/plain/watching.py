"""Without a screen: the same engine and the same events, told in lines, bars or JSON."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections import deque
from collections.abc import Sequence

from namestui.engine.link.client import EngineClient, Told, WorkerGone
from namestui.engine.link.launch import in_turn, launch
from namestui.engine.link.logout import warn_of_logout
from namestui.engine.planning.plan import Plan
from namestui.runs import commands
from namestui.runs.events import Greeting
from namestui.runs.folds import Score, summarise_folds
from namestui.runs.process import signal_worker
from namestui.runs.store import RunDirectory, RunStore
from namestui.tui.plain.reporters import BarReporter, JsonReporter, LineReporter, Reporter
from namestui.tui.state.run_state import RunState

INTERRUPTED = 130


def start_detached(store: RunStore, runs: Sequence[RunDirectory], *, jobs: int, json: bool) -> int:
    """Start all runs, of which ``jobs`` train at once, and print their ids, as JSON an object a line; the exit status.

    Raises:
        RunError: one is held already.
    """
    if warning := warn_of_logout(store):
        print(f"namestui: {warning}", file=sys.stderr)
    for run, arguments in in_turn(runs, jobs):
        launch(store, run, *arguments)
        print(f'{{"run":"{run.id}"}}' if json else run.id, flush=True)
    return 0


def train_runs(store: RunStore, runs: Sequence[RunDirectory], planned: Plan, *, jobs: int, json: bool) -> int:
    """Train ``runs``, at most ``jobs`` at once, to their ends; the exit status: 0 only when all finished."""
    return _tell(_Training(store, runs, jobs), runs, json=json, planned=planned)


def follow_run(store: RunStore, run: RunDirectory, *, json: bool) -> int:
    """Tell the history of a run and then what it does, until it ends; the exit status: 0 when it finished."""
    return _tell(_Following(store, [run], jobs=1), [run], json=json, planned=Plan([]))


def _tell(watching: _Watching, runs: Sequence[RunDirectory], *, json: bool, planned: Plan) -> int:
    reporter: Reporter
    if json:
        reporter = JsonReporter()
    else:
        reporter = (BarReporter if sys.stdout.isatty() else LineReporter)([run.id for run in runs], planned.summary)
    try:
        status = asyncio.run(watching.run(reporter))
    finally:
        reporter.close()
    if planned.folds > 1:
        earlier = len(planned.pretraining)
        reporter.sum_up(summarise_folds(planned.folds, watching.scores([run.id for run in runs[earlier:]])))
    return status


class _Watching:
    """Watches runs to their ends, at most ``jobs`` at once."""

    def __init__(self, store: RunStore, runs: Sequence[RunDirectory], jobs: int) -> None:
        self._client = EngineClient(store)
        self._waiting = deque(runs)
        self._watched: dict[str, tuple[RunDirectory, RunState]] = {}
        self._jobs = jobs
        self._ended: list[RunState] = []
        self._interrupted = False

    async def run(self, reporter: Reporter) -> int:
        self._reporter = reporter
        asyncio.get_running_loop().add_signal_handler(signal.SIGINT, self._on_interrupt)
        self._begin_next()
        while self._watched and not self._leave_now():
            for told in await self._client.queue.get():
                self._take(told, reporter)
        await self._client.close()
        if self._interrupted:
            self._say_farewell()
            return INTERRUPTED
        return 0 if all(state.state == "finished" for state in self._ended) else 1

    def scores(self, of: Sequence[str]) -> list[Score]:
        """What the test parts of those runs said that have finished, in their order."""
        return [
            Score(
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

    def _say_farewell(self) -> None:
        """What to print after Ctrl-C."""

    def _begin_next(self) -> None:
        while self._waiting and len(self._watched) < self._jobs and not self._interrupted:
            run = self._waiting.popleft()
            self._watched[run.id] = run, RunState(run.id, model=run.config().model)
            self._begin(run)

    def _take(self, told: Told, reporter: Reporter) -> None:
        if told.run not in self._watched:
            return
        run, state = self._watched[told.run]
        state.apply(told)
        reporter.tell(told, state)
        if self._has_ended(state, told):
            reporter.end(state, run.log_tail() if state.state in ("failed", "interrupted") else [])
            self._ended.append(state)
            del self._watched[told.run]
            self._begin_next()

    def _has_ended(self, state: RunState, told: Told) -> bool:
        # An interruption in the log is history: the worker that found it goes on from there.
        return not state.is_live and (state.state != "interrupted" or isinstance(told, WorkerGone))


class _Training(_Watching):
    """Starts the runs itself; Ctrl-C stops them with a checkpoint."""

    def _begin(self, run: RunDirectory) -> None:
        self._client.start(run)

    def _on_interrupt(self) -> None:
        """First Ctrl-C: save and stop. Second: leave at once; the workers save and stop by themselves."""
        if self._interrupted:
            self._reporter.close()  # bars hide the cursor
            self._say_farewell()
            sys.stdout.flush()
            for run, _ in self._watched.values():
                _ask_to_stop(run)  # what the first sent may not have been read yet, and goes with our connection
            signal.signal(signal.SIGINT, signal.SIG_DFL)
            signal.raise_signal(signal.SIGINT)
        self._interrupted = True
        for run_id in self._watched:
            self._client.send(run_id, commands.Stop)

    def _say_farewell(self) -> None:
        for state in (*self._ended, *(state for _, state in self._watched.values())):
            if state.state != "finished":
                print(f"namestui: {state.run} {state.state}; go on with: namestui resume {state.run}", file=sys.stderr)
        for run in self._waiting:
            print(f"namestui: {run.id} not started; go on with: namestui resume {run.id}", file=sys.stderr)


class _Following(_Watching):
    """Only looks; Ctrl-C leaves the run as it is."""

    def _begin(self, run: RunDirectory) -> None:
        self._history_read = False
        self._client.open(run)

    def _has_ended(self, state: RunState, told: Told) -> bool:
        # A stop in the history may have been followed by a resume: only the worker's absence ends a run for us,
        # or a change of state that comes from a worker we listen to.
        self._history_read = self._history_read or isinstance(told, Greeting | WorkerGone)
        return self._history_read and super()._has_ended(state, told)

    def _on_interrupt(self) -> None:
        self._interrupted = True
        self._client.queue.put_nowait([])

    def _leave_now(self) -> bool:
        return self._interrupted


def _ask_to_stop(run: RunDirectory) -> None:
    """Have the worker of this host that holds ``run`` save and stop, without a connection to it."""
    if run.is_locked():
        signal_worker(run, signal.SIGTERM)
