"""Keys of the runs' tabs: which is shown, and closing one."""

from __future__ import annotations

from textual import on, work
from textual.widgets import Tabs

from namestui.tui.screen.desk import Desk


class Tabbing(Desk):
    """Tabs come and go; their runs do what they did."""

    def action_tab(self, number: int) -> None:
        """Show the run with this number."""
        if 1 <= number <= len(self._runs):
            self._head.tabs.active = f"run-{number - 1}"

    def action_next_tab(self, step: int) -> None:
        """Show the run beside the shown one, round and round."""
        if (state := self._runs.shown) is not None:
            self.action_tab((self._runs.number(state.run) - 1 + step) % len(self._runs) + 1)

    @work(exclusive=True, group="tabs")
    async def action_close_tab(self) -> None:
        """Close the shown tab; its run does what it did."""
        state = self._runs.shown
        if state is None:
            return
        self._question.forget(state.run)
        await self._engine.close(state.run)
        self._runs.remove(state.run)
        await self._head.tabs.remove_last()
        self._show_tabs()

    @on(Tabs.TabActivated, "#runs")
    def _on_run_shown(self, event: Tabs.TabActivated) -> None:
        self._runs.show(int((event.tab.id or "run-0").removeprefix("run-")))
        self._redraw(force=True)
