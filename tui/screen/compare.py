"""Runs side by side: their curves over each other, a table below; live, as the main screen is."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.widgets import Static

from namestui.runs.text import NOTHING, Inert, inert
from namestui.tui.dialogs.dialog import AnsweredOnce
from namestui.tui.state.comparison import Comparison
from namestui.tui.widgets.chart.chart import Chart
from namestui.tui.widgets.chart.races import metrics_of, race, whole
from namestui.tui.widgets.compare_columns import ordered, table_of
from namestui.tui.widgets.compare_table import CompareTable
from namestui.tui.widgets.foot import Foot
from namestui.tui.widgets.glyphs import Glyphs
from namestui.tui.words.compare import fairness

REDRAW_EVERY = 0.5
"""Seconds between two redraws of what streams in."""
TWO_CHARTS = 118
"""Columns from which on two metrics are shown at once."""
EMPTY = "waiting for the first epoch of any run"
FOOT = {"close": 0, "open": 0, "sort": 2, "zoom": 3, "x_axis": 3}


class CompareScreen(AnsweredOnce[str | None]):
    """Answers with the run whose tab is wanted; None: back to where one was."""

    AUTO_FOCUS = None
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j,down", "move(1)", "next run", show=False),
        Binding("k,up", "move(-1)", "run before", show=False),
        Binding("l", "column(1)", "column right", show=False),
        Binding("h", "column(-1)", "column left", show=False),
        Binding("S", "sort", "sort", key_display="S"),
        Binding("enter", "open", "its tab", key_display="enter"),
        *(Binding(str(n), f"number({n})", f"run {n}", show=False) for n in range(1, 10)),
        Binding("z", "zoom", "zoom"),
        Binding("pagedown", "page(1)", "more metrics", show=False),
        Binding("pageup", "page(-1)", "metrics before", show=False),
        Binding("escape,c,q", "close", "back", key_display="esc"),
    ]
    DEFAULT_CSS = """
    CompareScreen #charts { height: 1fr; min-height: 6; }
    CompareScreen #fairness { height: auto; max-height: 3; padding: 0 1; color: $text-warning; display: none; }
    CompareScreen #fairness.-shown { display: block; }
    CompareScreen CompareTable { height: auto; }
    CompareScreen.-charts CompareTable, CompareScreen.-table #charts { display: none; }
    CompareScreen.-table CompareTable { height: 1fr; }
    """

    def __init__(self, comparison: Comparison, *, glyphs: Glyphs) -> None:
        """``comparison`` has begun, and keeps how it is looked at for the next time."""
        super().__init__()
        self._comparison = comparison
        self._glyphs = glyphs
        self._table = CompareTable(glyphs=glyphs, id="table")
        self._fairness = Static("", id="fairness")
        self._warned = NOTHING
        self._drawn: object = None

    def compose(self) -> ComposeResult:
        """Top to bottom."""
        with Horizontal(id="charts"):
            yield Chart(Inert(""), empty=EMPTY, glyphs=self._glyphs, id="first")
            yield Chart(Inert(""), empty=EMPTY, glyphs=self._glyphs, id="second")
        yield self._fairness
        yield self._table
        yield Foot(FOOT)

    def on_mount(self) -> None:
        """Draw at once, and then what streams in."""
        self._charts = list(self.query(Chart))
        self._redraw()
        self.set_interval(REDRAW_EVERY, self._redraw_if_stale)

    def on_resize(self) -> None:
        """One chart or two."""
        self.query_one("#second").display = self.app.size.width >= TWO_CHARTS
        self._redraw()

    def on_screen_resume(self) -> None:
        """A dialog above is closed."""
        self._redraw()

    def _redraw_if_stale(self) -> None:
        if self._comparison.is_stale:
            self._redraw()

    def _redraw(self) -> None:
        """Draw everything; widgets repaint only what differs."""
        if not self.is_mounted:
            return
        comparison = self._comparison
        comparison.is_stale = False
        states, runs, configured = comparison.states(), comparison.runs(), comparison.configured()
        table = table_of(runs, configured, comparison.table)
        self._table.styles.height = len(runs) + TABLE_FRAME
        focus = table.runs[table.focus] if table.runs else ""
        metrics = metrics_of(states)
        first = index_of(comparison.metric, metrics)
        for chart, metric in zip(self._charts, [*metrics[first:], *metrics[:first]], strict=False):
            self._draw_chart(chart, states, metric, focus)
        self._table.show(table)
        self._warn(fairness(configured.unfair))

    def _warn(self, text: Inert) -> None:
        if text != self._warned:
            self._warned = text
            self._fairness.update(Content(text))
            self._fairness.set_class(bool(text), "-shown")

    # Keys

    def action_move(self, step: int) -> None:
        """Another run stands out."""
        self._comparison.table = self._comparison.table.moved(step, self._rows())
        self._redraw()

    def action_number(self, number: int) -> None:
        """The run with this number stands out."""
        states = self._comparison.states()
        if number <= len(states):
            self._comparison.table = replace(self._comparison.table, focus=states[number - 1].run)
            self._redraw()

    def action_column(self, step: int) -> None:
        """Another column is next to be sorted by."""
        self._comparison.table = self._comparison.table.on_column(step, self._columns())
        self._redraw()

    def action_sort(self) -> None:
        """By the column in focus; again: the other way; once more: as the tabs are."""
        self._sort("")

    def _sort(self, column: str) -> None:
        self._comparison.table = self._comparison.table.sorted(self._columns(), column)
        self._redraw()

    def action_page(self, step: int) -> None:
        """Other metrics."""
        metrics = metrics_of(self._comparison.states())
        shown = 2 if self._charts[1].display else 1
        at = index_of(self._comparison.metric, metrics) + step * shown
        self._comparison.metric = metrics[min(max(at, 0), len(metrics) - 1)]
        self._redraw()

    def action_zoom(self) -> None:
        """Charts alone, the table alone, both."""
        now = next((name for name in ZOOMS if name and self.has_class(name)), "")
        following = ZOOMS[(ZOOMS.index(now) + 1) % len(ZOOMS)]
        for name in filter(None, ZOOMS):
            self.set_class(name == following, name)

    def action_open(self) -> None:
        """Show the tab of the run that stands out."""
        rows = self._rows()
        if rows:
            self.dismiss(rows[self._table.table.focus])

    def action_close(self) -> None:
        """Back to where one was."""
        self.dismiss(None)
