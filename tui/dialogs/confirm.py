"""Yes or no."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Button, Static

from namestui.tui.dialogs.dialog import Dialog


class Confirm(Dialog[bool]):
    """Cancel has the focus: Enter alone does nothing that cannot be undone."""

    BINDINGS = [
        Binding("escape,n", "dismiss(False)", "cancel"),
        Binding("y", "dismiss(True)", "yes"),
        Binding("left,right", "app.focus_next", "choose", show=False),
    ]

    def __init__(self, question: str, yes: str) -> None:
        super().__init__()
        self._question = question
        self._yes = yes

    def compose(self) -> ComposeResult:
        """The question and its two answers."""
        with Vertical(classes="dialog"):
            yield Static(Content(self._question))
            with Horizontal():
                yield Button("cancel", id="cancel", variant="primary", compact=True)
                yield Button(f"{self._yes} (y)", id="yes", compact=True)

    def on_mount(self) -> None:
        """Cancel first."""
        self.query_one("#cancel", Button).focus()

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """Answer."""
        self.dismiss(event.button.id == "yes")
