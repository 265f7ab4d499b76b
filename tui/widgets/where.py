"""Where the screen runs and what lives: the right end of the head line."""

from __future__ import annotations

from collections.abc import Iterable

from textual.content import Content
from textual.widgets import Static


class Where(Static):
    """Host, device, how many runs live; repainted only where that differs."""

    def __init__(self, *, ascii_only: bool = False, id: str | None = None) -> None:
        super().__init__("", id=id)
        self._separator = " - " if ascii_only else " · "
        self._text = ""

    def show(self, parts: Iterable[str]) -> None:
        """Show what is not empty of these; they are inert."""
        text = self._separator.join(filter(None, parts))
        if text != self._text:
            self._text = text
            self.update(Content(text))
