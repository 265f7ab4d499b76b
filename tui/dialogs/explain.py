"""Why one open run does better than another: the output of ``namestui explain``, which another process computes."""

from __future__ import annotations

import asyncio
import os
import sys

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from namestui.runs.store import RunStore
from namestui.runs.text import inert_lines
from namestui.tui.dialogs.dialog import Dialog


class ExplainScreen(Dialog[None]):
    """The screen's process never loads torch, so it asks the command line."""

    BINDINGS = [Binding("escape,e,enter,q", "dismiss(None)", "close")]

    def __init__(self, store: RunStore, first: str, second: str) -> None:
        super().__init__()
        self._store = store
        self._runs = first, second
        self._text = ""

    def compose(self) -> ComposeResult:
        """Empty until the answer is there."""
        with VerticalScroll(classes="dialog wide") as dialog:
            dialog.border_title = "explain: the best weights of both runs on the validation names"
            dialog.border_subtitle = "esc closes"
            yield Static("comparing both networks: takes a few seconds", id="explanation")

    def on_mount(self) -> None:
        """Ask."""
        self._ask()

    def reads(self) -> str:
        """All of it; empty while it is computed."""
        return self._text

    @work
    async def _ask(self) -> None:
        room = self.app.size.width * 96 // 100 - 8  # without border, padding and scroll bar
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-P", "-m", "namestui.tui", "explain", *self._runs),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            env={**os.environ, "NAMESTUI_HOME": str(self._store.home), "PYTHONUTF8": "1", "COLUMNS": str(room)},
        )
        try:
            output, _ = await process.communicate()
        finally:
            if process.returncode is None:  # the dialog was closed: nobody waits for the answer
                process.kill()
                await process.wait()
        lines = inert_lines(output.decode("utf-8", "replace").rstrip() or f"explain ended with {process.returncode}")
        self._text = "\n".join(lines)
        self.query_one("#explanation", Static).update(Content(self._text))
