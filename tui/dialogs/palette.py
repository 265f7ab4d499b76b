"""The command palette."""

from __future__ import annotations

import contextlib

from textual.command import CommandPalette

from namestui.tui.dialogs.dialog import AnsweredOnce


class Palette(CommandPalette, AnsweredOnce[None]):
    """Textual's own, answered once, and with keys that do no harm where there is no room for its list."""

    def _action_command_list(self, action: str) -> None:
        with contextlib.suppress(KeyError):  # of a line that a list without room does not have
            super()._action_command_list(action)
