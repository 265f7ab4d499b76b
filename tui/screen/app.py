"""The app: a first frame at once, then the main screen. Wiring and keys are in `main.py`."""

from __future__ import annotations

import asyncio
import gc
import importlib
import locale
import os
import sys
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from rich.console import RenderableType
from textual import events
from textual.app import App, ComposeResult, SystemCommand
from textual.binding import Binding, BindingType
from textual.screen import Screen
from textual.theme import Theme, ThemeProvider
from textual.widgets import Static

from namestui.runs.store import RunStore
from namestui.runs.text import inert
from namestui.tui.dialogs.palette import Palette
from namestui.tui.screen.clipboard import readable, sequence, what_was_copied
from namestui.tui.screen.driver import TerminalDriver
from namestui.tui.screen.failure import record_failure
from namestui.tui.screen.terminal import has_mouse
from namestui.tui.screen.themes import DARK, THEMES, look, palette_of
from namestui.tui.state.config_file import ConfigFile
from namestui.tui.widgets.glyphs import ASCII, UNICODE

if TYPE_CHECKING:
    from namestui.engine.link.engine import Engine
    from namestui.tui.screen.main import MainScreen


class NamesApp(App[int]):
    """What is there before and around the main screen: themes, the terminal, the way out."""

    CSS_PATH = "namestui.tcss"
    TITLE = "namestui"
    ENABLE_COMMAND_PALETTE = True
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+z", "suspend_process", "suspend", show=False, priority=True),
        Binding("ctrl+l", "redraw", "draw anew", show=False, priority=True),
    ]

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
        config: ConfigFile | None = None,
    ) -> None:
        """Open ``run_ids``, starting them unless ``attach``; without any, those that live or were open last.

        ``summary`` is what cleaning the corpus changed, a line a finding; ``engine`` stands in for the real one. A
        replay leaves no trace: no session, no farewell. ``jobs`` of the started runs train at once (0: all).
        ``config`` is what the user's file says.
        """
        gc.disable()  # until the main screen is there
        super().__init__(driver_class=TerminalDriver)
        self.failure = ""
        self._config = config or ConfigFile(None)
        for theme in THEMES:
            self.register_theme(theme)
        self.theme = _first_look(self.available_themes.get(store.read_session().theme, DARK), self._config).name
        self.glyphs = UNICODE if "utf" in locale.getencoding().lower() else ASCII
        self.set_class(self.glyphs.is_ascii, "-ascii")
        self.main: MainScreen | None = None
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
        asyncio.get_running_loop().set_exception_handler(self._on_loop_error)
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
            glyphs=self.glyphs,
            config=self._config,
        )
        if self._config.config.keys:
            from namestui.tui.screen.keymap import keymap_of

            keymap = keymap_of(self._config)
            self._config = keymap.file
            self.main.use_keys(keymap)
        await self.push_screen(self.main)
        # What is loaded by now stays: a collection that walks through all of it would hold up a key for 100 ms.
        gc.freeze()
        gc.enable()
        gc.set_threshold(700, 10, 1000)
        for problem in self._config.problems:
            self.notify(self._config.sentence(problem), severity="warning", markup=False, timeout=30)

    def get_system_commands(self, screen: Screen[Any]) -> Iterable[SystemCommand]:
        """The palette offers what applies now, and the themes."""
        from namestui.tui.screen.commands import live_commands

        yield from live_commands(screen)
        yield SystemCommand("theme", "choose another theme", self.action_change_theme)

    async def action_quit(self) -> None:
        """Textual's own key (ctrl+q) leaves as ours does."""
        if self.main is None:
            self.exit(0)
        else:
            self.main.action_leave()

    def action_copy(self) -> None:
        """Send what the focused pane or dialog reads to the clipboard of the terminal."""
        text = readable(self.screen.focused, self.screen)
        if not text:
            self.notify("nothing to copy here: go to a pane or a row first", markup=False)
        elif not sequence(text, os.environ):
            term = inert(os.environ.get("TERM", ""))
            self.notify(f"this terminal (TERM={term}) has no clipboard", severity="warning", markup=False)
        else:
            self.copy_to_clipboard(text)
            self.notify(what_was_copied(text, os.environ), markup=False)

    def copy_to_clipboard(self, text: str) -> None:
        """As Textual's own, but of bounded length and through tmux and GNU screen."""
        self._clipboard = text
        if self._driver is not None:
            self._driver.write(sequence(text, os.environ))
            self._driver.flush()

    def action_redraw(self) -> None:
        """Send the whole screen: another program has written on the terminal."""
        self.screen.refresh(layout=True)

    def action_command_palette(self) -> None:
        """Show the palette where it is not shown yet, also below a dialog."""
        if not any(isinstance(screen, Palette) for screen in self.screen_stack):
            self.push_screen(Palette())

    def search_themes(self) -> None:
        """Textual's choice of a theme, in a palette of ours."""
        self.push_screen(Palette(providers=[ThemeProvider], placeholder="Search for themes…"))

    async def on_event(self, event: events.Event) -> None:
        """Keys that come while the screen is left act on nothing any more, nor does a click on what is just removed."""
        is_input = isinstance(event, events.InputEvent | events.Paste)
        if not (is_input and self.main is not None and self.main.is_leaving) and not self._is_on_removed(event):
            await super().on_event(event)

    def _is_on_removed(self, event: events.Event) -> bool:
        """Whether the mouse is pressed on a widget that is still in the picture and no longer in the tree: Textual asks
        for its parent."""
        if not isinstance(event, events.MouseDown):
            return False
        widget, _ = self.screen.get_widget_and_offset_at(event.x, event.y)
        return widget is not None and widget is not self.screen and widget.parent is None

    def action_suspend_process(self) -> None:
        """Stop, until the shell continues this job."""
        if isinstance(self._driver, TerminalDriver):
            self._driver.suspend()

    # Errors of ours: one line once the terminal is given back, the rest in a file

    def panic(self, *renderables: RenderableType) -> None:
        """End after an error that draws itself."""
        self._fail(sys.exception() or RuntimeError(" ".join(map(str, renderables))))

    def _fatal_error(self) -> None:
        self._fail(sys.exception() or RuntimeError("no error is known"))

    def _on_loop_error(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        if "exception" in context:
            self._fail(context["exception"])
        else:
            loop.default_exception_handler(context)

    def _fail(self, error: BaseException) -> None:
        if not self.failure:  # others follow from the first
            self.failure = record_failure(self._store.home, error)
        self._close_messages_no_wait()


def _first_look(left: Theme, file: ConfigFile) -> Theme:
    """The one that the screen was ``left`` in, as far as the user's file wants none."""
    wanted = file.config.theme
    if wanted is None and "palette" not in file.lines:
        return left
    palette = file.config.palette if "palette" in file.lines else palette_of(left)
    return look(palette, dark=left.dark if wanted is None else wanted == "dark")


def show(app: NamesApp) -> int:
    """Run the screen and say its farewell; the exit status."""
    try:
        app.run(mouse=has_mouse())
    except Exception as error:  # the last line of defence
        app.failure = app.failure or record_failure(app._store.home, error)
    if app.failure:
        print(app.failure, file=sys.stderr)
        return 1
    for line in app.farewell:
        print(line)
    return app.return_code or 0
