"""The keys that work now."""

from __future__ import annotations

from collections.abc import Sequence

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from namestui.tui.dialogs.dialog import Dialog


class HelpScreen(Dialog[None]):
    """Made from the live bindings, so that it cannot be out of date; any of its keys closes it."""

    BINDINGS = [Binding("escape,question_mark,q,enter", "dismiss(None)", "close")]

    def __init__(self, keys: list[tuple[str, str]], about: list[str]) -> None:
        super().__init__()
        self._keys = keys
        self._about = about

    def compose(self) -> ComposeResult:
        """One line a key, in two columns where there are many; then what the shown run is."""
        with VerticalScroll(classes="dialog") as dialog:
            dialog.border_title = "keys"
            dialog.border_subtitle = "esc closes"
            yield Static(Content("\n".join(self._columns())))
            if self._about:
                yield Static(Content("\n".join(["", *self._about])))

    def _columns(self) -> list[str]:
        half = (len(self._keys) + 1) // 2
        left, right = _aligned(self._keys[:half]), [*_aligned(self._keys[half:]), ""]
        return [entry + "   " + right[i] for i, entry in enumerate(left)]


def _aligned(keys: Sequence[tuple[str, str]]) -> list[str]:
    """Keys right-aligned, meanings left-aligned."""
    widths = [max((len(entry[i]) for entry in keys), default=0) for i in (0, 1)]
    return [f"{key:>{widths[0]}}  {text:<{widths[1]}}" for key, text in keys]
