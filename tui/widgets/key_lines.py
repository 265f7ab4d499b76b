"""The keys of a dialog that has more of them than one line holds."""

from __future__ import annotations

from collections.abc import Sequence

from textual.app import RenderResult
from textual.binding import Binding
from textual.content import Content
from textual.widget import Widget

GAP = 2


class KeyLines(Widget):
    """Each key with what it does, on as many lines as there is room for; a key and its word stay together."""

    DEFAULT_CSS = "KeyLines { height: auto; max-height: 3; color: $footer-description-foreground; }"

    def __init__(self, bindings: Sequence[Binding], shown_keys: dict[str, str]) -> None:
        """``shown_keys`` are those whose names are shown otherwise than Textual calls them."""
        super().__init__()
        self._keys = [
            (shown_keys.get(one.key) or one.key_display or one.key.partition(",")[0], one.description)
            for one in bindings
            if one.show
        ]

    def render(self) -> RenderResult:
        """As many a line as fit."""
        lines: list[list[Content]] = [[]]
        free = self.content_size.width or self.size.width
        left = free
        for key, text in self._keys:
            entry = Content.assemble((key, "bold $footer-key-foreground"), f" {text}")
            if lines[-1] and entry.cell_length > left:
                lines.append([])
                left = free
            lines[-1].append(entry)
            left -= entry.cell_length + GAP
        return Content("\n").join(Content(" " * GAP).join(line) for line in lines)
