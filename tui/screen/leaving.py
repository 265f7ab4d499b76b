"""Leaving: what becomes of the runs that live, and what is said of them."""

from __future__ import annotations

import asyncio

from textual import work

from namestui.tui.dialogs.leave import LeaveScreen
from namestui.tui.screen.desk import Desk
from namestui.tui.words.about import closing_message


class Leaving(Desk):
    """The screen may go at any time; no run needs it."""

    @work
    async def action_leave(self) -> None:
        """Leave; where runs live, ask what becomes of them."""
        if self._leave_asked:
            return
        self._leave_asked = True
        elsewhere = [] if self._replay else await asyncio.to_thread(self._opening.live_elsewhere)
        live = [] if self._replay else [state.state for state in self._runs if state.is_live]
        choice = await self.app.push_screen_wait(LeaveScreen(live, len(elsewhere))) if live else "leave"
        if choice == "cancel":
            self._leave_asked = False
            return
        self.is_leaving = True
        if choice == "stop":
            await self._steer.stop_all(self._runs)
        if not self._replay:
            self.farewell = closing_message(self._runs, elsewhere)
            self._remember()
        self._question.forget()
        await self._engine.close()
        self.app.exit(0)
