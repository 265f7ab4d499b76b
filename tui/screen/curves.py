"""The charts of the shown run, for the keys by which they are looked at."""

from __future__ import annotations

from textual import on

from namestui.tui.screen.curve_keys import CurveKeys
from namestui.tui.screen.panes import Panes
from namestui.tui.screen.run_view import RunView
from namestui.tui.state.epochs import Epochs, epochs_of
from namestui.tui.widgets.chart.chart import Chart
from namestui.tui.widgets.chart.groups import groups_of
from namestui.tui.widgets.curves_pane import CurvesPane


class Curves(CurveKeys, Panes):
    """Charts, matrix and the classes' figures show the epoch of the cursor, until it is live again."""

    def _chart(self) -> Chart:
        return self._view.curves.charts[0]

    def _epochs(self) -> Epochs:
        state = self._runs.shown
        return epochs_of(state) if state is not None else Epochs()

    def _chart_names(self) -> list[str]:
        state = self._runs.shown
        return [group.name for group in groups_of(state, self._looks.pages.words)] if state is not None else []

    def _room(self) -> int:
        return self._view.curves.room

    def _draw_looks(self, *, is_kept: bool) -> None:
        self._redraw(force=True)
        if is_kept:
            self._remember()

    @on(CurvesPane.Resized)
    @on(RunView.Read)
    def _on_other_charts(self) -> None:
        self._redraw(force=True)
