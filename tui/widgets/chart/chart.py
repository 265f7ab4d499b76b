"""A live line chart: `picture` draws it, this widget adds the legend, the colours and the mouse."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from rich.style import Style as RichStyle
from textual import events
from textual.color import Color
from textual.content import Content
from textual.message import Message
from textual.strip import Strip

from namestui.runs.text import Inert
from namestui.tui.state.chart_view import ALL_LIVE, ChartView, Span, XAxis
from namestui.tui.state.training_clock import Break
from namestui.tui.widgets.chart.canvas import Ink
from namestui.tui.widgets.chart.frame import Frame, frame_of
from namestui.tui.widgets.chart.hues import ROLES, SIXTEEN, Role, run_hue
from namestui.tui.widgets.chart.legend import Legend
from namestui.tui.widgets.chart.picture import lines_of
from namestui.tui.widgets.chart.plot import Plot
from namestui.tui.widgets.chart.series import Series
from namestui.tui.widgets.quiet import QuietWidget, centred

__all__ = ["Chart", "Series"]

WHEEL = 1.5
"""How much closer one notch of the mouse wheel looks."""
_BESIDE_TITLES = 6
"""Cells of a border's line that its title does not get: at either end a corner, a piece of line and a blank."""
_DIM = 0.45
"""How much of its colour a dim line keeps."""


class Chart(QuietWidget):
    """Curves, with the legend in the top border and the latest values, or those at the cursor, in the bottom one."""

    ALLOW_SELECT = False
    DEFAULT_CSS = """
    Chart {
        padding: 0 1 0 0;
        & > .chart--train { color: $text-primary; }
        & > .chart--validation { color: $text-warning; }
        & > .chart--third { color: $text-success; }
        & > .chart--fourth { color: $text-error; }
        & > .chart--fifth { color: $text-secondary; }
        & > .chart--sixth { color: $foreground; }
        & > .chart--reference { color: $foreground 60%; }
        & > .chart--axis { color: $foreground 60%; }
        & > .chart--empty { color: $foreground 60%; }
    }
    """
    COMPONENT_CLASSES = {*(f"chart--{role}" for role in ROLES), "chart--axis", "chart--empty"}

    @dataclass
    class CursorMoved(Message):
        """The mouse was pressed, or dragged, over the chart."""

        chart: Chart
        epoch: int
        """That of the nearest point."""

        @property
        def control(self) -> Chart:
            """The chart."""
            return self.chart

    @dataclass
    class Zoomed(Message):
        """The mouse wheel was turned over the chart."""

        chart: Chart
        factor: float
        """Above 1: closer."""
        at: float
        """The place on the x axis that is to stay where it is."""

        @property
        def control(self) -> Chart:
            """The chart."""
            return self.chart

    def __init__(self, heading: Inert, **kwargs: Any) -> None:
        """``kwargs`` as `QuietWidget` has them."""
        super().__init__(**kwargs)
        self.heading = heading
        self._plot = Plot()
        self._note = self._page = ""
        self._pointed: int | None = None
        self._framed: tuple[Plot, tuple[int, int], Frame | None] | None = None

    def show(
        self,
        series: Sequence[Series],
        x_limits: Span,
        y_limits: tuple[float, float] | None = None,
        *,
        view: ChartView = ALL_LIVE,
        x_axis: XAxis | None = None,
        x_name: str = "epoch",
        breaks: Sequence[Break] = (),
        note: str = "",
        heading: Inert | None = None,
        page: str = "",
        empty: str | None = None,
    ) -> None:
        """Show these curves; nothing is drawn again unless something differs from what is shown.

        `x_limits` are the whole axis however few points there are; `y_limits` (in the values' own units) default
        to round numbers about the values. The curves lie over `x_axis`: by default that of `view`, and another one
        where they have no such places. `note` stands in the bottom border before the latest values, `page` after the
        legend; `heading` and `empty` stay as they were where they are not given. Five letters of `x_name` fit.
        """
        curves = tuple(one.frozen() for one in series)
        plot = Plot(curves, x_limits, y_limits, view, x_axis or view.x_axis, x_name, tuple(breaks))
        heading = self.heading if heading is None else heading
        empty = self.empty if empty is None else empty
        if (plot, note, heading, page, empty) != (self._plot, self._note, self.heading, self._page, self.empty):
            self._plot, self._note, self.heading, self._page, self.empty = plot, note, heading, page, empty
            self.update_picture()

    @property
    def limits(self) -> Span:
        """The whole of the x axis, in its own units: what a zoom is a part of."""
        return self._plot.x_limits

    @property
    def cursor_place(self) -> float | None:
        """Where on the x axis the cursor stands; None where there is none."""
        return self._plot.cursor

    def reads(self) -> str:
        """What the cursor reads, or else the newest values: heading, epoch, and name and value of every curve,
        separated by tabs; empty where there is nothing to read."""
        readings = self._plot.readings()
        if not readings:
            return ""
        cursor = self._plot.view.cursor
        epoch = f"{cursor if cursor is not None else max(one.epoch for one in readings):g}"
        values = ("NaN" if one.value is None else f"{one.value:.6g}" for one in readings)
        names = (one.series.name for one in readings)
        pairs = [part for pair in zip(names, values, strict=True) for part in pair]
        return "\t".join([self.heading, "epoch", epoch, *pairs])

    def titles(self) -> tuple[Content, Content]:
        """The legend with how it is looked at, and the values."""
        frame = self._frame()
        legend = Legend(self._plot, self.heading, frame.y_axis if frame else None, self.glyphs, self._colour)
        width = self.outer_size.width - _BESIDE_TITLES if self.has_border else self.size.width
        return legend.top(self._page, width, dashed=self._is_colourless), legend.bottom(self._note, width)

    def key(self) -> object:
        """The curves."""
        return self._plot, self.heading

    def picture(self, width: int, height: int) -> list[Strip]:
        """The curves with their axes, or why there are none."""
        frame = self._frame()
        if frame is None:
            return centred(self._why_empty(), width, height, self.get_component_rich_style("chart--empty"))
        return lines_of(frame, self.glyphs, lru_cache(self._style), dashed=self._is_colourless)

    def on_mouse_down(self, event: events.MouseDown) -> None:
        """The cursor goes there, and on with the mouse until it is released."""
        if event.button == 1 and event.get_content_offset(self) is not None:
            self.capture_mouse()
            self._pointed = None
            self._point_at(event)

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """As long as the mouse is pressed."""
        if self.app.mouse_captured is self:
            self._point_at(event)

    def on_mouse_up(self) -> None:
        """The end of that."""
        if self.app.mouse_captured is self:
            self.release_mouse()

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Closer."""
        self._zoom(event, WHEEL)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Farther away."""
        self._zoom(event, 1 / WHEEL)

    def _zoom(self, event: events.MouseEvent, factor: float) -> None:
        event.stop()
        if (frame := self._frame()) is not None:
            self.post_message(self.Zoomed(self, factor, frame.x_at(event.get_content_offset_capture(self).x)))

    def _point_at(self, event: events.MouseEvent) -> None:
        frame = self._frame()
        if frame is None:
            return
        epoch = self._plot.epoch_at(frame.x_at(event.get_content_offset_capture(self).x))
        if epoch is not None and epoch != self._pointed:
            self._pointed = epoch
            self.post_message(self.CursorMoved(self, epoch))

    def _frame(self) -> Frame | None:
        """The plot at its size, worked out once."""
        size = (int(self.size.width), int(self.size.height))
        if self._framed is None or self._framed[0] is not self._plot or self._framed[1] != size:
            frame = frame_of(self._plot, size, self.glyphs) if all(size) else None
            self._framed = self._plot, size, frame
        return self._framed[2]

    def _why_empty(self) -> str:
        measured = self._plot.measured
        if not measured:
            return self.empty
        if not any(one.has_points for one in measured):
            return f"no finite {self.heading}"
        if self._plot.view.log_y and self._plot.not_positive():
            return "log axis: nothing above 0 (y: linear axis)"
        return "nothing here (0: all of the axis)"

    @property
    def _is_colourless(self) -> bool:
        return self.app.no_color or self.app.console.color_system is None

    @property
    def _is_sixteen(self) -> bool:
        return self.app.console.color_system in ("standard", "windows")

    def _style(self, ink: Ink | None) -> RichStyle:
        if ink is None:
            return self.rich_style
        if isinstance(ink.of, str) and ink.of not in ROLES:
            return self.get_component_rich_style(f"chart--{ink.of}")
        colour = self._colour(ink.of, is_dim=ink.is_dim)
        if ink.is_dim and not self._is_sixteen and not self._is_colourless:
            colour = self.background_colors[1].blend(colour, _DIM)
        return self.rich_style + RichStyle(color=colour.rich_color)

    def _colour(self, of: Role | int | str, *, is_dim: bool = False) -> Color:
        """The colour of a line; where there are only 16, a dim one is that of the other ground."""
        is_dark = self.app.current_theme.dark
        if self._is_sixteen:
            is_dark = is_dark != is_dim
        if isinstance(of, int):
            return Color.parse(run_hue(of, is_dark=is_dark, is_sixteen=self._is_sixteen))
        if of in SIXTEEN and self._is_sixteen:
            return Color.parse(SIXTEEN[of][is_dark])
        component = self.get_component_styles(f"chart--{of}").color
        return component if component.ansi is not None else self.background_colors[1] + component
