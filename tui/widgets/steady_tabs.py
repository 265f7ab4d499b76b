"""Tabs that come and go while keys are pressed."""

from __future__ import annotations

from textual.widgets import Tabs


class SteadyTabs(Tabs):
    """A tab that has gone meanwhile, or is not there yet, does not come to the front; Textual's raise."""

    def validate_active(self, active: str) -> str:
        """``active`` if there is such a tab, else what it was."""
        return super().validate_active(active) if not active or self.query(f"#tabs-list > #{active}") else self.active
