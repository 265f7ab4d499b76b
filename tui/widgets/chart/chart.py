"""A live line chart: plotext draws the curves, this widget the axes, the legend and the colours."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite, log10
from typing import Any

from rich.segment import Segment as Cells
from rich.style import Style as RichStyle
from textual.app import RenderResult
from textual.color import Color
from textual.content import Content
from textual.reactive import reactive
from textual.strip import Strip
from textual.style import Style

from namestui.tui.widgets.chart.canvas import ASCII, BLOCKS, BRAILLE, Pen, Role, Run, Stroke, draw
from namestui.tui.widgets.chart.downsample import downsample
from namestui.tui.widgets.chart.series import Series
from namestui.tui.widgets.chart.ticks import Axis, clamp, epoch_axis, linear_axis, log_axis, ordered
from namestui.tui.widgets.quiet import QuietWidget, centred, changed_rows

__all__ = ["Chart", "Series"]

_LABEL = 5
_SMALLEST_WITH_AXES = (20, 4)
_KEYS: dict[Role, tuple[str, str, str]] = {
    "train": ("━", "━", "*"),
    "validation": ("━", "╍", "o"),
    "reference": ("┈", "┈", "-"),
}
# The theme's tints are matched to greys in 16 colours; these are rich's own, on light and on dark, so that each
# is matched to itself.
_SIXTEEN: dict[Role, tuple[str, str]] = {"train": ("#0000aa", "#5555ff"), "validation": ("#aa5500", "#ffff55")}


@dataclass(frozen=True)
class _Frame:
    """Everything that decides a picture but its size and its colours."""

    series: tuple[Series, ...] = ()
    x_limits: tuple[float, float] = (0.0, 1.0)
    y_limits: tuple[float, float] | None = None
    log_y: bool = False
    note: str = ""


class Chart(QuietWidget):
    """Curves over epochs, with the legend in the top border and the latest values in the bottom one."""

    DEFAULT_CSS = """
    Chart {
        width: 1fr; height: 1fr; padding: 0 1 0 0;
        border: round $foreground 25%;
        border-title-color: $foreground; border-title-background: transparent;
        border-subtitle-color: $foreground 70%; border-subtitle-background: transparent;
        &.-ascii { border: ascii $foreground 25%; }
        & > .chart--train { color: $text-primary; }
        & > .chart--validation { color: $text-warning; }
        & > .chart--reference { color: $foreground 60%; }
        & > .chart--axis { color: $foreground 60%; }
        & > .chart--empty { color: $foreground 60%; }
    }
    """
    COMPONENT_CLASSES = {
        "chart--train",
        "chart--validation",
        "chart--reference",
        "chart--axis",
        "chart--empty",
    }

    braille = reactive(True)
    """Draw in braille dots; without them in quarter blocks, for fonts that lack braille."""
    ascii_only = reactive(False)
    """Draw in ASCII, borders and legend included, for terminals that are not UTF-8."""
    empty = reactive("")
    """What an empty chart says: what will fill it, and how."""
    x_name = reactive("epoch")
    """What the horizontal axis counts; five letters or fewer fit."""

    def __init__(
        self,
        title: str,
        *,
        empty: str = "",
        braille: bool = True,
        ascii_only: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.heading = title
        self._frame = _Frame()
        self._rows: list[Strip] = []
        self._drawn: object = None
        self.set_reactive(Chart.empty, empty)
        self.set_reactive(Chart.braille, braille)
        self.set_reactive(Chart.ascii_only, ascii_only)

    def show(
        self,
        series: Sequence[Series],
        x_limits: tuple[float, float],
        y_limits: tuple[float, float] | None = None,
        log_y: bool = False,
        note: str = "",
    ) -> None:
        """Show these curves; nothing is drawn again unless something differs from what is shown.

        `x_limits` span the axis however few points there are; `y_limits` (in the values' own units) default
        to round numbers about the values. `note` stands in the bottom border before the latest values.
        """
        frame = _Frame(tuple(one.frozen() for one in series), x_limits, y_limits, log_y, note)
        if frame != self._frame:
            self._frame = frame
            self._update()

    def on_mount(self) -> None:
        """Write the titles, which need the theme's colours."""
        self.set_class(self.ascii_only, "-ascii")
        self._update()

    def notify_style_update(self) -> None:
        """Draw again in the colours of a new theme."""
        super().notify_style_update()
        self._drawn = None
        if self.is_mounted:
            self.call_later(self._write_titles)  # the new colours are not there yet

    def _write_titles(self) -> None:
        self.set_titles(self._legend(), self._values())

    def watch_ascii_only(self, ascii_only: bool) -> None:
        """Change the border along with the lines."""
        self.set_class(ascii_only, "-ascii")
        self._update()

    def render(self) -> RenderResult:
        """Nothing: the chart is drawn by lines."""
        return ""

    def render_line(self, y: int) -> Strip:
        """One line of the content, exactly as wide as the content."""
        self._draw()
        width = self.size.width
        row = self._rows[y] if y < len(self._rows) else Strip.blank(width, self.rich_style)
        return row.adjust_cell_length(width, self.rich_style)

    def _update(self) -> None:
        """Bring the picture up to date and repaint the lines that changed."""
        if not self.is_mounted:
            return
        self.set_titles(self._legend(), self._values())
        if not self.is_on_screen or not self._rows:
            self.refresh()  # nothing is drawn before someone looks
            return
        before = self._rows
        self._draw()
        self.refresh_rows(changed_rows(before, self._rows))

    def _draw(self) -> None:
        """Draw into `_rows`, unless they already hold this frame at this size."""
        width, height = self.size
        key = (self._frame, width, height, self.braille, self.ascii_only, self.empty, self.x_name)
        if self._drawn == key or not width or not height:
            return
        self._drawn = key
        strokes = [self._stroke(one, width) for one in self._frame.series]
        if any(stroke.segments for stroke in strokes):
            self._rows = self._picture(strokes, width, height)
        else:
            style = self.get_component_rich_style("chart--empty")
            self._rows = centred(self.empty, width, height, style)

    def _stroke(self, series: Series, width: int) -> Stroke:
        """The series thinned out to what can be seen in `width` columns, on the scale it is drawn in."""
        ys = series.ys
        if self._frame.log_y:
            ys = [log10(y) if y is not None and isfinite(y) and y > 0 else None for y in ys]
        columns = max(1, width - _LABEL - 1) * self._pen.dots
        pieces = downsample(series.xs, ys, ordered(self._frame.x_limits), columns)
        return Stroke(series.role, [(xs, [clamp(y) for y in piece]) for xs, piece in pieces])

    def _picture(self, strokes: list[Stroke], width: int, height: int) -> list[Strip]:
        y_axis = self._y_axis(strokes, height)
        label = max([_LABEL, *(len(text) for _, text in y_axis.ticks)])
        with_axes = width >= max(_SMALLEST_WITH_AXES[0], label + 10) and height >= _SMALLEST_WITH_AXES[1]
        gutter = label + 1 if with_axes else 0
        columns, rows = width - gutter, height - with_axes
        x_axis = epoch_axis(self._frame.x_limits, columns)
        limits = (x_axis.low, x_axis.high), (y_axis.low, y_axis.high)
        runs = draw(strokes, (columns, rows), *limits, self._pen, self._colourless)
        styles = self._styles()
        if not with_axes:
            return [Strip(_cells(row, styles), width) for row in runs]
        sides = self._side(y_axis, rows, label)
        picture = [
            Strip([Cells(side, styles["axis"]), *_cells(row, styles)], width)
            for side, row in zip(sides, runs, strict=True)
        ]
        foot = f"{self.x_name[:label]:>{label}} " + _foot(x_axis, columns)
        return [*picture, Strip([Cells(foot, styles["axis"])], width)]

    def _y_axis(self, strokes: list[Stroke], height: int) -> Axis:
        values = [y for stroke in strokes for _, ys in stroke.segments for y in ys]
        around = min(values), max(values)
        limits, most = self._frame.y_limits, max(2, min(5, height // 2))
        if not self._frame.log_y:
            return linear_axis(limits or around, most, limits is not None)
        if limits is None:
            return log_axis(around, most, False)
        low, high = (
            log10(limit) if limit > 0 and isfinite(limit) else end for limit, end in zip(limits, around, strict=True)
        )
        return log_axis((low, high), most, True)

    def _side(self, axis: Axis, rows: int, label: int) -> list[str]:
        """The vertical axis, one text a canvas row."""
        bar, tick = ("|", "+") if self.ascii_only else ("│", "┤")
        side = [" " * label + bar] * rows
        for position, text in axis.ticks:
            side[rows - 1 - axis.cell(position, rows)] = f"{text:>{label}}{tick}"
        return side

    @property
    def _pen(self) -> Pen:
        return ASCII if self.ascii_only else BRAILLE if self.braille else BLOCKS

    @property
    def _colourless(self) -> bool:
        return self.app.no_color or self.app.console.color_system is None

    def _styles(self) -> dict[str | None, RichStyle]:
        styles: dict[str | None, RichStyle] = {None: self.rich_style}
        styles["axis"] = self.get_component_rich_style("chart--axis")
        for role in _KEYS:
            styles[role] = self.rich_style + RichStyle(color=self._colour(role).rich_color)
        return styles

    def _legend(self) -> Content:
        parts: list[str | tuple[str, str | Style]] = [(self.heading, Style(bold=True))]
        column = 2 if self.ascii_only else int(self._colourless)
        for one in self._frame.series:
            parts += ["  ", (f"{_KEYS[one.role][column]} {one.name}", self._hue(one.role))]
        return Content.assemble(*parts)

    def _values(self) -> Content:
        parts: list[str | tuple[str, str | Style]] = [self._frame.note] if self._frame.note else []
        for one in self._frame.series:
            if one.role != "reference":
                parts += ["  " if parts else "", one.name, (one.latest(), self._hue(one.role))]
        return Content.assemble(*parts)

    def _hue(self, role: Role) -> Style:
        return Style(foreground=self._colour(role))

    def _colour(self, role: Role) -> Color:
        if role in _SIXTEEN and self.app.console.color_system in ("standard", "windows"):
            return Color.parse(_SIXTEEN[role][self.app.current_theme.dark])
        component = self.get_component_styles(f"chart--{role}").color
        return component if component.ansi is not None else self.background_colors[1] + component


def _cells(runs: list[Run], styles: dict[str | None, RichStyle]) -> list[Cells]:
    return [Cells(text, styles[role]) for text, role in runs]


def _foot(axis: Axis, columns: int) -> str:
    """The labels under the canvas: centred below their place, none touching another."""
    line = [" "] * columns
    free = 0
    for position, text in axis.ticks:
        middle = axis.cell(position, columns)
        start = min(max(middle - (len(text) - 1) // 2, 0), columns - len(text))
        if start >= free:
            line[start : start + len(text)] = text
            free = start + len(text) + 1
    return "".join(line[:columns])
