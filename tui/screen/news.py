"""What happens now is said to who looks elsewhere: a toast on the screen, a bell or a notification by the terminal."""

from __future__ import annotations

import os

from namestui.runs.events import Alert, Logged
from namestui.tui.dialogs.alerts import SEVERITIES
from namestui.tui.screen.desk import Desk
from namestui.tui.state.notifications import sequence, text_of


class News(Desk):
    """Nothing of this is for what the record held before, nor for a replay."""

    def _report_news(self, event: Logged) -> None:
        """Say what ``event``, which has been folded in, brings."""
        if not self._runs.is_news(event):
            return
        text = text_of(event, self._runs[event.run])
        if isinstance(event, Alert):
            self.notify(text, severity=SEVERITIES[event.level], markup=False, timeout=15)
        driver = self.app._driver
        if text and driver is not None and not self._replay:
            driver.write(sequence(self._config.config.notifications, text, os.environ))
            driver.flush()
