"""One line of text."""

from __future__ import annotations

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input

from namestui.tui.dialogs.dialog import Dialog


class AskLine(Dialog[str | None]):
    """Enter takes the text, esc leaves things as they were."""

    BINDINGS = [Binding("escape", "dismiss(None)", "cancel")]

    def __init__(self, question: str, value: str = "") -> None:
        super().__init__()
        self._question = question
        self._value = value

    def compose(self) -> ComposeResult:
        """The question in the border, the text below."""
        with Vertical(classes="dialog") as dialog:
            dialog.border_title = Content(self._question)
            dialog.border_subtitle = "enter keeps, esc cancels"
            yield Input(self._value, max_length=200, compact=True)

    @on(Input.Submitted)
    def _on_line(self, event: Input.Submitted) -> None:
        self.dismiss(event.value)
