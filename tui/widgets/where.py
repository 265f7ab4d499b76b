"""Where the screen runs and what lives: the right end of the head line."""

from __future__ import annotations

from collections.abc import Iterable

from textual.content import Content
from textual.widgets import Static

from namestui.runs.text import Inert
from namestui.tui.widgets.glyphs import UNICODE, Glyphs


class Where(Static):
    """Host, device, how many runs live; repainted only where that differs."""

    def __init__(self, *, glyphs: Glyphs = UNICODE, id: str | None = None) -> None:
        super().__init__("", id=id)
        self._separator = glyphs.separator
        self._text = ""

    def show(self, parts: Iterable[Inert]) -> None:
        """Show what is not empty of these."""
        text = self._separator.join(filter(None, parts))
        if text != self._text:
            self._text = text
            self.update(Content(text))
