"""The app: a first frame at once, then the main screen. Wiring and keys are in `main.py`."""

from __future__ import annotations

import asyncio
import gc
import importlib
import locale
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from textual.app import App, ComposeResult, SystemCommand
from textual.screen import Screen
from textual.widgets import Static

from namestui.runs.store import RunStore
from namestui.tui.screen.terminal import LOOK_EVERY, TerminalWatch
from namestui.tui.screen.themes import DARK, LIGHT

if TYPE_CHECKING:
    from namestui.engine.link.engine import Engine
    from namestui.tui.screen.main import MainScreen


class NamesApp(App[int]):
    """What is there before and around the main screen: themes, the terminal, the way out."""

    CSS_PATH = "namestui.tcss"
    TITLE = "namestui"
    ENABLE_COMMAND_PALETTE = True

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
    ) -> None:
        """Open ``run_ids``, starting them unless ``attach``; without any, those that live or were open last.

        ``summary`` is what cleaning the corpus changed, a line a finding; ``engine`` stands in for the real one. A
        replay leaves no trace: no session, no farewell. ``jobs`` of the started runs train at once (0: all).
        """
        gc.disable()  # until the main screen is there
        super().__init__()
        self.register_theme(DARK)
        self.register_theme(LIGHT)
        theme = store.read_session().theme
        self.theme = theme if theme in self.available_themes else DARK.name
        self.ascii_only = "utf" not in locale.getpreferredencoding(False).lower()
        self.set_class(self.ascii_only, "-ascii")
        self.main: MainScreen | None = None
        self._watch = TerminalWatch()
        self._store = store
        self._wanted = run_ids, summary, engine, attach
        self._replay = replay
        self._jobs = jobs

    @property
    def farewell(self) -> list[str]:
        """What to print once the terminal is given back."""
        return self.main.farewell if self.main is not None else []

    def compose(self) -> ComposeResult:
        """The first frame, which costs next to nothing."""
        yield Static("namestui", id="brand")

    def on_mount(self) -> None:
        """Everything else comes after the first frame."""
        self._watch.watch(asyncio.get_running_loop())
        self.set_interval(LOOK_EVERY, self._watch.look)
        self.call_after_refresh(self._begin)

    async def _begin(self) -> None:
        # Off the loop's thread, so that loading does not hold up a key.
        await asyncio.to_thread(importlib.import_module, "namestui.tui.screen.main")
        from namestui.tui.screen.main import MainScreen

        run_ids, summary, engine, attach = self._wanted
        self.main = MainScreen(
            self._store,
            run_ids,
            summary,
            engine=engine,
            attach=attach,
            replay=self._replay,
            jobs=self._jobs,
            ascii_only=self.ascii_only,
        )
        await self.push_screen(self.main)
        # What is loaded by now stays: a collection that walks through all of it would hold up a key for 100 ms.
        gc.freeze()
        gc.enable()
        gc.set_threshold(700, 10, 1000)

    def get_system_commands(self, screen: Screen[Any]) -> Iterable[SystemCommand]:
        """The palette offers what applies now, and the themes."""
        from namestui.tui.screen.commands import live_commands

        yield from live_commands(screen)
        yield SystemCommand("theme", "choose another look", self.action_change_theme)

    async def action_quit(self) -> None:
        """Textual's own key (ctrl+q) leaves as ours does."""
        if self.main is None:
            self.exit(0)
        else:
            self.main.action_leave()


def show(app: NamesApp) -> int:
    """Run the screen and say its farewell; the exit status."""
    app.run()
    for line in app.farewell:
        print(line)
    return app.return_code or 0
