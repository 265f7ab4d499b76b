"""The top line: what this is, the open runs, where the screen runs."""

from __future__ import annotations

from collections.abc import Iterable

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.widgets import Static

from namestui.runs.text import Inert
from namestui.tui.state.open_runs import OpenRuns
from namestui.tui.widgets.glyphs import Glyphs
from namestui.tui.widgets.run_tabs import RunTabs
from namestui.tui.widgets.where import Where


class Head(Horizontal):
    """Name, tabs, host."""

    DEFAULT_CSS = """
    Head { height: 1; }
    """

    def __init__(self, *, glyphs: Glyphs) -> None:
        super().__init__()
        self.tabs = RunTabs(glyphs=glyphs, id="runs")
        self._where = Where(glyphs=glyphs, id="where")

    def compose(self) -> ComposeResult:
        """From left to right."""
        yield Static("namestui", id="brand")
        yield self.tabs
        yield self._where

    def show(self, runs: OpenRuns, where: Iterable[Inert]) -> None:
        """Bring both ends up to date."""
        self.tabs.show_runs(runs)
        self._where.show(where)
