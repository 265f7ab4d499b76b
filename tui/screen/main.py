"""The main screen: its parts put together, how it begins, and what streams in.

Where to add what: an action is a line of the table in `actions.py` and a method of the part that it is about.
`steering.py` pause, resume, stop · `panes.py` focus and zoom · `curve_keys.py` the epoch and how charts are looked at ·
`opening_dialogs.py` dialogs · `run_tabs.py` tabs · `news.py` alerts · `leaving.py` the way out · `desk.py` what they
share. Runs are compared on a screen of their own: `compare.py`.
State is folded in `tui/state/`; widgets draw it.
"""

from __future__ import annotations

import asyncio
from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.widgets import Input

from namestui.engine.link.logout import warn_of_logout
from namestui.engine.planning.wanted import UsageError
from namestui.runs import events
from namestui.runs.store import RunError
from namestui.runs.text import inert
from namestui.tui.screen.actions import ACTIONS, FOOT, FOOT_OF, is_offered
from namestui.tui.screen.keymap import Keymap
from namestui.tui.screen.leaving import Leaving
from namestui.tui.screen.news import News
from namestui.tui.screen.offered import Now
from namestui.tui.screen.opening_dialogs import Dialogs
from namestui.tui.screen.steering import Steering
from namestui.tui.screen.themes import look, palette_of
from namestui.tui.state.looks import Looks
from namestui.tui.widgets.foot import Foot

REDRAW_EVERY = 0.5
"""Seconds between two redraws of what streams in; answers to keys are drawn at once."""


class MainScreen(Steering, News, Dialogs, Leaving):
    """Draws the runs whose events come in, and sends commands; nothing here outlives or holds up a run."""

    BINDINGS: ClassVar[list[BindingType]] = [action.binding() for action in ACTIONS]

    def use_keys(self, keymap: Keymap) -> None:
        """Have the user's keys do what ours would; the foot, the help and the palette show them."""
        self._bindings = keymap.rebind(self._bindings)
        self._keymap = keymap

    def compose(self) -> ComposeResult:
        """Head, curves, matrix, predict, progress, keys."""
        yield self._head
        yield self._view
        yield Foot(FOOT, self._is_in_foot)

    def on_mount(self) -> None:
        """Begin once the first frame is painted."""
        self.call_after_refresh(self._begin)

    async def _begin(self) -> None:
        """Open the runs asked for, else those that live, else the last session's, else the first two ever."""
        session = self._store.read_session()
        self._view.matrix.percent = session.percent
        self._looks = Looks.of(session.charts)
        self._focus_front()
        self._follow()
        self.set_interval(REDRAW_EVERY, self._redraw)
        # Off the loop's thread, so that asking logind does not hold up a key.
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

    @work(exit_on_error=True)
    async def _follow(self) -> None:
        """Fold in what happens to the runs; beginnings and changes of state are drawn at once, the rest a bit later."""
        while True:
            batch = await self._engine.queue.get()
            for update in batch:
                self._runs.apply(update)
                self._comparison.apply(update)
                if isinstance(update, events.LoggedEvent):
                    self._report_news(update)
            self._stale = True
            if any(isinstance(update, events.RunStarted | events.StateChanged) for update in batch):
                self._redraw()
            await asyncio.sleep(0)  # a queue that is never empty would hold up keys and painting

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002
        """Keys that would do nothing are not offered."""
        if self._leave_asked or not self.is_attached:
            return False
        now = Now(
            runs=self._runs,
            is_replay=bool(self._replay),
            pane=self._view.pane if self._view.is_narrow else "",
            focus=self._focus_pane,
            in_prompt=isinstance(self.focused, Input),
            is_zoomed=self._view.is_zoomed,
            sees_curves=self._view.is_seen("curves"),
            pages=self._view.page.pages,
            view=self._looks.view,
        )
        return is_offered(action, now)

    def _is_in_foot(self, action: str) -> bool:
        """Some stand there only while their pane has the focus."""
        return FOOT_OF.get(action) in (None, self._focus_pane)

    def action_dark(self) -> None:
        """Between the dark and the light theme."""
        theme = self.app.current_theme
        self.app.theme = look(palette_of(theme), dark=not theme.dark).name
