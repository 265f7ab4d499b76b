"""The screen: wiring and keys. State is folded in `state.py`; widgets draw it."""

from __future__ import annotations

import asyncio
import importlib
import locale
from collections.abc import Sequence
from typing import ClassVar

from textual import on, work
from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.events import Resize
from textual.widgets import Footer, Input, Static, Tabs

from namestui.engine.client import Engine, EngineClient, Told
from namestui.runs import commands, events
from namestui.runs.store import RunDirectory, RunError, RunStore, Session, host_name
from namestui.runs.text import inert
from namestui.tui.open_runs import OpenRuns
from namestui.tui.screens.examples import ExamplesScreen
from namestui.tui.screens.help import HelpScreen
from namestui.tui.screens.leave import LeaveScreen
from namestui.tui.state import RunState
from namestui.tui.themes import DARK, LIGHT
from namestui.tui.widgets.chart import Chart
from namestui.tui.widgets.confusion_matrix import ConfusionMatrix
from namestui.tui.widgets.curves import accuracy_curves, loss_curves
from namestui.tui.widgets.name_prompt import NamePrompt
from namestui.tui.widgets.pane_tabs import PANES, PaneTabs
from namestui.tui.widgets.predictions import Predictions
from namestui.tui.widgets.progress_line import ProgressLine
from namestui.tui.widgets.run_tabs import RunTabs
from namestui.tui.widgets.trouble import Trouble

REDRAW_EVERY = 0.5
"""Seconds between two redraws of what streams in; answers to keys are drawn at once."""
WIDE, HIGH = 118, 34
"""Columns and rows from which all panes are shown at once."""
EMPTY_CURVES = "waiting for the first epoch…"
EMPTY_MATRIX = "after the first epoch: which language is taken for which"
EMPTY_PREDICTIONS = "type a name and press Enter: what every open run takes it for"


class NamesApp(App[int]):
    """Draws the runs whose events come in, and sends commands; nothing here outlives or holds up a run."""

    CSS_PATH = "namestui.tcss"
    TITLE = "namestui"
    ENABLE_COMMAND_PALETTE = True
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("p,space", "pause", "pause"),
        Binding("slash,i", "predict", "predict", key_display="/"),
        Binding("m", "matrix", "matrix"),
        Binding("s", "stop", "stop", show=False),
        Binding("r", "resume", "resume", show=False),
        Binding("y", "log_axis", "log axis", show=False),
        Binding("d", "dark", "dark/light", show=False),
        Binding("colon", "command_palette", "palette", key_display=":", show=False),
        Binding("question_mark", "help", "help", key_display="?"),
        Binding("q", "leave", "leave"),
        Binding("escape", "go_back", "back"),
        *(Binding(str(n), f"tab({n})", f"tab {n}", show=False) for n in range(1, 10)),
    ]

    def __init__(
        self,
        store: RunStore,
        run_ids: Sequence[str] = (),
        summary: Sequence[str] = (),
        *,
        engine: Engine | None = None,
    ) -> None:
        super().__init__()
        self.register_theme(DARK)
        self.register_theme(LIGHT)
        self.theme = DARK.name
        self.farewell: list[str] = []
        self._store = store
        self._wanted = list(run_ids)
        self._summary = list(summary)
        self._engine: Engine = engine or EngineClient(store)
        self._runs = OpenRuns(self._engine)
        self._ascii = "utf" not in locale.getpreferredencoding(False).lower()
        self._log_axis = False
        self._stale = False
        self._leaving = False

    def compose(self) -> ComposeResult:
        """Head, curves, matrix, predict, progress, keys."""
        with Horizontal(id="head"):
            yield Static("namestui", id="brand")
            yield RunTabs(ascii_only=self._ascii, id="runs")
            yield Static("", id="where")
        yield PaneTabs(id="panes")
        with Horizontal(id="curves"):
            yield Chart("loss", empty=EMPTY_CURVES, ascii_only=self._ascii, id="loss")
            yield Chart("accuracy", empty=EMPTY_CURVES, ascii_only=self._ascii, id="accuracy")
        yield ConfusionMatrix(empty=EMPTY_MATRIX, ascii_only=self._ascii, id="matrix")
        with Vertical(id="predict") as predict:
            predict.border_title = "predict"
            with Horizontal():
                yield Static("name > " if self._ascii else "name ▸ ", id="arrow")
                yield NamePrompt(id="name")
                yield Static("", id="warning")
            yield Predictions(empty=EMPTY_PREDICTIONS, ascii_only=self._ascii, id="predictions")
        yield Trouble(id="trouble")
        yield ProgressLine(ascii_only=self._ascii, id="progress")
        yield Footer(show_command_palette=False)

    def on_mount(self) -> None:
        """Keep the widgets at hand; begin once the first frame is painted."""
        self._tabs = self.query_one(RunTabs)
        self._loss = self.query_one("#loss", Chart)
        self._accuracy = self.query_one("#accuracy", Chart)
        self._matrix = self.query_one(ConfusionMatrix)
        self._prompt = self.query_one("#name", Input)
        self._warning = self.query_one("#warning", Static)
        self._predictions = self.query_one(Predictions)
        self._trouble = self.query_one(Trouble)
        self._progress = self.query_one(ProgressLine)
        session = self._store.read_session()
        if session.theme in self.available_themes:
            self.theme = session.theme
        self._matrix.percent = session.percent
        self.screen.add_class("curves")
        self._matrix.focus()
        self.call_after_refresh(self._begin, session)

    async def _begin(self, session: Session) -> None:
        """Open the runs asked for, else those that live, else the last session's, else the first two ever."""
        self._follow()
        self.set_interval(REDRAW_EVERY, self._redraw)
        # Off the loop's thread, so that loading the chart library does not hold up a key.
        await asyncio.to_thread(importlib.import_module, "plotext")
        try:
            if self._wanted:
                self._start([self._store.get(run_id) for run_id in self._wanted])
            elif runs := self._to_reopen(session):
                self._open(runs)
            else:
                await self._start_first()
        except RunError as error:
            self.notify(str(error), severity="error", markup=False, timeout=30)
        if self._summary:
            self.notify("\n".join(self._summary), title="corpus", markup=False, timeout=10)

    def _to_reopen(self, session: Session) -> list[RunDirectory]:
        """The runs that live, with the tabs that were left beside them; where none lives, the last session's."""
        live = [run.id for run in self._store.live()]
        with_session = not live or set(live) & set(session.runs)
        ids = dict.fromkeys([*(session.runs if with_session else []), *live])
        return [self._store.get(run_id) for run_id in ids]

    async def _start_first(self) -> None:
        from namestui.tui.plan import UsageError, create, plan

        try:
            configs, _ = plan([], epochs=None, corpus="bundled", split="grouped", seed=0, device="auto")
        except UsageError as error:
            self.notify(str(error), severity="error", markup=False, timeout=30)
            return
        self._start(create(self._store, configs))

    def _open(self, runs: Sequence[RunDirectory]) -> None:
        for run in runs:
            self._runs.add(run)
            self._engine.open(run)
        self._redraw(force=True)
        self._remember()

    def _start(self, runs: Sequence[RunDirectory]) -> None:
        for run in runs:
            self._runs.add(run)
            self._engine.start(run)
        self._redraw(force=True)
        self._remember()

    # What streams in

    @work(exit_on_error=True)
    async def _follow(self) -> None:
        """Fold in what the runs tell; what answers a key is drawn at once, the rest at the next redraw."""
        while True:
            batch = await self._engine.queue.get()
            answers = False
            for told in batch:
                self._runs.apply(told)
                answers = answers or isinstance(
                    told, events.StateChanged | events.Predicted | events.Refused | events.Examples
                )
                self._react(told)
            self._stale = True
            if answers:
                self._redraw()

    def _react(self, told: Told) -> None:
        if isinstance(told, events.Examples) and isinstance(self.screen, ExamplesScreen):
            self.screen.show(told)
        elif isinstance(told, events.Refused):
            if not self._runs.is_prediction(told.request):
                self.notify(inert(told.reason), severity="warning", markup=False)
        elif isinstance(told, events.Alert) and self._runs.is_news(told):
            title = self._runs[told.run].title
            self.notify(f"{title}: {inert(told.message)}", severity="warning", markup=False, timeout=15)

    def _redraw(self, *, force: bool = False) -> None:
        """Draw the shown run; widgets repaint only what differs."""
        if not (self._stale or force):
            return
        self._stale = False
        runs = self._runs
        self._tabs.show_runs(runs.titles(), [state.state for state in runs])
        state = runs.shown
        self._progress.show(state)
        self._trouble.show(state)
        self._draw_where(state)
        if state is None:
            return
        x_limits = (1.0, float(max(state.planned_epochs, 2)))
        self._loss.show(loss_curves(state), x_limits, log_y=self._log_axis)
        self._accuracy.show(accuracy_curves(state), x_limits, (0.0, 1.0))
        if state.started is not None:
            labels = [inert(label) for label in state.started.classes]
            confusion = state.confusion
            title = f"confusion · {state.title}" + (f" · epoch {confusion.epoch}" if confusion else "")
            self._matrix.show(labels, confusion.matrix if confusion else [], title)
        self._predictions.show(runs.answers())
        self._warning.update(Content(runs.warning()))
        runs.ask_again()

    def _draw_where(self, state: RunState | None) -> None:
        device = state.started.device if state is not None and state.started is not None else ""
        live = sum(one.is_live for one in self._runs)
        parts = [inert(host_name()), inert(device), f"{live} live"]
        self.query_one("#where", Static).update(Content((" - " if self._ascii else " · ").join(filter(None, parts))))

    # Keys

    def action_pause(self) -> None:
        """Pause or resume the shown run."""
        state = self._runs.shown
        if state is None:
            return
        if state.state == "running":
            self._engine.send(state.run, commands.Pause)
            state.expect("pausing")
        elif state.state == "paused":
            self._engine.send(state.run, commands.Resume)
        elif state.state == "finished":
            self.notify(f"{state.title} is finished; to train on: namestui extend {state.run} EPOCHS", markup=False)
        elif not state.is_live:
            self.notify(f"{state.title} is {state.state}; r resumes it", markup=False)
        self._redraw(force=True)

    def action_stop(self) -> None:
        """Save a checkpoint of the shown run and end its worker."""
        state = self._runs.shown
        if state is not None and state.is_live:
            self._engine.send(state.run, commands.Stop)
            state.expect("stopping")
            self._redraw(force=True)

    def action_resume(self) -> None:
        """Train on: after a pause, a stop, a failure or an interruption."""
        state = self._runs.shown
        if state is None:
            return
        if state.state == "paused":
            self._engine.send(state.run, commands.Resume)
        elif state.state in ("stopped", "failed", "interrupted"):
            try:
                self._engine.resume(self._store.get(state.run))
            except RunError as error:
                self.notify(str(error), severity="error", markup=False)
                return
            state.expect("starting")
            self._redraw(force=True)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002
        """Esc leads back only from somewhere, and the prompt needs no key that leads to it."""
        in_prompt = isinstance(self.focused, Input)
        if action == "go_back":
            return in_prompt or self.screen.has_class("narrow")
        return not (action == "predict" and in_prompt)

    async def action_quit(self) -> None:
        """Textual's own key (ctrl+q) leaves the same way."""
        self.action_leave()

    def action_predict(self) -> None:
        """Go to the name prompt."""
        self._show_pane("predict")
        self._prompt.focus()

    def action_matrix(self) -> None:
        """Go to the confusion matrix."""
        self._show_pane("matrix")
        self._matrix.focus()

    def action_go_back(self) -> None:
        """Out of the prompt, back to the matrix (or the curves on a small terminal)."""
        if self._prompt.has_focus:
            self._matrix.focus()
        elif self.screen.has_class("narrow"):
            self._show_pane("curves")

    def action_log_axis(self) -> None:
        """Show losses on a logarithmic axis, or back."""
        self._log_axis = not self._log_axis
        self._redraw(force=True)

    def action_dark(self) -> None:
        """Between the dark and the light theme."""
        self.theme = LIGHT.name if self.current_theme.dark else DARK.name

    def action_tab(self, number: int) -> None:
        """Show the run with this number."""
        if number <= len(self._runs):
            self._tabs.active = f"run-{number - 1}"

    def action_help(self) -> None:
        """The keys that work now, and what the shown run is."""
        self.push_screen(HelpScreen(self._live_keys(), self._runs.about()))

    @work
    async def action_leave(self) -> None:
        """Leave; where runs live, ask what becomes of them."""
        live = [state for state in self._runs if state.is_live]
        choice = await self.push_screen_wait(LeaveScreen(len(live))) if live else "leave"
        if choice == "cancel":
            return
        if choice == "stop":
            await self._runs.stop_all()
        self._say_farewell()
        await self._engine.close()
        self.exit(0)

    def _say_farewell(self) -> None:
        live = [state for state in self._runs if state.is_live]
        self.farewell = [f"{state.title} trains on ({state.run})" for state in live]
        if live:
            self.farewell.append("come back with: namestui")
        stopped = [state for state in self._runs if state.state == "stopped"]
        self.farewell += [f"{state.title} is stopped; go on with: namestui resume {state.run}" for state in stopped]
        self._remember()

    def _remember(self) -> None:
        """Keep which tabs are open, for the next time: at once, since a terminal may vanish without a word."""
        session = Session(runs=[state.run for state in self._runs], theme=self.theme, percent=self._matrix.percent)
        try:
            self._store.write_session(session)
        except OSError as error:
            self.notify(f"the open tabs cannot be remembered: {error.strerror}", severity="warning", markup=False)

    # What widgets and the terminal tell

    @on(Tabs.TabActivated, "#runs")
    def _on_run_shown(self, event: Tabs.TabActivated) -> None:
        self._runs.show(int((event.tab.id or "run-0").removeprefix("run-")))
        self._redraw(force=True)

    @on(Tabs.TabActivated, "#panes")
    def _on_pane_shown(self, event: Tabs.TabActivated) -> None:
        self._set_pane((event.tab.id or "").removeprefix("pane-"))

    @on(Input.Submitted, "#name")
    def _on_name(self, event: Input.Submitted) -> None:
        if event.value.strip():
            self._runs.ask(event.value)
            self._redraw(force=True)

    @on(ConfusionMatrix.CellSelected)
    def _on_cell(self, event: ConfusionMatrix.CellSelected) -> None:
        state = self._runs.shown
        if state is None or state.started is None:
            return
        labels = state.started.classes
        title = f"{inert(labels[event.row])} taken for {inert(labels[event.column])}"
        self.push_screen(ExamplesScreen(title))
        self._engine.send(state.run, commands.ListExamples, true=event.row, predicted=event.column)

    def on_resize(self, event: Resize) -> None:
        """All panes at once where they fit, else one at a time."""
        narrow = event.size.width < WIDE or event.size.height < HIGH
        self.screen_stack[0].set_class(narrow, "narrow")
        self.call_after_refresh(self._redraw, force=True)

    def _show_pane(self, pane: str) -> None:
        self.query_one(PaneTabs).active = f"pane-{pane}"
        self._set_pane(pane)

    def _set_pane(self, pane: str) -> None:
        for other in PANES:
            self.screen_stack[0].set_class(other == pane, other)

    def _live_keys(self) -> list[tuple[str, str]]:
        """Key and meaning of every binding that would act now, the tabs' digits as one."""
        keys: dict[str, list[str]] = {}
        for active in self.screen.active_bindings.values():
            binding = active.binding
            ours = binding.description and not binding.system and binding.description[0].islower()
            if active.enabled and ours and not binding.key.isdigit():
                meaning = "move" if binding.action.startswith("move(") else binding.description
                keys.setdefault(meaning, []).append(self.get_key_display(binding))
        return [(" ".join(dict.fromkeys(shown)), meaning) for meaning, shown in keys.items()] + [("1…9", "tabs")]
