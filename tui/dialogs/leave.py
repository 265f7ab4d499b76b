"""Leaving while runs live: let them train on, or save and stop them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, Vertical
from textual.widgets import Button, Static

from namestui.runs.events import State
from namestui.tui.dialogs.dialog import Dialog

Choice = Literal["leave", "stop", "cancel"]


class LeaveScreen(Dialog[Choice]):
    """Enter leaves; the runs train on."""

    BINDINGS = [
        Binding("escape,c", "choose('cancel')", "cancel"),
        Binding("l,q", "choose('leave')", "leave"),
        Binding("s", "choose('stop')", "checkpoint and stop"),
        Binding("left,right", "app.focus_next", "choose", show=False),
    ]

    def __init__(self, live: Sequence[State], elsewhere: int = 0) -> None:
        """``live``: the state of each live run with a tab; ``elsewhere``: how many live without one."""
        super().__init__()
        self._live = live
        self._elsewhere = elsewhere

    def compose(self) -> ComposeResult:
        """The question and its three answers."""
        with Vertical(classes="dialog") as dialog:
            dialog.border_title = "leave"
            yield Static(f"{what_goes_on(self._live, self._elsewhere)}. Come back with: namestui")
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


def what_goes_on(live: Sequence[State], elsewhere: int = 0) -> str:
    """What becomes of live runs once the screen is left."""
    paused = sum(state in ("pausing", "paused") for state in live)
    training = len(live) - paused
    trains = "1 run trains on" if training == 1 else f"{training} runs train on"
    waits = "1 run stays paused" if paused == 1 else f"{paused} runs stay paused"
    without = f" ({elsewhere} more without a tab)" if elsewhere else ""
    return " and ".join(part for part, count in ((trains, training), (waits, paused)) if count) + (
        f" after you leave{without}"
    )
