"""``namestui train`` once everything is planned: runs are started, watched to their ends, or left to themselves."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import Sequence

from namestui.engine.link.launch import in_turn, launch
from namestui.engine.link.logout import warn_of_logout
from namestui.engine.link.updates import Update
from namestui.engine.planning.plan import Plan
from namestui.runs import commands
from namestui.runs.events import StateChanged
from namestui.runs.folds import summarise_folds
from namestui.runs.process import signal_worker
from namestui.runs.store import RunDirectory, RunError, RunStore
from namestui.runs.text import inert
from namestui.tui.plain.bars import BarReporter
from namestui.tui.plain.capabilities import can_draw_bars
from namestui.tui.plain.json_lines import JsonReporter
from namestui.tui.plain.lines import LineReporter
from namestui.tui.plain.output import OutputError, say, say_json, warn
from namestui.tui.plain.reporters import Reporter
from namestui.tui.plain.watching import Watching
from namestui.tui.state.run_state import RunState


def start_detached(store: RunStore, runs: Sequence[RunDirectory], *, jobs: int, json: bool) -> int:
    """Start all runs, of which ``jobs`` train at once, and print their ids, as JSON an object a line; the exit status.

    Raises:
        RunError: one cannot be started; those behind it are removed, those before it train.
    """
    if warning := warn_of_logout(store):
        warn(warning)
    try:
        for run, earlier in in_turn(runs, jobs):
            launch(store, run, after=earlier, jobs=jobs)
    finally:
        store.discard(runs)  # nothing where all have been started
    for run in runs:
        if json:
            say_json({"run": run.id})
        else:
            say(inert(run.id))
    return 0


def train_runs(
    store: RunStore, runs: Sequence[RunDirectory], planned: Plan, *, jobs: int, json: bool, machine: bool = False
) -> int:
    """Train ``runs``, at most ``jobs`` at once, to their ends; the exit status: 0 only when all finished.

    With ``machine`` JSON holds what the machine does, too.

    Raises:
        RunError: one cannot be started.
        OutputError: nothing can be printed any more; what has been started trains on.
    """
    reporter: Reporter
    if json:
        reporter = JsonReporter(machine=machine)
    else:
        reporter = (BarReporter if can_draw_bars(sys.stdout) else LineReporter)(
            [run.id for run in runs], planned.summary
        )
    training = _Training(store, runs, jobs)
    try:
        status = asyncio.run(training.run(reporter))
    except OutputError:
        training.say_what_waits()
        raise
    except RunError:
        if training.has_begun:
            training.say_what_waits()
        else:
            store.discard(runs)
        raise
    finally:
        reporter.close()
    if planned.folds > 1:
        earlier = len(planned.pretraining)
        reporter.sum_up(summarise_folds(planned.folds, training.scores([run.id for run in runs[earlier:]])))
    return status


class _Training(Watching):
    """Starts the runs itself; Ctrl-C stops them with a checkpoint."""

    def say_what_waits(self) -> None:
        """Which runs have not been started, and how to."""
        for run in self._waiting:
            warn(f"{run.id} not started; start it with: namestui resume {run.id}")

    def _begin(self, run: RunDirectory) -> None:
        self._client.start(run)

    def _has_ended(self, state: RunState, event: Update) -> bool:
        """Also where it has paused itself: nobody is here to see why, and others wait."""
        if isinstance(event, StateChanged) and event.state == "paused" and event.reason:
            self._client.send(state.run, commands.Stop())
            warn(
                f"{state.run} paused itself: {event.reason}; resume it with: namestui resume {state.run}, "
                "or start a new run with a lower --set learning_rate"
            )
        return super()._has_ended(state, event)

    def _on_interrupt(self) -> None:
        """First Ctrl-C: save and stop. Second: leave at once; the workers save and stop by themselves."""
        if self._interrupted:
            self._reporter.close()
            self._print_closing_message()
            for run, _ in self._watched.values():
                _ask_to_stop(run)  # what the first sent may not have been read yet, and goes with our connection
            signal.signal(signal.SIGINT, signal.SIG_DFL)
            signal.raise_signal(signal.SIGINT)
        self._interrupted = True
        for run_id in self._watched:
            self._client.send(run_id, commands.Stop())

    def _print_closing_message(self) -> None:
        for state in (*self._ended, *(state for _, state in self._watched.values())):
            if state.state != "finished":
                warn(f"{state.run} {state.state}; resume it with: namestui resume {state.run}")
        self.say_what_waits()


def _ask_to_stop(run: RunDirectory) -> None:
    """Have the worker of this host that holds ``run`` save and stop, without a connection to it."""
    if run.is_locked():
        signal_worker(run, signal.SIGTERM)
