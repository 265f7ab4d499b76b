"""Runs side by side: their curves over each other, a table below; live, as the main screen is."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.widgets import Static

from namestui.runs.text import NOTHING, Inert, inert
from namestui.tui.dialogs.dialog import AnsweredOnce
from namestui.tui.dialogs.help import HelpScreen
from namestui.tui.screen.actions import CURVES, EPOCHS, Action
from namestui.tui.screen.commands import live_keys
from namestui.tui.screen.curve_keys import CurveKeys
from namestui.tui.screen.keymap import Keymap
from namestui.tui.state.compare import Better
from namestui.tui.state.compare_view import CompareView
from namestui.tui.state.comparison import Comparison
from namestui.tui.state.epochs import Epochs, epochs_of_all
from namestui.tui.widgets.chart.chart import Chart
from namestui.tui.widgets.chart.curves import SHARES, best_of, group_of
from namestui.tui.widgets.chart.races import metrics_of, race_of, readings_of
from namestui.tui.widgets.chart.series import Best
from namestui.tui.widgets.compare_columns import NOT_SHOWN, Shown, table_of
from namestui.tui.widgets.compare_table import CompareTable
from namestui.tui.widgets.curves_pane import NOTHING_FOUND
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
TABLE_FRAME = 3
"""Lines of the table beside the runs'."""
ZOOMS = ("", "-charts", "-table")
"""What is shown: both, or one alone."""
EMPTY = "waiting for the first epoch of any run"
BETTER: dict[Best, Better] = {"highest": "high", "lowest": "low", "": ""}
ACTIONS = (
    Action(name="open", keys="enter", text="its tab", foot=0, shown_key="enter"),
    Action(name="move(1)", keys="j,down", text="run", foot=2, shown_key="j k"),
    Action(name="move(-1)", keys="k,up", text="run before"),
    *(Action(name=f"number({n})", keys=str(n), text=f"run {n}") for n in range(1, 10)),
    Action(name="sort", keys="S", text="sort", foot=1, shown_key="S"),
    Action(name="table_column(-1)", keys="h", text="column left"),
    Action(name="table_column(1)", keys="l", text="column right"),
    *EPOCHS,
    *CURVES,
    Action(name="zoom", keys="z", text="zoom", foot=4),
    Action(name="app.copy", keys="Y,ctrl+y", text="copy", shown_key="Y"),
    Action(name="app.command_palette", keys="colon", text="palette", shown_key=":"),
    Action(name="help", keys="question_mark", text="help", foot=0, shown_key="?"),
    Action(name="back", keys="escape", text="back", foot=0, shown_key="esc"),
    Action(name="close", keys="c,q", text="close"),
)
"""Bindings, foot and help are made of it."""


class CompareScreen(CurveKeys, AnsweredOnce[str | None]):
    """Answers with the run whose tab is wanted; None: back to where one was."""

    AUTO_FOCUS = None
    BINDINGS: ClassVar[list[BindingType]] = [action.binding() for action in ACTIONS]
    DEFAULT_CSS = """
    CompareScreen #charts { height: 1fr; min-height: 6; }
    CompareScreen #fairness { height: auto; max-height: 3; padding: 0 1; color: $text-warning; display: none; }
    CompareScreen #fairness.-shown { display: block; }
    CompareScreen CompareTable { max-height: 50%; }
    CompareScreen.-charts CompareTable, CompareScreen.-table #charts { display: none; }
    CompareScreen.-table CompareTable { max-height: 100%; }
    """

    def __init__(self, comparison: Comparison, *, keymap: Keymap | None = None, glyphs: Glyphs) -> None:
        """``comparison`` has begun, and keeps how it is looked at for the next time; ``keymap`` are the user's keys of
        what the main screen has as well."""
        super().__init__()
        self._bindings = self._bindings if keymap is None else keymap.rebind(self._bindings)
        self._comparison = comparison
        self._looks = comparison.looks
        self._glyphs = glyphs
        self._charts = [Chart(NOTHING, empty=EMPTY, glyphs=glyphs, id=name) for name in ("first", "second")]
        self._table = CompareTable(glyphs=glyphs, id="table")
        self._fairness = Static("", id="fairness")
        self._warned = NOTHING

    def reads(self) -> str:
        """What is copied: the run in focus, or what the charts read where they are shown alone."""
        charts = [chart.reads() for chart in self._charts if chart.display]
        return self._table.reads() if self._table.display else "\n".join(filter(None, charts))

    def compose(self) -> ComposeResult:
        """Top to bottom."""
        with Horizontal(id="charts"):
            yield from self._charts
        yield self._fairness
        yield self._table
        yield Foot({action.name: action.foot for action in ACTIONS if action.foot is not None})

    def on_mount(self) -> None:
        """Draw at once, and then what streams in."""
        self._redraw()
        self.set_interval(REDRAW_EVERY, self._redraw_if_stale)

    def on_resize(self) -> None:
        """One chart or two."""
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
        view, metrics = self._looks.view, metrics_of(states, self._looks.pages.words)
        page = self._looks.pages.page(metrics, self._room())
        if not metrics:
            self._charts[0].show([], (0.0, 1.0), heading=Inert("curves"), empty=NOTHING_FOUND)
        shown = NOT_SHOWN
        for chart, metric in zip(self._charts, page.names, strict=False):
            race = race_of(states, metric, view.x_axis, comparison.table.focus)
            is_share, is_first = group_of(metric) in SHARES, chart is self._charts[0]
            chart.show(
                **race._asdict(),
                view=replace(view, log_y=view.log_y and not is_share),
                heading=inert(metric),
                page=page.label if is_first else Inert(""),
                empty=EMPTY,
            )
            if is_first:
                shown = Shown(readings_of(race, view), view.cursor, BETTER[best_of(group_of(metric))])
        self._charts[1].display = len(page.names) > 1
        self._table.styles.height = len(runs) + TABLE_FRAME
        self._table.show(table_of(runs, configured, comparison.table, shown))
        self._warn(fairness(configured.unfair, self._room_for_words()))

    def _room_for_words(self) -> int:
        """Cells: a line on a small terminal, three on a high one."""
        width, height = self.app.size
        return (width - 2) * (3 if height >= HIGH else 1)

    def _warn(self, text: Inert) -> None:
        if text != self._warned:
            self._warned = text
            self._fairness.update(Content(text))
            self._fairness.set_class(bool(text), "-shown")

    # What the keys of the curves ask for

    def _chart(self) -> Chart:
        return self._charts[0]

    def _epochs(self) -> Epochs:
        return epochs_of_all(self._comparison.states())

    def _chart_names(self) -> list[str]:
        return metrics_of(self._comparison.states(), self._looks.pages.words)

    def _room(self) -> int:
        return 2 if self.app.size.width >= TWO_CHARTS else 1

    def _draw_looks(self, *, is_kept: bool) -> None:  # noqa: ARG002
        self._comparison.looks = self._looks
        self._redraw()
        self.refresh_bindings()

    # Keys

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002
        """Keys that would do nothing are not offered; esc is live again first, then back."""
        view = self._looks.view
        if action == "turn_page":
            return self.is_mounted and self._looks.pages.page(self._chart_names(), self._room()).pages > 1
        offered = {
            **dict.fromkeys(("live", "epoch_after"), view.cursor is not None),
            **dict.fromkeys(("farther", "whole", "pan"), view.span is not None),
            "back": view.cursor is None,
            "rougher": view.smoothing > 0,
        }
        return self.is_mounted and offered.get(action, True)

    def action_move(self, step: int) -> None:
        """Another run stands out."""
        self._look_at_table(self._comparison.table.moved(step, [head.run for head in self._table.table.heads]))

    def action_number(self, number: int) -> None:
        """The run with this number stands out."""
        states = self._comparison.states()
        if number <= len(states):
            self._look_at_table(replace(self._comparison.table, focus=states[number - 1].run))

    def action_table_column(self, step: int) -> None:
        """Another column is next to be sorted by."""
        self._look_at_table(self._comparison.table.on_column(step, self._columns()))

    def action_sort(self) -> None:
        """By the column in focus; again: the other way; once more: as the tabs are."""
        self._look_at_table(self._comparison.table.sorted(self._columns()))

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
