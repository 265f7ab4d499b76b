"""A live line chart: plotext draws the curves, `picture` the axes, this widget the legend and the colours."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rich.style import Style as RichStyle
from textual.color import Color
from textual.content import Content
from textual.strip import Strip
from textual.style import Style

from namestui.runs.text import Inert
from namestui.tui.widgets.chart.hues import ROLES, SIXTEEN, Role, stroke_of
from namestui.tui.widgets.chart.picture import Curves, lines_of
from namestui.tui.widgets.chart.series import Series
from namestui.tui.widgets.quiet import QuietWidget, centred

__all__ = ["Chart", "Series"]


class Chart(QuietWidget):
    """Curves over epochs, with the legend in the top border and the latest values in the bottom one."""

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

    def __init__(self, heading: Inert, **kwargs: Any) -> None:
        """``kwargs`` as `QuietWidget` has them."""
        super().__init__(**kwargs)
        self.heading = heading
        self._curves = Curves()
        self._note = ""

    def show(
        self,
        series: Sequence[Series],
        x_limits: tuple[float, float],
        y_limits: tuple[float, float] | None = None,
        *,
        log_y: bool = False,
        note: str = "",
        heading: Inert | None = None,
        x_name: str = "epoch",
        empty: str | None = None,
    ) -> None:
        """Show these curves; nothing is drawn again unless something differs from what is shown.

        `x_limits` span the axis however few points there are; `y_limits` (in the values' own units) default
        to round numbers about the values. `note` stands in the bottom border before the latest values; `heading` and
        `empty` stay as they were where they are not given. Five letters of `x_name` fit.
        """
        curves = Curves(tuple(one.frozen() for one in series), x_limits, y_limits, log_y, x_name)
        heading = self.heading if heading is None else heading
        empty = self.empty if empty is None else empty
        if (curves, note, heading, empty) != (self._curves, self._note, self.heading, self.empty):
            self._curves, self._note, self.heading, self.empty = curves, note, heading, empty
            self.update_picture()

    def titles(self) -> tuple[Content, Content]:
        """The legend, and the latest values."""
        return self._legend(), self._values()

    def key(self) -> object:
        """The curves."""
        return self._curves, self.heading

    def picture(self, width: int, height: int) -> list[Strip]:
        """The curves with their axes, or why there are none."""
        drawn = lines_of(self._curves, (width, height), self.glyphs, self._styles(), dashed=self._is_colourless)
        return drawn or centred(self._why_empty(), width, height, self.get_component_rich_style("chart--empty"))

    def _why_empty(self) -> str:
        measured = [one for one in self._curves.series if one.role != "reference" and len(one.ys)]
        if not measured:
            return self.empty
        if any(one.has_points for one in measured) and self._curves.log_y:
            return "log axis: nothing above 0 (y: linear axis)"
        return f"no finite {self.heading}"

    @property
    def _is_colourless(self) -> bool:
        return self.app.no_color or self.app.console.color_system is None

    def _styles(self) -> dict[str | None, RichStyle]:
        styles: dict[str | None, RichStyle] = {None: self.rich_style}
        styles["axis"] = self.get_component_rich_style("chart--axis")
        for role in ROLES:
            styles[role] = self.rich_style + RichStyle(color=self._colour(role).rich_color)
        return styles

    def _legend(self) -> Content:
        parts: list[str | tuple[str, str | Style]] = [(self.heading, Style(bold=True))]
        for one in self._curves.series:
            parts += ["  ", (f"{self._sample(one.role)} {one.name}", self._hue(one.role))]
        return Content.assemble(*parts)

    def _sample(self, role: Role) -> str:
        """A piece of the curve's line, for the legend."""
        if role == "reference":
            return self.glyphs.reference
        lines = self.glyphs.dashed if self._is_colourless else self.glyphs.lines
        return lines[stroke_of(role) % len(lines)]

    def _values(self) -> Content:
        parts: list[str | tuple[str, str | Style]] = [self._note] if self._note else []
        for one in self._curves.series:
            if one.role != "reference" and len(one.ys):
                parts += ["  " if parts else "", one.name, (one.latest(), self._hue(one.role))]
        return Content.assemble(*parts)

    def _hue(self, role: Role) -> Style:
        return Style(foreground=self._colour(role))

    def _colour(self, role: Role) -> Color:
        if role in SIXTEEN and self.app.console.color_system in ("standard", "windows"):
            return Color.parse(SIXTEEN[role][self.app.current_theme.dark])
        component = self.get_component_styles(f"chart--{role}").color
        return component if component.ansi is not None else self.background_colors[1] + component
