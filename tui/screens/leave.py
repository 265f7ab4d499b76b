"""Leaving while runs live: let them train on, or save and stop them."""

from __future__ import annotations

from typing import Literal

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, Vertical
from textual.screen import ModalScreen
from textual.widgets import Button, Static

Choice = Literal["leave", "stop", "cancel"]


class LeaveScreen(ModalScreen[Choice]):
    """Enter leaves; the runs train on."""

    BINDINGS = [
        Binding("escape,c", "choose('cancel')", "cancel"),
        Binding("l,q", "choose('leave')", "leave"),
        Binding("s", "choose('stop')", "checkpoint and stop"),
        Binding("left,right", "app.focus_next", "choose", show=False),
    ]

    def __init__(self, live: int) -> None:
        super().__init__()
        self._live = live

    def compose(self) -> ComposeResult:
        """The question and its three answers."""
        runs = "1 run trains" if self._live == 1 else f"{self._live} runs train"
        with Vertical(classes="dialog") as dialog:
            dialog.border_title = "leave"
            yield Static(f"{runs} on after you leave. Come back with: namestui")
            with Horizontal():
                yield Button("leave", id="leave", variant="primary", compact=True)
                yield Button("checkpoint and stop", id="stop", compact=True)
                yield Button("cancel", id="cancel", compact=True)

    def on_mount(self) -> None:
        """Enter leaves."""
        self.query_one("#leave", Button).focus()

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """Answer with the button's id."""
        self.action_choose(event.button.id or "cancel")

    def action_choose(self, choice: str) -> None:
        """Close with this answer."""
        self.dismiss("leave" if choice == "leave" else "stop" if choice == "stop" else "cancel")
