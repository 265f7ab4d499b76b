"""What the worker of a run has printed."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from namestui.runs.store import RunDirectory
from namestui.runs.text import inert
from namestui.tui.dialogs.dialog import Dialog

LINES = 500


class Console(Dialog[None]):
    """The end of ``worker.log``, read again every second, scrolled to its end."""

    BINDINGS = [Binding("escape,v,q", "dismiss(None)", "close")]

    def __init__(self, run: RunDirectory) -> None:
        super().__init__()
        self._run = run
        self._text = ""
        self._dialog = VerticalScroll(classes="dialog wide")
        self._lines = Static("", id="lines")

    def compose(self) -> ComposeResult:
        """The lines."""
        with self._dialog:
            self._dialog.border_title = Content(f"worker.log of {inert(self._run.id)}")
            self._dialog.border_subtitle = "esc closes"
            yield self._lines

    def on_mount(self) -> None:
        """Read now and every second."""
        self._read()
        self.set_interval(1.0, self._read)

    def reads(self) -> str:
        """All lines that are shown."""
        return self._text

    def _read(self) -> None:
        text = "\n".join(self._run.log_tail(LINES)) or "the worker has printed nothing"
        if text != self._text:
            self._text = text
            self._lines.update(Content(text))
            self._dialog.scroll_end(animate=False)
