"""The main screen: wiring and keys. State is folded in `tui/state/`; widgets draw it."""

from __future__ import annotations

import asyncio
import importlib
from collections.abc import Awaitable, Sequence
from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.screen import Screen
from textual.widgets import Input, Tabs

from namestui.engine.link.client import EngineClient
from namestui.engine.link.engine import Engine
from namestui.engine.link.logout import warn_of_logout
from namestui.engine.planning.plan import create
from namestui.engine.planning.wanted import UsageError
from namestui.runs import commands, events
from namestui.runs.store import RunError, RunStore, host_name
from namestui.runs.text import Inert, inert
from namestui.tui.dialogs.alerts import SEVERITIES, AlertsScreen
from namestui.tui.dialogs.all_runs import AllRuns
from namestui.tui.dialogs.console import Console
from namestui.tui.dialogs.examples import ExamplesScreen
from namestui.tui.dialogs.explain import ExplainScreen
from namestui.tui.dialogs.help import HelpScreen
from namestui.tui.dialogs.leave import LeaveScreen
from namestui.tui.dialogs.new_run import NewRun
from namestui.tui.screen.actions import ACTIONS, FOOT, Now, is_offered
from namestui.tui.screen.commands import live_keys
from namestui.tui.screen.run_view import RunView
from namestui.tui.screen.themes import look, palette_of
from namestui.tui.state.name_question import NameQuestion
from namestui.tui.state.open_runs import OpenRuns
from namestui.tui.state.opening import Opening
from namestui.tui.state.steer import Steer, how_to_train_on
from namestui.tui.widgets.foot import Foot
from namestui.tui.widgets.glyphs import UNICODE, Glyphs
from namestui.tui.widgets.head import Head
from namestui.tui.widgets.matrix.confusion_matrix import ConfusionMatrix
from namestui.tui.words.about import about, closing_message

REDRAW_EVERY = 0.5
"""Seconds between two redraws of what streams in; answers to keys are drawn at once."""


class MainScreen(Screen[None]):
    """Draws the runs whose events come in, and sends commands; nothing here outlives or holds up a run."""

    AUTO_FOCUS = None
    BINDINGS: ClassVar[list[BindingType]] = [action.binding() for action in ACTIONS]

    def __init__(
        self,
        store: RunStore,
        run_ids: Sequence[str] = (),
        summary: Sequence[str] = (),
        *,
        engine: Engine | None = None,
        attach: bool = False,
        replay: str = "",
        jobs: int = 0,
        glyphs: Glyphs = UNICODE,
    ) -> None:
        """Open ``run_ids``, starting them unless ``attach``; without any, those that live or were open last.

        ``replay`` is what to call a replay, in which nothing lives; empty where runs are what they seem. Of the runs
        that are started ``jobs`` train at once, the others wait for their turn; 0: all.
        """
        super().__init__()
        self.farewell: list[str] = []
        self.is_leaving = False
        self._store = store
        self._wanted = list(run_ids)
        self._only_open = attach
        self._replay = replay
        self._summary = list(summary)
        self._engine: Engine = engine or EngineClient(store)
        self._runs = OpenRuns()
        self._opening = Opening(store, self._engine, self._runs, jobs=jobs)
        self._question = NameQuestion(self._engine, self._on_answer)
        self._steer = Steer(store, self._engine)
        self._glyphs = glyphs
        self._head = Head(glyphs=glyphs)
        self._view = RunView(glyphs=glyphs)
        self._log_axis = self._stale = self._leave_asked = False
        self._keys_for: tuple[object, ...] = ()

    def compose(self) -> ComposeResult:
        """Head, curves, matrix, predict, progress, keys."""
        yield self._head
        yield self._view
        yield Foot(FOOT)

    def on_mount(self) -> None:
        """Begin once the first frame is painted."""
        self.call_after_refresh(self._begin)

    async def _begin(self) -> None:
        """Open the runs asked for, else those that live, else the last session's, else the first two ever."""
        session = self._store.read_session()
        self._view.matrix.percent = session.percent
        self._focus_matrix()
        self._follow()
        self.set_interval(REDRAW_EVERY, self._redraw)
        # Off the loop's thread, so that loading the chart library and asking logind do not hold up a key.
        await asyncio.to_thread(importlib.import_module, "plotext")
        warning = await asyncio.to_thread(warn_of_logout, self._store)
        try:
            problems = self._opening.begin(self._wanted, session, only_open=self._only_open)
            if problems is None:
                self._opening.start(await asyncio.to_thread(self._opening.first_runs))
        except (RunError, UsageError) as error:
            problems = [inert(str(error))]
        for problem in problems or ():
            self._complain(problem, timeout=30)
        self._show_tabs()
        if warning and not self._replay:
            self.notify(warning, severity="warning", markup=False, timeout=30)
        self._say_summary(self._summary)

    def _say_summary(self, summary: Sequence[str]) -> None:
        """What cleaning the corpus changed, if it changed anything."""
        if summary:
            self.notify("\n".join(summary), title="corpus", markup=False, timeout=10)

    def _show_tabs(self) -> None:
        """The tabs are others than before."""
        self._redraw(force=True)
        self._remember()

    # What streams in

    @work(exit_on_error=True)
    async def _follow(self) -> None:
        """Fold in what happens to the runs; a change of state is drawn at once, the rest at the next redraw."""
        while True:
            batch = await self._engine.queue.get()
            for update in batch:
                self._runs.apply(update)
                if isinstance(update, events.Alert) and self._runs.is_news(update):
                    title, severity = self._runs[update.run].title, SEVERITIES[update.level]
                    self.notify(f"{title}: {inert(update.message)}", severity=severity, markup=False, timeout=15)
            self._stale = True
            if any(isinstance(update, events.StateChanged) for update in batch):
                self._redraw()

    def _on_answer(self, is_first: bool) -> None:
        """The first answer to a name is drawn at once, those that follow as a run learns at the next redraw."""
        self._stale = True
        if is_first:
            self._redraw()

    def _redraw(self, *, force: bool = False) -> None:
        """Draw the shown run; widgets repaint only what differs."""
        if not (self._stale or force) or not self.is_attached:
            return
        self._stale = False
        runs = self._runs
        self._view.draw(runs, self._question, log_axis=self._log_axis)
        here = [] if self._view.is_narrow else [inert(host_name()), *runs.whereabouts()]
        self._head.show(runs, [inert(self._replay)] if self._replay else here)
        keys_for = (runs.shown.state if runs.shown else "", [state.state for state in runs].count("interrupted"))
        if keys_for != self._keys_for:
            self._keys_for = keys_for
            self.refresh_bindings()

    # Keys

    def action_pause(self) -> None:
        """Pause the shown run."""
        if (state := self._runs.shown) is not None:
            self._carry_out(self._steer.pause(state))

    def action_resume(self) -> None:
        """Train on: after a pause, a stop, a failure or an interruption."""
        if (state := self._runs.shown) is not None:
            self._carry_out(self._steer.resume(state))

    action_resume_paused = action_resume

    def action_resume_all(self) -> None:
        """After a reboot: every interrupted run with a tab trains on."""
        self._carry_out(self._steer.resume_all(self._runs))

    def action_extend(self) -> None:
        """Say how an ended run trains on."""
        state = self._runs.shown
        if state is not None:
            self.notify("the replay is over" if self._replay else how_to_train_on(state), markup=False)

    def action_stop(self) -> None:
        """Save a checkpoint of the shown run and end its worker."""
        if (state := self._runs.shown) is not None:
            self._carry_out(self._steer.stop(state))

    @work
    async def _carry_out(self, steering: Awaitable[str]) -> None:
        """Show what is on its way, and then why it has not come out, where it has not."""
        on_its_way = asyncio.ensure_future(steering)
        await asyncio.sleep(0)  # now it has begun
        self._redraw(force=True)
        if problem := await on_its_way:
            self._complain(problem)
        self._redraw(force=True)

    def _complain(self, problem: str, timeout: float | None = None) -> None:
        self.notify(problem, severity="error", markup=False, timeout=timeout)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002
        """Keys that would do nothing are not offered."""
        if self._leave_asked or not self.is_attached:
            return False
        pane = self._view.pane if self._view.is_narrow else ""
        in_prompt = isinstance(self.focused, Input)
        now = Now(runs=self._runs, is_replay=bool(self._replay), pane=pane, in_prompt=in_prompt)
        return is_offered(action, now)

    @work
    async def action_new_run(self) -> None:
        """Ask what to train, and train it in new tabs."""
        wanted = await self.app.push_screen_wait(NewRun(self._store))
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
        wish = await self.app.push_screen_wait(
            AllRuns(self._store, at=self._runs.shown.run if self._runs.shown else "")
        )
        for state in self._runs:
            self._runs.read_name_again(self._store.get(state.run))
        self._redraw(force=True)
        if wish is None:
            return
        for problem in await self._opening.fulfil(wish.run_ids, resume=wish.what == "resume"):
            self._complain(problem)
        self._show_tabs()
        if wish.run_ids[0] in self._runs:
            self.action_tab(self._runs.number(wish.run_ids[0]))

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

    def action_alerts(self) -> None:
        """All that the record of the shown run warns of."""
        if (state := self._runs.shown) is not None:
            self.app.push_screen(AlertsScreen(state.title, state.alerts))

    def action_predict(self) -> None:
        """Go to the name prompt."""
        self._view.show_pane("predict")
        self.set_focus(self._view.prompt)  # at once: what is typed next belongs to it

    def action_matrix(self) -> None:
        """Go to the confusion matrix."""
        self._view.show_pane("matrix")
        self.set_focus(self._view.matrix)

    def action_go_back(self) -> None:
        """Out of the prompt; on a small terminal then back to the curves."""
        if not self._view.prompt.has_focus:
            self._view.show_pane("curves")
        self._focus_matrix()

    def _focus_matrix(self) -> None:
        """Its keys work where it can be seen, and nowhere else."""
        is_seen = not self._view.is_narrow or self._view.pane == "matrix"
        self.set_focus(self._view.matrix if is_seen else None)

    def action_log_axis(self) -> None:
        """Show losses on a logarithmic axis, or back."""
        self._log_axis = not self._log_axis
        self._redraw(force=True)

    def action_dark(self) -> None:
        """Between the dark and the light theme."""
        theme = self.app.current_theme
        self.app.theme = look(palette_of(theme), dark=not theme.dark).name

    def action_tab(self, number: int) -> None:
        """Show the run with this number."""
        if 1 <= number <= len(self._runs):
            self._head.tabs.active = f"run-{number - 1}"

    def action_next_tab(self, step: int) -> None:
        """Show the run beside the shown one, round and round."""
        if (state := self._runs.shown) is not None:
            self.action_tab((self._runs.number(state.run) - 1 + step) % len(self._runs) + 1)

    @work(exclusive=True, group="tabs")
    async def action_close_tab(self) -> None:
        """Close the shown tab; its run does what it did."""
        state = self._runs.shown
        if state is None:
            return
        self._question.forget(state.run)
        await self._engine.close(state.run)
        self._runs.remove(state.run)
        await self._head.tabs.remove_last()
        self._show_tabs()

    def action_help(self) -> None:
        """The keys that work now, and what the shown run is."""
        self.app.push_screen(HelpScreen(live_keys(self, self._glyphs), about(self._runs.shown)))

    @work
    async def action_leave(self) -> None:
        """Leave; where runs live, ask what becomes of them."""
        if self._leave_asked:
            return
        self._leave_asked = True
        elsewhere = [] if self._replay else await asyncio.to_thread(self._opening.live_elsewhere)
        live = [] if self._replay else [state.state for state in self._runs if state.is_live]
        choice = await self.app.push_screen_wait(LeaveScreen(live, len(elsewhere))) if live else "leave"
        if choice == "cancel":
            self._leave_asked = False
            return
        self.is_leaving = True
        if choice == "stop":
            await self._steer.stop_all(self._runs)
        if not self._replay:
            self.farewell = closing_message(self._runs, elsewhere)
            self._remember()
        self._question.forget()
        await self._engine.close()
        self.app.exit(0)

    def _remember(self) -> None:
        """Keep which tabs are open, for the next time: at once, since a terminal may vanish without a word."""
        if self._replay:
            return
        try:
            self._opening.remember(theme=self.app.theme, percent=self._view.matrix.percent)
        except OSError as error:
            self.notify(f"the open tabs cannot be remembered: {error.strerror}", severity="warning", markup=False)

    # What widgets and the terminal report

    @on(Tabs.TabActivated, "#runs")
    def _on_run_shown(self, event: Tabs.TabActivated) -> None:
        self._runs.show(int((event.tab.id or "run-0").removeprefix("run-")))
        self._redraw(force=True)

    @on(Tabs.TabActivated, "#panes")
    def _on_pane_shown(self, event: Tabs.TabActivated) -> None:
        self._view.show_pane((event.tab.id or "").removeprefix("pane-"))
        self._leave_what_is_hidden()

    def _leave_what_is_hidden(self) -> None:
        """No key may act on a pane that cannot be seen."""
        if self.focused is not self._view.prompt or (self._view.is_narrow and self._view.pane != "predict"):
            self._focus_matrix()
        self.refresh_bindings()

    @on(Input.Submitted, "#name")
    def _on_name(self, event: Input.Submitted) -> None:
        if event.value.strip() and not self._leave_asked:
            self._question.ask(event.value, self._runs)
            self._redraw(force=True)

    @on(ConfusionMatrix.CellSelected)
    def _on_cell(self, event: ConfusionMatrix.CellSelected) -> None:
        state = self._runs.shown
        if state is None or state.started is None or self._leave_asked:
            return
        labels = state.started.classes
        title = Inert(f"{inert(labels[event.row])} taken for {inert(labels[event.column])}")
        cell = commands.ListExamples(true=event.row, predicted=event.column)
        self.app.push_screen(ExamplesScreen(title, lambda: self._engine.ask(state.run, cell)))

    @on(RunView.Fitted)
    def _on_fitted(self) -> None:
        self._leave_what_is_hidden()
        self._redraw(force=True)
