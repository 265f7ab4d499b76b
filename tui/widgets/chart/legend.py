"""What the borders of a chart say: whose lines they are, how they are looked at, and the values."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import log10

from rich.cells import cell_len, set_cell_size
from textual.color import Color
from textual.content import Content
from textual.style import Style

from namestui.runs.text import Inert
from namestui.tui.widgets.chart.hues import Role, stroke_of
from namestui.tui.widgets.chart.plot import Plot, Reading
from namestui.tui.widgets.chart.series import Series, value_text
from namestui.tui.widgets.chart.ticks import Axis
from namestui.tui.widgets.glyphs import Glyphs

_MAX_NAMES = 6
"""Lines that are all named; of more only the focused one, and how many there are."""

Part = str | tuple[str, str | Style]


@dataclass(frozen=True)
class Legend:
    """The words around a plot; `y_axis` is None while nothing is drawn."""

    plot: Plot
    heading: Inert
    y_axis: Axis | None
    glyphs: Glyphs
    colour: Callable[[Role | int | str], Color]

    def top(self, page: str, width: int, *, dashed: bool) -> Content:
        """The heading, the lines, how they are looked at, and which page of charts it is; in ``width`` cells, if the
        names can be cut to that."""
        return self._fitted(lambda longest: self._top(page, longest, dashed), width, least=0)

    def bottom(self, note: str, width: int) -> Content:
        """The note and the latest values, or the values at the cursor; in ``width`` cells, if the names can be cut to
        that."""
        return self._fitted(lambda longest: self._bottom(note, longest), width, least=1)

    def _fitted(self, of_longest: Callable[[int], Content], width: int, least: int) -> Content:
        """With as much of the names as fits: what comes after them tells how the values are to be read."""
        longest = max((cell_len(one.name) for one in self._named()), default=1)
        contents = map(of_longest, range(longest, least - 1, -1))
        return next((one for one in contents if one.cell_length <= width), of_longest(least))

    def _top(self, page: str, longest: int, dashed: bool) -> Content:
        parts: list[Part] = [(self.heading, Style(bold=True))]
        for one in self._named():
            parts += ["  ", (f"{self._sample(one, dashed)} {_cut(one.name, longest)}".rstrip(), self._hue(one))]
        if len(self.plot.series) > _MAX_NAMES:
            kind = "runs" if all(isinstance(one.role, int) for one in self.plot.measured) else "lines"
            parts.append(f"  {len(self.plot.measured)} {kind}")
        if looks := self.looks():
            parts += ["  ", self.glyphs.separator.join(looks)]
        if page:
            parts += [" ", self.glyphs.separator.strip(), " ", page]
        return Content.assemble(*parts)

    def _bottom(self, note: str, longest: int) -> Content:
        cursor = self.plot.view.cursor
        parts: list[Part] = [f"epoch {cursor}"] if cursor is not None else [note] if note else []
        shown = self._named()
        for reading in self.plot.readings():
            if reading.series in shown:
                value = (self._value(reading), self._hue(reading.series))
                parts += ["  " if parts else "", _cut(reading.series.name, longest), value]
        return Content.assemble(*parts)

    def looks(self) -> list[str]:
        """What the view makes of the values, where it changes them or leaves some out."""
        plot, view = self.plot, self.plot.view
        found = []
        if view.smoothing:
            found.append(f"smooth {view.smoothing:g}".replace("0.", "."))
        if not view.outliers and plot.y_limits is None:
            found.append("1-99 %")
        if view.log_y and (left_out := plot.not_positive()):
            found.append(f"log, {left_out} not above 0")
        elif view.log_y:
            found.append("log")
        if plot.thinned > 1:
            found.append(f"3 of {plot.thinned} points kept")
        if plot.x_axis == "elapsed" and plot.breaks:
            count = len(plot.breaks)
            found.append(f"{self.glyphs.cut} {count} pause{'s' if count > 1 else ''} cut out")
        return found

    def _named(self) -> list[Series]:
        series = [one for one in self.plot.series if one.role != "reference" or self._is_inside(one)]
        if len(series) <= _MAX_NAMES:
            return series
        return [one for one in series if one.is_focused]

    def _is_inside(self, reference: Series) -> bool:
        """Whether a line of reference is on the canvas."""
        axis = self.y_axis
        if axis is None:
            return True
        ys = [y for y in reference.ys if y is not None and (y > 0 or not self.plot.view.log_y)]
        return any(axis.low <= (log10(y) if self.plot.view.log_y else y) <= axis.high for y in ys)

    def _value(self, reading: Reading) -> str:
        text = value_text(reading.value)
        cursor = self.plot.view.cursor
        return text if cursor is None or reading.epoch == cursor else f"{text} at {reading.epoch:g}"

    def _sample(self, one: Series, dashed: bool) -> str:
        """A piece of the curve's line; of a run its number."""
        if isinstance(one.role, int):
            return f"{one.role}"
        if one.role == "reference":
            return self.glyphs.reference
        lines = self.glyphs.dashed if dashed else self.glyphs.lines
        return lines[stroke_of(one.role) % len(lines)]

    def _hue(self, one: Series) -> Style:
        return Style(foreground=self.colour(one.role))


def _cut(name: str, longest: int) -> str:
    """Its beginning, as in the headings of a matrix."""
    return name if cell_len(name) <= longest else set_cell_size(name, longest).rstrip()
