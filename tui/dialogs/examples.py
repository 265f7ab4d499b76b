"""The names in one cell of the confusion matrix."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from namestui.runs.events import Examples
from namestui.runs.text import inert
from namestui.tui.dialogs.dialog import Dialog


class ExamplesScreen(Dialog[None]):
    """Validation names of one class that were predicted as another, surest first."""

    BINDINGS = [Binding("escape,enter,q", "dismiss(None)", "close")]

    def __init__(self, title: str) -> None:
        super().__init__()
        self._title = title

    def compose(self) -> ComposeResult:
        """Empty until ``show``."""
        with VerticalScroll(classes="dialog") as dialog:
            dialog.border_title = Content(self._title)
            dialog.border_subtitle = "esc closes"
            yield Static("asking the worker…", id="names")

    def show(self, examples: Examples) -> None:
        """The names, with the probability of the class each was predicted as."""
        lines = [f"{100 * one.probability:5.1f} %  {inert(one.name)}" for one in examples.examples]
        if examples.total > len(lines):
            lines.append(f"… and {examples.total - len(lines):,} more")
        text = "\n".join(lines) or "no validation name falls here any more"
        self.query_one("#names", Static).update(Content(text))
