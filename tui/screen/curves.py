"""Keys of the charts: which are shown, over which axis and which part of it, and how their lines are drawn."""

from __future__ import annotations

from dataclasses import replace

from textual import on, work

from namestui.runs.text import Inert, inert
from namestui.tui.dialogs.ask_line import AskLine
from namestui.tui.screen.cursor import Cursor
from namestui.tui.screen.run_view import RunView
from namestui.tui.state.chart_view import ChartView
from namestui.tui.state.pages import Pages
from namestui.tui.widgets.chart.chart import Chart
from namestui.tui.widgets.chart.groups import groups_of
from namestui.tui.widgets.curves_pane import CurvesPane

ZOOM, PAN = 2.0, 0.25
"""How much closer one key looks, and by which share of what is shown one key pans."""


class Curves(Cursor):
    """All charts are looked at in the same way, and so they are the next time."""

    def action_column(self, step: int) -> None:
        """The cursor by what one column of a chart spans: an epoch, or more of a long run."""
        epochs = self._epochs()
        chart = self._chart()
        first, last = self._looks.view.span if self._looks.view.span and self._is_by_epoch else chart.limits
        spanned = (last - first) / max(1, chart.size.width - 10) if self._is_by_epoch else 1.0
        width = len(epochs.places) / max(1, chart.size.width - 10) if epochs.places else spanned
        self._move(step * max(1, round(width)))

    def action_closer(self) -> None:
        """Half of what is shown, around the cursor."""
        self._zoom_axis(ZOOM, self._chart().cursor_place)

    def action_farther(self) -> None:
        """Twice as much."""
        self._zoom_axis(1 / ZOOM, self._chart().cursor_place)

    def action_whole(self) -> None:
        """The whole axis."""
        self._look(self._looks.view.unzoomed())

    def action_pan(self, step: int) -> None:
        """Show what lies beside it."""
        self._look(self._looks.view.panned(step * PAN, self._chart().limits))

    def action_x_axis(self) -> None:
        """Epochs, names or steps, wall clock, time spent training."""
        self._look_always(self._looks.view.with_next_axis())

    def action_log_axis(self) -> None:
        """Show what is no share on a logarithmic axis, or back."""
        self._look_always(self._looks.view.toggled_log())

    def action_rougher(self) -> None:
        """Smooth the lines less."""
        self._look_always(self._looks.view.rougher())

    def action_smoother(self) -> None:
        """Smooth the lines more."""
        self._look_always(self._looks.view.smoother())

    def action_outliers(self) -> None:
        """Limits about all values, or about all but the lowest and highest hundredth."""
        self._look_always(self._looks.view.toggled_outliers())

    def action_turn_page(self, step: int) -> None:
        """Other charts."""
        state = self._runs.shown
        if state is not None:
            names = [group.name for group in groups_of(state, self._looks.pages.words)]
            self._turn_to(self._looks.pages.turned(names, self._view.curves.room, step))

    @work
    async def action_filter(self) -> None:
        """Ask for words that the charts must have in their names."""
        words = await self.app.push_screen_wait(
            AskLine(Inert("only charts with these words (none: all)"), inert(self._looks.pages.words))
        )
        if words is not None:
            self._turn_to(self._looks.pages.filtered(words))

    action_filter_here = action_filter

    @property
    def _is_by_epoch(self) -> bool:
        return self._looks.view.x_axis == "epoch"

    def _chart(self) -> Chart:
        """Whose axis is taken for that of all."""
        return self._view.curves.charts[0]

    def _zoom_axis(self, factor: float, around: float | None) -> None:
        self._look(self._looks.view.zoomed(factor, around, self._chart().limits))

    def _look_always(self, view: ChartView) -> None:
        self._look(view)
        self._remember()

    def _turn_to(self, pages: Pages) -> None:
        self._looks = replace(self._looks, pages=pages)
        self._redraw(force=True)
        self._remember()

    @on(Chart.Zoomed)
    def _on_zoomed(self, event: Chart.Zoomed) -> None:
        self._zoom_axis(event.factor, event.at)

    @on(CurvesPane.Resized)
    @on(RunView.Read)
    def _on_other_charts(self) -> None:
        self._redraw(force=True)
