"""The open runs, one tab each, and which of them is shown."""

from __future__ import annotations

from rich.cells import cell_len
from textual.content import Content
from textual.widgets import Tab

from namestui.runs.events import AlertLevel
from namestui.tui.state.open_runs import OpenRuns
from namestui.tui.state.run_state import RunState
from namestui.tui.widgets.glyphs import UNICODE, Glyphs
from namestui.tui.widgets.steady_tabs import SteadyTabs

MARKS: dict[AlertLevel, str] = {"error": "!!", "warning": "!", "info": "i"}
"""Of the gravest alert that was not seen yet, behind how many there are."""


class RunTabs(SteadyTabs, can_focus=False):
    """``1 RNN ● 2!``: number, name, model and a sign for the state, whose word stands in the progress line; then what
    the user has not seen yet: so many alerts, the gravest a warning."""

    DEFAULT_CSS = """
    RunTabs { width: 1fr; height: 1; }
    RunTabs #tabs-scroll { height: 1; }
    RunTabs Underline { display: none; }
    RunTabs Tab { height: 1; padding: 0 1; }
    RunTabs Tab.-active { text-style: bold reverse; }
    """

    def __init__(self, *, glyphs: Glyphs = UNICODE, id: str | None = None) -> None:
        super().__init__(id=id)
        self._glyphs = glyphs

    def show_runs(self, runs: OpenRuns) -> None:
        """Bring the tabs up to date; tab ``run-0`` is the first run's. Models give way to names where room is short."""
        texts = self._texts(runs, with_models=True)
        if self.size.width and sum(cell_len(text) + 2 for text in texts) > self.size.width:
            texts = self._texts(runs, with_models=False)
        for index, text in enumerate(texts):
            label = Content(text)
            tab = self.query(f"#run-{index}").first(Tab) if self.query(f"#run-{index}") else None
            if tab is None:
                self.add_tab(Tab(label, id=f"run-{index}"))
            elif tab.label != label:
                tab.label = label

    def _texts(self, runs: OpenRuns, *, with_models: bool) -> list[str]:
        texts = []
        for number, (title, state) in enumerate(zip(runs.titles(), runs, strict=True), 1):
            model = state.model_title if with_models and state.name else ""
            name = self._glyphs.separator.join(filter(None, (title, model)))
            texts.append(f"{number} {name} {self._glyphs.states[state.state]}{_unseen(state)}")
        return texts

    async def remove_last(self) -> None:
        """One tab less; the labels move up at the next ``show_runs``."""
        await self.remove_tab(f"run-{self.tab_count - 1}")


def _unseen(state: RunState) -> str:
    unseen = state.unseen_alerts
    levels = {alert.level for alert in unseen}
    return next((f" {len(unseen)}{mark}" for level, mark in MARKS.items() if level in levels), "")
