"""All that the records of the open runs warn of; from there to the epoch that an alert is about."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.cells import cell_len
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.notifications import SeverityLevel
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from namestui.runs.events import AlertLevel
from namestui.runs.local_time import local_time
from namestui.runs.text import Inert
from namestui.tui.dialogs.dialog import Dialog
from namestui.tui.state.alert_list import Listed

SEVERITIES: dict[AlertLevel, SeverityLevel] = {"info": "information", "warning": "warning", "error": "error"}
"""How Textual calls the levels of alerts."""
_STYLES: dict[AlertLevel, str] = {"info": "$text-accent", "warning": "$text-warning", "error": "$text-error"}


@dataclass(frozen=True, slots=True)
class Place:
    """The run and the epoch that an alert is about."""

    run: str
    epoch: int


class AlertsScreen(Dialog[Place | None]):
    """Two lines an alert, the newest first, also of the time before the screen was opened."""

    BINDINGS = [Binding("escape,exclamation_mark,q", "dismiss(None)", "close")]
    DEFAULT_CSS = """
    AlertsScreen .dialog { padding: 0 1; }
    AlertsScreen OptionList {
        height: auto; max-height: 100%; border: none; padding: 0; background: $surface;
        &:focus { border: none; background-tint: $foreground 0%; }
        & > .option-list--option { padding: 0; }
        & > .option-list--option-highlighted { background: $foreground 15%; color: $foreground; text-style: none; }
    }
    """

    def __init__(self, listed: Sequence[Listed], count: int) -> None:
        """``listed`` are the newest of ``count`` alerts."""
        super().__init__()
        self._listed = list(listed)
        self._count = count

    def compose(self) -> ComposeResult:
        """The list."""
        with Vertical(classes="dialog wide") as dialog:
            dialog.border_title = f"alerts: {self._title()}" if self._listed else "alerts"
            dialog.border_subtitle = "enter goes to the epoch, esc closes" if self._listed else "esc closes"
            if not self._listed:
                yield Static("no alerts")
                return
            several = len({one.run for one in self._listed}) > 1
            widths = _widths(self._listed)
            yield OptionList(*(Option(_shown(one, widths, several=several)) for one in self._listed))

    def _title(self) -> str:
        new = sum(one.is_new for one in self._listed)
        older = self._count - len(self._listed)
        cut = f", of which {older:,} older ones are only in events.jsonl" if older else ""
        return f"{new} new of {self._count:,}{cut}"

    def on_mount(self) -> None:
        """Keys go to the list."""
        for options in self.query(OptionList):
            options.focus()
            options.highlighted = 0

    @on(OptionList.OptionSelected)
    def _on_chosen(self, event: OptionList.OptionSelected) -> None:
        one = self._listed[event.option_index]
        self.dismiss(Place(one.run, one.alert.epoch))

    def reads(self) -> str:
        """The alert under the cursor, for the clipboard."""
        for options in self.query(OptionList):
            if options.highlighted is not None:
                one = self._listed[options.highlighted]
                return f"{line_of(one, {})}  {one.alert.message}"
        return ""


def line_of(one: Listed, widths: dict[str, int], *, several: bool = True) -> Inert:
    """``11 Nov 02:34:11  after epoch 3  error  not-finite  LSTM``, in the local time; ``several`` runs are listed."""
    alert = one.alert
    cells = {
        "when": local_time(alert.time, "%d %b %H:%M:%S") or "?",
        "epoch": f"after epoch {alert.epoch}",
        "level": alert.level,
        "topic": alert.topic or "-",
        **({"title": one.title} if several else {}),
    }
    padded = (text + " " * (widths.get(name, 0) - cell_len(text)) for name, text in cells.items())
    return Inert("  ".join(padded).rstrip())


def _widths(listed: Sequence[Listed]) -> dict[str, int]:
    """Of the columns that are not all of one width."""
    return {
        "epoch": max(len(f"after epoch {one.alert.epoch}") for one in listed),
        "level": len("warning"),
        "topic": max(cell_len(one.alert.topic or "-") for one in listed),
        "title": max(cell_len(one.title) for one in listed),
    }


def _shown(one: Listed, widths: dict[str, int], *, several: bool) -> Content:
    """What is new says so, by a word; its level is in colour too."""
    new = "new  " if one.is_new else "     "
    return Content.assemble(
        Content.styled(new, "bold"),
        Content.styled(line_of(one, widths, several=several), _STYLES[one.alert.level]),
        Content(f"\n     {one.alert.message}"),
    )
