"""What every part of the main screen shares: the runs, the panes, and how news and trouble are shown."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Sequence

from textual import work
from textual.screen import Screen

from namestui.engine.link.client import EngineClient
from namestui.engine.link.engine import Engine
from namestui.runs.store import RunStore, host_name
from namestui.runs.text import inert
from namestui.tui.screen.keymap import Keymap
from namestui.tui.screen.run_view import RunView
from namestui.tui.state.comparison import Comparison
from namestui.tui.state.config_file import ConfigFile
from namestui.tui.state.looks import Looks
from namestui.tui.state.name_question import NameQuestion
from namestui.tui.state.open_runs import OpenRuns
from namestui.tui.state.opening import Opening
from namestui.tui.state.steer import Steer
from namestui.tui.widgets.glyphs import UNICODE, Glyphs
from namestui.tui.widgets.head import Head


class Desk(Screen[None]):
    """The main screen without its keys: `main.py` puts it together from the parts that have them."""

    AUTO_FOCUS = None

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
        config: ConfigFile | None = None,
    ) -> None:
        """Open ``run_ids``, starting them unless ``attach``; without any, those that live or were open last.

        ``replay`` is what to call a replay, in which nothing lives; empty where runs are what they seem. Of the runs
        that are started ``jobs`` train at once, the others wait for their turn; 0: all.
        ``config`` is what the user's file says, of new runs for one.
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
        self._config = config or ConfigFile(None)
        self._opening = Opening(store, self._engine, self._runs, jobs=jobs, config=self._config)
        self._comparison = Comparison(store, self._engine, self._runs)
        self._question = NameQuestion(self._engine, self._on_answer)
        self._steer = Steer(store, self._engine)
        self._glyphs = glyphs
        self._head = Head(glyphs=glyphs)
        self._view = RunView(store, glyphs=glyphs)
        self._looks = Looks()
        self._stale = self._leave_asked = False
        self._keys_for: tuple[object, ...] = ()
        self._keymap: Keymap | None = None

    def _say_summary(self, summary: Sequence[str]) -> None:
        """What cleaning the corpus changed, if it changed anything."""
        if summary:
            self.notify("\n".join(summary), title="corpus", markup=False, timeout=10)

    def _show_tabs(self) -> None:
        """The tabs are others than before."""
        self._redraw(force=True)
        self._remember()

    def _on_answer(self, is_first: bool) -> None:
        """The first answer to a name is drawn at once, those that follow as a run learns at the next redraw."""
        self._stale = True
        if is_first:
            self._redraw()

    def _redraw(self, *, force: bool = False) -> None:
        """Draw the shown run; widgets repaint only what differs."""
        if not (self._stale or force) or not self.is_attached:
            return
        if self._comparison.is_open:  # Textual would paint what lies over this screen again
            self._stale = True
            return
        self._stale = False
        runs = self._runs
        self._view.draw(runs, self._question, self._looks)
        here = [] if self._view.is_narrow else [inert(host_name()), *runs.whereabouts()]
        self._head.display = not self._view.is_alone
        self._head.show(runs, [inert(self._replay)] if self._replay else here)
        shown = runs.shown
        keys_for = (
            *((shown.state, shown.epoch > 0) if shown else ("", False)),
            [state.state for state in runs].count("interrupted"),
            self._view.page.pages,
            self._looks.view,
        )
        if keys_for != self._keys_for:
            self._keys_for = keys_for
            self.refresh_bindings()

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

    def _remember(self) -> None:
        """Keep which tabs are open, for the next time: at once, since a terminal may vanish without a word."""
        if self._replay:
            return
        try:
            percent, charts = self._view.matrix.percent, self._looks.kept()
            self._opening.remember(theme=self.app.theme, percent=percent, charts=charts)
        except OSError as error:
            self.notify(f"the open tabs cannot be remembered: {error.strerror}", severity="warning", markup=False)
