"""``namestui follow``: the history of a run in lines, and then what it does."""

from __future__ import annotations

import asyncio

from namestui.engine.link.updates import Update, WorkerGone
from namestui.runs.events import Greeting
from namestui.runs.store import RunDirectory, RunStore
from namestui.tui.plain.json_lines import JsonReporter
from namestui.tui.plain.lines import LineReporter
from namestui.tui.plain.reporters import Reporter
from namestui.tui.plain.watching import Watching
from namestui.tui.state.run_state import RunState


def follow_run(store: RunStore, run: RunDirectory, *, json: bool, machine: bool = False) -> int:
    """Report the history of a run and then what it does, until it ends; the exit status: 0 when it finished.

    Lines also on a terminal: bars would leave out the history. With ``machine`` JSON holds what the machine does too.

    Raises:
        OutputError: nothing can be printed any more.
    """
    reporter: Reporter = JsonReporter(machine=machine) if json else LineReporter([run.id], [])
    return asyncio.run(_Following(store, [run], jobs=1).run(reporter))


class _Following(Watching):
    """Only reads; Ctrl-C leaves the run as it is."""

    def _begin(self, run: RunDirectory) -> None:
        self._history_read = False
        self._client.open(run)

    def _has_ended(self, state: RunState, event: Update) -> bool:
        # A stop in the history may have been followed by a resume: only the worker's absence ends a run for us,
        # or a change of state that comes from a worker we listen to.
        self._history_read = self._history_read or isinstance(event, Greeting | WorkerGone)
        return self._history_read and super()._has_ended(state, event)

    def _on_interrupt(self) -> None:
        self._interrupted = True
        self._client.queue.put_nowait([])

    def _leave_now(self) -> bool:
        return self._interrupted
