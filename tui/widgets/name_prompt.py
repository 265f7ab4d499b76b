"""Where a name is typed."""

from __future__ import annotations

from textual.binding import Binding
from textual.widgets import Input

from namestui.data.alphabet import MAX_LETTERS


class NamePrompt(Input):
    """A line without a box; Enter asks every open run."""

    BINDINGS = [Binding("enter", "submit", "ask every open run", key_display="enter")]

    def __init__(self, id: str | None = None) -> None:
        super().__init__(placeholder="Satoshi", compact=True, max_length=MAX_LETTERS, id=id)
