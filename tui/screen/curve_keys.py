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
    Binding("less_than_sign,left", "cursor(-1)", "epoch before", key_display="<", show=False),
    Binding("greater_than_sign,right", "cursor(1)", "epoch after", key_display=">", show=False),
    Binding("end", "live", "live again", show=False),
    Binding("plus,equals_sign", "closer(1)", "zoom in", key_display="+", show=False),
    Binding("minus", "closer(-1)", "zoom out", key_display="-", show=False),
    Binding("0", "all", "all of the axis", show=False),
    Binding("left_curly_bracket", "pan(-1)", "earlier", key_display="{", show=False),
    Binding("right_curly_bracket", "pan(1)", "later", key_display="}", show=False),
    Binding("x", "axis", "x axis"),
    Binding("y", "log_axis", "log axis", show=False),
    Binding("full_stop", "smooth(1)", "smoother", key_display=".", show=False),
    Binding("comma", "smooth(-1)", "rougher", key_display=",", show=False),
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

    def action_cursor(self, step: int) -> None:
        """The epoch before or after."""
        self.look(self.chart_view.moved(step, *self.epochs))

    def action_live(self) -> None:
        """No cursor: the newest."""
        self.look(self.chart_view.live())

    def action_closer(self, sign: int) -> None:
        """Around the cursor, or the middle of what is shown."""
        chart = self.lead_chart
        self.look(self.chart_view.zoomed(CLOSER**sign, chart.cursor_place, chart.limits))

    def action_all(self) -> None:
        """The whole axis."""
        self.look(self.chart_view.unzoomed())

    def action_pan(self, sign: int) -> None:
        """What lies beside what is shown."""
        self.look(self.chart_view.panned(sign * PAN, self.lead_chart.limits))

    def action_axis(self) -> None:
        """Another x axis."""
        self.look(self.chart_view.with_next_axis())

    def action_log_axis(self) -> None:
        """A logarithmic y axis, or back."""
        self.look(self.chart_view.toggled_log())

    def action_smooth(self, sign: int) -> None:
        """Smoother or rougher lines."""
        self.look(self.chart_view.smoother() if sign > 0 else self.chart_view.rougher())

    def action_outliers(self) -> None:
        """Limits about all values, or about most."""
        self.look(self.chart_view.toggled_outliers())

    @on(Chart.CursorMoved)
    def _on_cursor_moved(self, event: Chart.CursorMoved) -> None:
        self.look(self.chart_view.at(event.epoch, *self.epochs))

    @on(Chart.Zoomed)
    def _on_zoomed(self, event: Chart.Zoomed) -> None:
        self.look(self.chart_view.zoomed(event.factor, event.at, event.chart.limits))
