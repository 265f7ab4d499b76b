"""Keys and mouse by which curves are looked at: cursor, zoom, axis, smoothing, limits."""

from __future__ import annotations

from textual import on
from textual.binding import Binding
from textual.message_pump import MessagePump

from namestui.tui.state.chart_view import ChartView
from namestui.tui.widgets.chart.chart import Chart

CLOSER = 2.0
"""How much closer a key looks."""
PAN = 0.25
"""The share of what is shown by which a key moves it."""

CURVE_BINDINGS = [
    Binding("less_than_sign", "epoch_before", "epoch", key_display="<"),
    Binding("greater_than_sign", "epoch_after", "epoch after", key_display=">", show=False),
    Binding("escape,end", "live", "live"),
    Binding("left", "column(-1)", "cursor left", show=False),
    Binding("right", "column(1)", "cursor right", show=False),
    Binding("home", "first_epoch", "first epoch", show=False),
    Binding("plus,equals_sign", "closer", "zoom in", key_display="+", show=False),
    Binding("minus", "farther", "zoom out", key_display="-", show=False),
    Binding("0", "whole", "all epochs", show=False),
    Binding("left_curly_bracket", "pan(-1)", "pan left", key_display="{", show=False),
    Binding("right_curly_bracket", "pan(1)", "pan right", key_display="}", show=False),
    Binding("x", "x_axis", "x axis"),
    Binding("y", "log_axis", "log axis", show=False),
    Binding("comma", "rougher", "smooth less", key_display=",", show=False),
    Binding("full_stop", "smoother", "smooth", key_display=".", show=False),
    Binding("b", "outliers", "outliers", show=False),
]


class CurveKeys(MessagePump):
    """What a screen with charts has."""

    @property
    def chart_view(self) -> ChartView:
        """How they are looked at."""
        raise NotImplementedError

    @property
    def lead_chart(self) -> Chart:
        """Whose axis a zoom is a part of."""
        raise NotImplementedError

    @property
    def epochs(self) -> tuple[int, int]:
        """The first and the last epoch on which the cursor can stand."""
        raise NotImplementedError

    def look(self, view: ChartView) -> None:
        """Look at the curves this way."""
        raise NotImplementedError

    def action_epoch_before(self) -> None:
        """One epoch back; from what comes in to the last but one."""
        self.look(self.chart_view.moved(-1, *self.epochs))

    def action_epoch_after(self) -> None:
        """One epoch on."""
        self.look(self.chart_view.moved(1, *self.epochs))

    def action_column(self, step: int) -> None:
        """The cursor by what one column of a chart spans."""
        first, last = self.epochs
        width = max(1, round((last - first) / max(1, self.lead_chart.size.width - 10)))
        self.look(self.chart_view.moved(step * width, first, last))

    def action_first_epoch(self) -> None:
        """To the first."""
        self.look(self.chart_view.at(self.epochs[0], *self.epochs))

    def action_live(self) -> None:
        """Follow what comes in again."""
        self.look(self.chart_view.live())

    def action_closer(self) -> None:
        """Half of what is shown, around the cursor."""
        self._zoom_axis(CLOSER, self.lead_chart)

    def action_farther(self) -> None:
        """Twice as much."""
        self._zoom_axis(1 / CLOSER, self.lead_chart)

    def action_whole(self) -> None:
        """The whole axis."""
        self.look(self.chart_view.unzoomed())

    def action_pan(self, step: int) -> None:
        """Show what lies beside it."""
        self.look(self.chart_view.panned(step * PAN, self.lead_chart.limits))

    def action_x_axis(self) -> None:
        """Epochs, names or steps, wall clock, time spent training."""
        self.look(self.chart_view.with_next_axis())

    def action_log_axis(self) -> None:
        """Show what is no share on a logarithmic axis, or back."""
        self.look(self.chart_view.toggled_log())

    def action_rougher(self) -> None:
        """Smooth the lines less."""
        self.look(self.chart_view.rougher())

    def action_smoother(self) -> None:
        """Smooth the lines more."""
        self.look(self.chart_view.smoother())

    def action_outliers(self) -> None:
        """Limits about all values, or about all but the lowest and highest hundredth."""
        self.look(self.chart_view.toggled_outliers())

    def _zoom_axis(self, factor: float, chart: Chart) -> None:
        self.look(self.chart_view.zoomed(factor, chart.cursor_place, chart.limits))

    @on(Chart.CursorMoved)
    def _on_cursor_moved(self, event: Chart.CursorMoved) -> None:
        self.look(self.chart_view.at(event.epoch, *self.epochs))

    @on(Chart.Zoomed)
    def _on_zoomed(self, event: Chart.Zoomed) -> None:
        self.look(self.chart_view.zoomed(event.factor, event.at, event.chart.limits))
