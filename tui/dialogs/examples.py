"""The names in one cell of the confusion matrix."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from namestui.engine.link.asking import NoAnswerError
from namestui.runs.events import Examples
from namestui.runs.text import Inert, inert
from namestui.tui.dialogs.dialog import Dialog


class ExamplesScreen(Dialog[None]):
    """Validation names of one class that were predicted as another, surest first."""

    BINDINGS = [Binding("escape,enter,q", "dismiss(None)", "close")]

    def __init__(self, title: Inert, ask: Callable[[], Awaitable[Examples]]) -> None:
        """What ``ask`` returns is waited for as long as the dialog is open."""
        super().__init__()
        self._title = title
        self._ask = ask
        self._text = ""

    def compose(self) -> ComposeResult:
        """A line that says what is waited for, until the answer comes."""
        with VerticalScroll(classes="dialog") as dialog:
            dialog.border_title = Content(self._title)
            dialog.border_subtitle = "esc closes"
            yield Static("asking the worker…", id="names")

    def on_mount(self) -> None:
        """Wait for the answer; closing the dialog gives it up."""
        self._names = self.query_one("#names", Static)
        self._wait()

    def reads(self) -> str:
        """The names, a line each with its probability; empty while they are waited for."""
        return self._text

    @work
    async def _wait(self) -> None:
        try:
            examples = await self._ask()
        except NoAnswerError as error:
            self._names.update(Content(f"no answer: {inert(str(error))}"))
        else:
            self._text = lines_of(examples)
            self._names.update(Content(self._text))


def lines_of(examples: Examples) -> str:
    """The names, with the probability of the class each was predicted as."""
    lines = [f"{100 * one.probability:5.1f} %  {inert(one.name)}" for one in examples.examples]
    if examples.total > len(lines):
        lines.append(f"… and {examples.total - len(lines):,} more")
    return "\n".join(lines) or "no validation name falls here any more"
