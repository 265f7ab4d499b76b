"""Which runs are compared: those of the tabs, or any others, which are followed for as long as it lasts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from namestui.engine.link.engine import Engine
from namestui.engine.link.updates import Update
from namestui.runs.events import RunStarted
from namestui.runs.store import RunError, RunStore
from namestui.runs.text import Inert, inert
from namestui.tui.state.chart_view import ChartView
from namestui.tui.state.compare import Compared, Configured, compared, configured
from namestui.tui.state.compare_view import CompareView
from namestui.tui.state.looks import Looks
from namestui.tui.state.open_runs import OpenRuns
from namestui.tui.state.run_state import RunState

MIN_RUNS = 2
"""One alone is compared with nothing."""


class Comparison:
    """Runs keep their numbers, and so their hues, for as long as it lasts; how they are looked at stays longer."""

    def __init__(self, store: RunStore, engine: Engine, runs: OpenRuns) -> None:
        """``runs`` are those with tabs, whose states are shared with it."""
        self.table = CompareView(column="best")
        self.looks = Looks(view=ChartView(x_axis="elapsed"))
        """Over the time that each has trained: what a race is about."""
        self.is_stale = False
        """Whether something has happened since it was drawn."""
        self._store = store
        self._engine = engine
        self._tabs = runs
        self._others = OpenRuns()
        self._ids: tuple[str, ...] = ()
        self._configured: tuple[list[RunStarted | None], Configured] = ([], configured([]))

    def begin(self, run_ids: Sequence[str], focus: str = "") -> list[Inert]:
        """Compare these runs, of which ``focus`` stands out at first; why some cannot be."""
        problems: list[Inert] = []
        found = []
        for run_id in dict.fromkeys(run_ids):
            if run_id not in self._tabs:
                run = self._store.get(run_id)
                try:
                    self._others.add(run)
                    self._engine.open(run)
                except RunError as error:
                    problems.append(inert(str(error)))
                    continue
            found.append(run_id)
        self._ids = tuple(found)
        self.table = replace(self.table, focus=focus if focus in found else next(iter(found), ""))
        return problems

    async def finish(self) -> None:
        """Follow no longer those that have no tab."""
        without = [state.run for state in self._others]
        self._ids, self._others = (), OpenRuns()
        if without:
            await self._engine.close(*without)

    def give_tab(self, run_id: str) -> None:
        """Keep what is known of a run that had no tab, and its place among those that have."""
        if run_id not in self._tabs:
            self._tabs.adopt(self._others[run_id])
            self._others.remove(run_id)

    @property
    def is_open(self) -> bool:
        """Whether runs are compared now."""
        return bool(self._ids)

    def apply(self, update: Update) -> None:
        """Fold in an update of a run without a tab; those of the tabs are folded in already."""
        self._others.apply(update)
        self.is_stale = True

    def states(self) -> list[RunState]:
        """The runs, the one with number 1 first."""
        return [self._tabs[run_id] if run_id in self._tabs else self._others[run_id] for run_id in self._ids]

    def runs(self) -> list[Compared]:
        """What is known of them."""
        return [compared(number, state) for number, state in enumerate(self.states(), 1)]

    def configured(self) -> Configured:
        """How they are set; the same object until a run has begun that had not."""
        started = [state.started for state in self.states()]
        before, found = self._configured
        if len(started) != len(before) or any(now is not then for now, then in zip(started, before, strict=True)):
            found = configured(started)
            self._configured = started, found
        return found
