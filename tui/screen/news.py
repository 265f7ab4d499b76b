"""What happens now is said to who looks elsewhere, and all alerts there are can be listed.

A toast on the screen, a bell or a notification by the terminal: nothing of it is for what the record held before.
"""

from __future__ import annotations

import os

from textual import work

from namestui.runs.events import Alert, Logged
from namestui.tui.dialogs.alerts import SEVERITIES, AlertsScreen
from namestui.tui.screen.curves import Curves
from namestui.tui.screen.run_tabs import Tabbing
from namestui.tui.state.alert_list import list_alerts
from namestui.tui.state.epochs import epochs_of
from namestui.tui.state.notifications import sequence, text_of


class News(Curves, Tabbing):
    """From an alert it goes to its run, and the cursor to its epoch."""

    def _report_news(self, event: Logged) -> None:
        """Say what ``event``, which has been folded in, brings; a replay tells the terminal nothing."""
        if not self._runs.is_news(event):
            return
        text = text_of(event, self._runs[event.run])
        if isinstance(event, Alert):
            self.notify(text, severity=SEVERITIES[event.level], markup=False, timeout=15)
        driver = self.app._driver
        if text and driver is not None and not self._replay:
            driver.write(sequence(self._config.config.notifications, text, os.environ))
            driver.flush()

    @work
    async def action_alerts(self) -> None:
        """All that the records of the open runs warn of, which counts as seen from now on; then to the one chosen."""
        listed, count = list_alerts(self._runs)
        self._runs.see_all_alerts()
        self._show_tabs()
        place = await self.app.push_screen_wait(AlertsScreen(listed, count))
        if place is None or place.run not in self._runs:
            return
        self.action_tab(self._runs.number(place.run))
        if place.epoch:
            epochs = epochs_of(self._runs[place.run])
            self._look(self._looks.view.at(place.epoch, epochs.first, epochs.last))
