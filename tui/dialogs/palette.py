"""The command palette."""

from __future__ import annotations

import contextlib

from textual import work
from textual.await_complete import AwaitComplete
from textual.command import CommandPalette
from textual.css.query import NoMatches
from textual.errors import NoWidget
from textual.events import Click

from namestui.tui.dialogs.dialog import AnsweredOnce


class Palette(CommandPalette, AnsweredOnce[None]):
    """Textual's own, answered once, and with keys and clicks that do no harm where its list has no room, or is gone."""

    def dismiss(self, result: None = None) -> AwaitComplete:
        """Close, and end the search."""
        self._cancel_gather_commands()
        return super().dismiss(result)

    def _gather_commands(self, search_value: str) -> None:  # type: ignore[override]  # nobody uses its worker
        if self.is_active:
            self._search(search_value)

    @work(exclusive=True, group=CommandPalette._GATHER_COMMANDS_GROUP)
    async def _search(self, search_value: str) -> None:
        gather = CommandPalette._gather_commands.__wrapped__  # type: ignore[attr-defined]  # what its worker runs
        with contextlib.suppress(NoMatches):  # it closes, and has no list any more
            await gather(self, search_value)

    def _action_command_list(self, action: str) -> None:
        with contextlib.suppress(KeyError):  # of a line that a list without room does not have
            super()._action_command_list(action)

    def _on_click(self, event: Click) -> None:  # type: ignore[override]  # as in Textual
        event.prevent_default()  # Textual's own is called here
        with contextlib.suppress(NoWidget):  # there is nothing any more where it was clicked
            super()._on_click(event)
