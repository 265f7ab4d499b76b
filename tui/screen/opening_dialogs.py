"""Keys that open a dialog over the panes, and what is done with its answer."""

from __future__ import annotations

from collections.abc import Sequence

from textual import on, work

from namestui.engine.planning.plan import create
from namestui.runs import commands
from namestui.runs.store import RunError, host_name
from namestui.runs.text import Inert, inert
from namestui.tui.dialogs.all_runs import AllRuns
from namestui.tui.dialogs.console import Console
from namestui.tui.dialogs.examples import ExamplesScreen
from namestui.tui.dialogs.explain import ExplainScreen
from namestui.tui.dialogs.help import HelpScreen
from namestui.tui.dialogs.machine import MachineScreen
from namestui.tui.dialogs.new_run import NewRun
from namestui.tui.screen.commands import live_keys
from namestui.tui.screen.compare import CompareScreen
from namestui.tui.screen.run_tabs import Tabbing
from namestui.tui.state.comparison import MIN_RUNS
from namestui.tui.widgets.matrix.confusion_matrix import ConfusionMatrix
from namestui.tui.words.about import about


class Dialogs(Tabbing):
    """One dialog an action."""

    @work
    async def action_new_run(self) -> None:
        """Ask what to train, and train it in new tabs."""
        wanted = await self.app.push_screen_wait(NewRun(self._store, self._config))
        if wanted is None:
            return
        self._say_summary(wanted.summary)
        try:
            created = create(self._store, wanted)
            self._opening.start(created)
        except RunError as error:
            self._complain(inert(str(error)))
            return
        finally:
            self._show_tabs()
        self.action_tab(self._runs.number(created[0].id))

    @work
    async def action_all_runs(self) -> None:
        """Choose among all runs there are."""
        at = self._runs.shown.run if self._runs.shown else ""
        wish = await self.app.push_screen_wait(AllRuns(self._store, self._stop_one, glyphs=self._glyphs, at=at))
        for state in self._runs:
            self._runs.read_name_again(self._store.get(state.run))
        self._redraw(force=True)
        if wish is None:
            return
        if wish.what == "compare":
            await self._compare(wish.run_ids)
            return
        for problem in await self._opening.fulfil(wish.run_ids, resume=wish.what == "resume"):
            self._complain(problem)
        self._show_tabs()
        if wish.run_ids[0] in self._runs:
            self.action_tab(self._runs.number(wish.run_ids[0]))

    @work
    async def action_compare(self) -> None:
        """The runs of all tabs side by side."""
        await self._compare([state.run for state in self._runs])

    async def _compare(self, run_ids: Sequence[str]) -> None:
        """These runs side by side, also those without a tab; the one that is wanted then gets one."""
        for problem in self._comparison.begin(run_ids, focus=self._runs.shown.run if self._runs.shown else ""):
            self._complain(problem)
        if len(self._comparison.states()) < MIN_RUNS:
            self.notify("compare takes two runs or more: open or start another", markup=False)
            await self._comparison.finish()
            return
        wanted = await self.app.push_screen_wait(
            CompareScreen(self._comparison, keymap=self._keymap, glyphs=self._glyphs)
        )
        if wanted is not None:
            self._comparison.give_tab(wanted)
        await self._comparison.finish()
        self._show_tabs()
        if wanted is not None:
            self.action_tab(self._runs.number(wanted))

    async def _stop_one(self, run_id: str) -> str:
        """Stop a live run, with a tab or without; why it has not been, or an empty text."""
        if run_id in self._runs:
            return await self._steer.stop(self._runs[run_id])
        return await self._steer.stop_without_tab(run_id)

    def action_explain(self) -> None:
        """Compare the shown run with the open run beside it."""
        state, other = self._runs.shown, self._runs.beside
        if state is None or other is None:
            self.notify("explain compares two open runs: open or start another", markup=False)
        else:
            self.app.push_screen(ExplainScreen(self._store, state.run, other.run))

    def action_console(self) -> None:
        """What the worker of the shown run has printed."""
        if (state := self._runs.shown) is not None:
            self.app.push_screen(Console(self._store.get(state.run)))

    def action_machine(self) -> None:
        """What the worker of the shown run and its machine do."""
        if self._runs.shown is not None:
            self.app.push_screen(MachineScreen(inert(host_name()), lambda: self._runs.shown, glyphs=self._glyphs))

    def action_help(self) -> None:
        """The keys that work now, and what the shown run is."""
        self.app.push_screen(HelpScreen(live_keys(self, self._glyphs), about(self._runs.shown)))

    @on(ConfusionMatrix.CellSelected)
    def _on_cell(self, event: ConfusionMatrix.CellSelected) -> None:
        state = self._runs.shown
        if state is None or state.started is None or self._leave_asked:
            return
        labels = state.started.classes
        title = Inert(f"{inert(labels[event.row])} taken for {inert(labels[event.column])}")
        cell = commands.ListExamples(true=event.row, predicted=event.column)
        self.app.push_screen(ExamplesScreen(title, lambda: self._engine.ask(state.run, cell)))
