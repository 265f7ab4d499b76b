"""Runs side by side: their curves over each other, a table below; live, as the main screen is."""

from __future__ import annotations

from collections.abc import Sequence
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
from namestui.tui.dialogs.help import HelpScreen
from namestui.tui.screen.commands import live_keys
from namestui.tui.screen.curve_keys import CURVE_BINDINGS, CurveKeys
from namestui.tui.state.chart_view import ChartView
from namestui.tui.state.compare import Better
from namestui.tui.state.compare_view import CompareView, index_of
from namestui.tui.state.comparison import Comparison
from namestui.tui.state.run_state import RunState
from namestui.tui.widgets.chart.chart import Chart
from namestui.tui.widgets.chart.curves import SHARES, best_of, group_of
from namestui.tui.widgets.chart.races import metrics_of, race_of, readings_of
from namestui.tui.widgets.chart.series import Best
from namestui.tui.widgets.compare_columns import NOT_SHOWN, Shown, table_of
from namestui.tui.widgets.compare_table import CompareTable
from namestui.tui.widgets.foot import Foot
from namestui.tui.widgets.glyphs import Glyphs
from namestui.tui.words.about import about
from namestui.tui.words.compare import fairness

REDRAW_EVERY = 0.5
"""Seconds between two redraws of what streams in."""
TWO_CHARTS = 118
"""Columns from which on two metrics are shown at once."""
HIGH = 34
"""Rows from which on a warning may take several."""
EMPTY = "waiting for the first epoch of any run"
FOOT = {"back": 0, "live": 0, "open": 0, "help": 0, "sort": 1, "move(1)": 2, "x_axis": 3, "zoom": 4, "epoch_before": 5}
"""The ranks of the keys in the foot."""
TABLE_FRAME = 3
"""Lines of the table beside the runs'."""
ZOOMS = ("", "-charts", "-table")
"""What is shown: both, or one alone."""

BETTER: dict[Best, Better] = {"highest": "high", "lowest": "low", "": ""}


class CompareScreen(AnsweredOnce[str | None], CurveKeys):
    """Answers with the run whose tab is wanted; None: back to where one was."""

    AUTO_FOCUS = None
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "open", "its tab", key_display="enter"),
        Binding("j,down", "move(1)", "run", key_display="j k"),
        Binding("k,up", "move(-1)", "run before", show=False),
        *(Binding(str(n), f"number({n})", f"run {n}", show=False) for n in range(1, 10)),
        Binding("l", "column(1)", "column right", show=False),
        Binding("h", "column(-1)", "column left", show=False),
        Binding("S", "sort", "sort", key_display="S"),
        *CURVE_BINDINGS,
        Binding("pagedown", "page(1)", "more metrics", show=False),
        Binding("pageup", "page(-1)", "metrics before", show=False),
        Binding("z", "zoom", "zoom"),
        Binding("colon", "app.command_palette", "palette", key_display=":", show=False),
        Binding("question_mark", "help", "help", key_display="?"),
        Binding("escape", "back", "back", key_display="esc"),
        Binding("c,q", "close", "back", show=False),
    ]
    DEFAULT_CSS = """
    CompareScreen #charts { height: 1fr; min-height: 6; }
    CompareScreen #fairness { height: auto; max-height: 3; padding: 0 1; color: $text-warning; display: none; }
    CompareScreen #fairness.-shown { display: block; }
    CompareScreen CompareTable { max-height: 50%; }
    CompareScreen.-charts CompareTable, CompareScreen.-table #charts { display: none; }
    CompareScreen.-table CompareTable { max-height: 100%; }
    """

    def __init__(self, comparison: Comparison, *, glyphs: Glyphs) -> None:
        """``comparison`` has begun, and keeps how it is looked at for the next time."""
        super().__init__()
        self._comparison = comparison
        self._glyphs = glyphs
        self._charts = [Chart(NOTHING, empty=EMPTY, glyphs=glyphs, id=name) for name in ("first", "second")]
        self._table = CompareTable(glyphs=glyphs, id="table")
        self._fairness = Static("", id="fairness")
        self._warned = NOTHING

    def compose(self) -> ComposeResult:
        """Top to bottom."""
        with Horizontal(id="charts"):
            yield from self._charts
        yield self._fairness
        yield self._table
        yield Foot(FOOT)

    def on_mount(self) -> None:
        """Draw at once, and then what streams in."""
        self._redraw()
        self.set_interval(REDRAW_EVERY, self._redraw_if_stale)

    def on_resize(self) -> None:
        """One chart or two."""
        self._charts[1].display = self.app.size.width >= TWO_CHARTS
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
        view, titles = comparison.chart, [one.title for one in runs]
        focus = states[index_of(comparison.table.focus, [one.run for one in runs])].run if runs else ""
        shown = NOT_SHOWN
        for place, (chart, metric) in enumerate(zip(self._charts, self._metrics(states), strict=False)):
            race = race_of(states, titles, metric, view.x_axis, focus)
            is_share = group_of(metric) in SHARES
            chart.show(**race._asdict(), view=replace(view, log_y=view.log_y and not is_share), heading=inert(metric))
            if not place:
                shown = Shown(readings_of(race, view), view.cursor, BETTER[best_of(group_of(metric))])
        table = table_of(runs, configured, comparison.table, shown)
        self._table.styles.height = len(runs) + TABLE_FRAME
        self._table.show(table)
        self._warn(fairness(configured.unfair, self._room_for_words()))

    def _metrics(self, states: Sequence[RunState]) -> list[str]:
        """As many as there are charts: from the one on that was chosen."""
        metrics = metrics_of(states)
        first = index_of(self._comparison.metric, metrics)
        return [*metrics[first:], *metrics[:first]][: len(self._charts)]

    def _room_for_words(self) -> int:
        """Cells: a line on a small terminal, three on a high one."""
        width, height = self.app.size
        return (width - 2) * (3 if height >= HIGH else 1)

    def _warn(self, text: Inert) -> None:
        if text != self._warned:
            self._warned = text
            self._fairness.update(Content(text))
            self._fairness.set_class(bool(text), "-shown")

    # How the curves are looked at

    @property
    def chart_view(self) -> ChartView:
        """Kept for the next time."""
        return self._comparison.chart

    @property
    def lead_chart(self) -> Chart:
        """The first: both have one axis."""
        return self._charts[0]

    @property
    def epochs(self) -> tuple[int, int]:
        """To the last epoch of any run."""
        return 1, max((state.epoch for state in self._comparison.states()), default=0)

    def look(self, view: ChartView) -> None:
        """Look at all curves this way."""
        self._comparison.chart = view
        self._redraw()
        self.refresh_bindings()

    # Keys

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002
        """Esc is live again first, then back."""
        is_live = self._comparison.chart.cursor is None
        return self.is_mounted and {"live": not is_live, "epoch_after": not is_live, "back": is_live}.get(action, True)

    def action_move(self, step: int) -> None:
        """Another run stands out."""
        self._look_at_table(self._comparison.table.moved(step, [head.run for head in self._table.table.heads]))

    def action_number(self, number: int) -> None:
        """The run with this number stands out."""
        states = self._comparison.states()
        if number <= len(states):
            self._look_at_table(replace(self._comparison.table, focus=states[number - 1].run))

    def action_column(self, step: int) -> None:
        """Another column is next to be sorted by."""
        self._look_at_table(self._comparison.table.on_column(step, self._columns()))

    def action_sort(self) -> None:
        """By the column in focus; again: the other way; once more: as the tabs are."""
        self._look_at_table(self._comparison.table.sorted(self._columns()))

    def action_page(self, step: int) -> None:
        """Other metrics, as many as are shown at once."""
        metrics = metrics_of(self._comparison.states())
        at = index_of(self._comparison.metric, metrics) + step * sum(chart.display for chart in self._charts)
        self._comparison.metric = metrics[min(max(at, 0), len(metrics) - 1)]
        self._redraw()

    def action_zoom(self) -> None:
        """Charts alone, the table alone, both."""
        at = next((place for place, name in enumerate(ZOOMS) if name and self.has_class(name)), 0)
        following = ZOOMS[(at + 1) % len(ZOOMS)]
        for name in filter(None, ZOOMS):
            self.set_class(name == following, name)

    def action_open(self) -> None:
        """To the tab of the run that stands out."""
        table = self._table.table
        if table.heads:
            self.dismiss(table.heads[table.focus].run)

    def action_close(self) -> None:
        """Back to where one was."""
        self.dismiss(None)

    action_back = action_close

    def action_help(self) -> None:
        """The keys that work now, and what the run that stands out is."""
        table = self._table.table
        states = {state.run: state for state in self._comparison.states()}
        focus = states[table.heads[table.focus].run] if table.heads else None
        self.app.push_screen(HelpScreen(live_keys(self, self._glyphs), about(focus)))

    def _columns(self) -> list[str]:
        return [column.name for column in self._table.table.columns]

    def _look_at_table(self, view: CompareView) -> None:
        self._comparison.table = view
        self._redraw()

    # Mouse

    @on(CompareTable.RowChosen)
    def _on_row(self, event: CompareTable.RowChosen) -> None:
        self._look_at_table(replace(self._comparison.table, focus=self._table.table.heads[event.row].run))

    @on(CompareTable.ColumnChosen)
    def _on_column(self, event: CompareTable.ColumnChosen) -> None:
        self._look_at_table(self._comparison.table.sorted(self._columns(), self._columns()[event.column]))

    @on(CompareTable.Scrolled)
    def _on_scrolled(self, event: CompareTable.Scrolled) -> None:
        self.action_move(event.step)
