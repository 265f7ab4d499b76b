"""The open runs, one tab each, and which of them is shown."""

from __future__ import annotations

from collections.abc import Sequence

from textual.content import Content
from textual.widgets import Tab

from namestui.tui.widgets.steady_tabs import SteadyTabs

GLYPHS = {
    "starting": "◌",
    "running": "●",
    "pausing": "❚❚",
    "paused": "❚❚",
    "stopping": "■",
    "stopped": "■",
    "finished": "✓",
    "failed": "✗",
    "interrupted": "!",
}
ASCII_GLYPHS = {
    "starting": ".",
    "running": "*",
    "pausing": "=",
    "paused": "=",
    "stopping": "#",
    "stopped": "#",
    "finished": "+",
    "failed": "x",
    "interrupted": "!",
}


class RunTabs(SteadyTabs, can_focus=False):
    """``1 RNN ●``: number, model and a sign for the state, whose word stands in the progress line."""

    DEFAULT_CSS = """
    RunTabs { width: 1fr; height: 1; }
    RunTabs #tabs-scroll { height: 1; }
    RunTabs Underline { display: none; }
    RunTabs Tab { height: 1; padding: 0 1; }
    RunTabs Tab.-active { text-style: bold reverse; }
    """

    def __init__(self, *, ascii_only: bool = False, id: str | None = None) -> None:
        super().__init__(id=id)
        self._glyphs = ASCII_GLYPHS if ascii_only else GLYPHS

    def show_runs(self, titles: Sequence[str], states: Sequence[str]) -> None:
        """Bring the tabs up to date; tab ``run-0`` is the first run's."""
        for index, (title, state) in enumerate(zip(titles, states, strict=True)):
            label = Content(f"{index + 1} {title} {self._glyphs[state]}")
            tab = self.query(f"#run-{index}").first(Tab) if self.query(f"#run-{index}") else None
            if tab is None:
                self.add_tab(Tab(label, id=f"run-{index}"))
            elif tab.label != label:
                tab.label = label

    async def remove_last(self) -> None:
        """One tab less; the labels move up at the next ``show_runs``."""
        await self.remove_tab(f"run-{self.tab_count - 1}")
