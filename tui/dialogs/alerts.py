"""All that the record of a run warns of."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.content import Content
from textual.notifications import SeverityLevel
from textual.widgets import Static

from namestui.runs.events import AlertLevel
from namestui.runs.text import Inert
from namestui.tui.dialogs.dialog import Dialog
from namestui.tui.state.run_state import Alerted

SEVERITIES: dict[AlertLevel, SeverityLevel] = {"info": "information", "warning": "warning", "error": "error"}
"""How Textual calls the levels of alerts."""


class AlertsScreen(Dialog[None]):
    """A line an alert, the newest first, also of the time before the screen was opened."""

    BINDINGS = [Binding("escape,exclamation_mark,enter,q", "dismiss(None)", "close")]

    def __init__(self, title: Inert, alerts: Sequence[Alerted]) -> None:
        super().__init__()
        self._title = title
        self._alerts = list(alerts)

    def compose(self) -> ComposeResult:
        """The lines."""
        with VerticalScroll(classes="dialog wide") as dialog:
            dialog.border_title = Content(f"alerts of {self._title}")
            dialog.border_subtitle = "esc closes"
            yield Static(Content("\n".join(map(line_of, reversed(self._alerts))) or "no alerts"))


def line_of(alert: Alerted) -> str:
    """``11 Nov 02:34:11  after epoch 3  error: the loss is not finite``, in the local time."""
    when = datetime.fromtimestamp(alert.time).strftime("%d %b %H:%M:%S")
    return f"{when}  after epoch {alert.epoch}  {alert.level}: {alert.message}"
