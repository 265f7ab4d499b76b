"""The foot of the screen: the keys that would do something now, as many as fit."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from rich.cells import cell_len
from textual.app import ComposeResult
from textual.widgets import Footer
from textual.widgets._footer import FooterKey

PADDING = 3
"""Blanks around a key and its word."""


class Foot(Footer):
    """Where the terminal is narrow the keys that matter least are left away: nothing is cut in the middle of a word."""

    def __init__(self, ranks: Mapping[str, int], is_shown: Callable[[str], bool] = lambda _action: True) -> None:
        """``ranks`` by action: those with the highest go first, 0 stays; 1 where it is not said.

        ``is_shown`` says which actions stand here now, of those that would do something.
        """
        super().__init__(show_command_palette=False)
        self._ranks = ranks
        self._is_shown = is_shown
        self._drawn: list[tuple[str, str, bool]] = []

    def compose(self) -> ComposeResult:
        """The keys, from left to right."""
        keys = self._keys()
        self.styles.grid_size_columns = max(len(keys), 1)
        self._drawn = list(map(_appearance, keys))
        yield from keys

    async def recompose(self) -> None:
        """Draw the keys anew, but only where they are others: while it is done the foot is blank."""
        if not self.children or list(map(_appearance, self._keys())) != self._drawn:
            await super().recompose()

    def _keys(self) -> list[FooterKey]:
        """Those that would do something, as many as fit."""
        keys = [key for key in super().compose() if isinstance(key, FooterKey) and self._is_shown(key.action)]
        while sum(map(_width, keys)) > self.app.size.width:
            least = max(keys, key=lambda key: self._ranks.get(key.action, 1))
            if not self._ranks.get(least.action, 1):
                break
            keys.remove(least)
        return keys

    def on_resize(self) -> None:
        """More or less of them fit."""
        self.call_after_refresh(self.recompose)


def _width(key: FooterKey) -> int:
    return cell_len(key.key_display) + cell_len(key.description) + PADDING


def _appearance(key: FooterKey) -> tuple[str, str, bool]:
    return key.key_display, key.description, key.has_class("-disabled")
