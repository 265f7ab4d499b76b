"""The command palette."""

from __future__ import annotations

import contextlib

from textual.await_complete import AwaitComplete
from textual.command import CommandPalette

from namestui.tui.dialogs.dialog import AnsweredOnce


class Palette(CommandPalette, AnsweredOnce[None]):
    """Textual's own, answered once, and with keys that do no harm where there is no room for its list."""

    def dismiss(self, result: None = None) -> AwaitComplete:
        """Close, and end the search, which would look for a list that is gone."""
        self._cancel_gather_commands()
        return super().dismiss(result)

    def _gather_commands(self, search_value: str) -> None:  # type: ignore[override]  # nobody uses its worker
        if self.is_active:
            super()._gather_commands(search_value)

    def _action_command_list(self, action: str) -> None:
        with contextlib.suppress(KeyError):  # of a line that a list without room does not have
            super()._action_command_list(action)
