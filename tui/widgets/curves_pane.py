"""The pane of the curves: as many charts as have room, the rest on pages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from textual.app import ComposeResult
from textual.containers import Container
from textual.message import Message

from namestui.runs.text import Inert
from namestui.tui.state.chart_view import ALL_LIVE, ChartView
from namestui.tui.state.class_history import Recalls
from namestui.tui.state.pages import Page
from namestui.tui.state.run_state import RunState
from namestui.tui.widgets.chart.chart import Chart
from namestui.tui.widgets.chart.curves import SHARES, split_note
from namestui.tui.widgets.chart.groups import RECALL, Group, chart_of_group
from namestui.tui.widgets.glyphs import Glyphs

EMPTY = "waiting for the first epoch"
ENDED = "it ended before its first epoch was complete"
NOTHING_FOUND = "no metric has these words (f: other words)"
MAX_CHARTS = 6
MIN_WIDTH, MIN_HEIGHT = 56, 9
"""Cells that a chart has at least where there is more than one beside, or above, another."""


class CurvesPane(Container, can_focus=True):
    """Charts side by side, and above each other; the keys are the main screen's."""

    DEFAULT_CSS = """
    CurvesPane { layout: grid; grid-size: 2; grid-gutter: 0; }
    CurvesPane:focus Chart { border: round $accent; }
    CurvesPane.-ascii:focus Chart { border: ascii $accent; }
    """

    def __init__(self, *, glyphs: Glyphs, id: str) -> None:
        super().__init__(id=id, classes="-ascii" if glyphs.is_ascii else "")
        self._glyphs = glyphs
        self.is_alone = False
        """Whether no other pane is shown: then there are more rows of charts rather than higher ones."""
        self.charts = [Chart(Inert(""), empty=EMPTY, glyphs=glyphs, id=f"chart-{at}") for at in range(MAX_CHARTS)]

    def compose(self) -> ComposeResult:
        """All the charts there may be; two are shown until it is known how many there are."""
        for at, chart in enumerate(self.charts):
            chart.display = at < 2
            yield chart

    @dataclass
    class Resized(Message):
        """Another number of charts may fit."""

    def on_resize(self) -> None:
        """Have the page drawn anew."""
        self.post_message(self.Resized())

    @property
    def shape(self) -> tuple[int, int]:
        """Columns and rows of charts that have room."""
        width, height = self.size
        columns = 2 if width >= 2 * MIN_WIDTH else 1
        rows = 1 if columns == 2 and not self.is_alone else height // (MIN_HEIGHT if columns == 1 else MIN_HEIGHT + 2)
        return columns, max(1, min(rows, MAX_CHARTS // 2))

    @property
    def room(self) -> int:
        """Charts that have room at once."""
        columns, rows = self.shape
        return columns * rows

    def show(self, state: RunState, shown: Sequence[Group], page: Page, view: ChartView, recalls: Recalls) -> None:
        """Show these groups, which are on that page."""
        columns = min(self.shape[0], max(len(shown), 1))
        if self.styles.grid_size_columns != columns:
            self.styles.grid_size_columns = columns
        for at, chart in enumerate(self.charts):
            chart.display = at < max(len(shown), 1)
        for chart, group in zip(self.charts, shown, strict=False):
            self._show_one(chart, state, group, view, recalls, page if chart is self.charts[0] else None)
        if not shown:
            self.charts[0].show([], (0.0, 1.0), view=ALL_LIVE, heading=Inert("curves"), empty=NOTHING_FOUND)

    def _show_one(
        self, chart: Chart, state: RunState, group: Group, view: ChartView, recalls: Recalls, page: Page | None
    ) -> None:
        """``page`` only where its number belongs in this chart's title."""
        is_share = group.metric in (*SHARES, RECALL)
        chart.show(
            **chart_of_group(state, group, recalls, view.x_axis)._asdict(),
            view=replace(view, log_y=view.log_y and not is_share),
            note=split_note(state) if group.metric == "accuracy" else "",
            heading=group.heading,
            page=page.label if page is not None else Inert(""),
            empty=EMPTY if state.is_live else ENDED,
        )
