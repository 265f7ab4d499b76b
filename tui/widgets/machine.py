"""What a worker and its machine do: a sparkline a figure, and what it is now, on average and at its extreme."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from rich.segment import Segment
from rich.style import Style
from textual.content import Content
from textual.strip import Strip

from namestui.runs.events import Machine
from namestui.tui.widgets.chart.hues import SIXTEEN
from namestui.tui.widgets.quiet import QuietWidget, centred
from namestui.tui.widgets.sparkline import bars, columns
from namestui.tui.words.format import clock
from namestui.tui.words.machine import Figure, figures
from namestui.tui.words.table import pad, shorten, widest

MIN_SPAN = 60.0
"""Seconds that the time axis has at least, so that the first samples do not fill it."""
MAX_ROWS = 4
"""Rows of a sparkline where there is room."""
MIN_COLUMNS = 12
"""Of a sparkline; what stands beside it gives way."""
_WIDTHS = {"now": 9, "mean": 9, "max": 11}
"""Cells of each column of numbers, so that they do not jitter: ``12.3 MB/s``, ``min 12.3 GB``."""
GAP = "  "


class MachineFigures(QuietWidget):
    """Rows of figures; as high as they need, so that what does not fit can be scrolled to."""

    DEFAULT_CSS = """
    MachineFigures {
        &, &.-ascii { border: none; }
        & > .machine--course { color: $primary; }
        & > .machine--faint { color: $foreground 60%; }
    }
    """
    COMPONENT_CLASSES = {"machine--course", "machine--faint"}

    def __init__(self, **kwargs: Any) -> None:
        """``kwargs`` as `QuietWidget` has them."""
        super().__init__(**kwargs)
        self._figures: list[Figure] = []
        self._span = (0.0, MIN_SPAN)

    def show(self, samples: Iterable[Machine], seconds: float | None = None) -> None:
        """Show ``samples`` (oldest first), or those of the last ``seconds`` of them."""
        found = list(samples)
        if found:
            end = found[-1].time
            begin = min(found[0].time - found[0].seconds, end - MIN_SPAN) if seconds is None else end - seconds
            found = [one for one in found if one.time > begin]
            self._span = begin, end
        self._figures = figures(found)
        self.styles.min_height = 1 + len(self._figures)
        self.update_picture()

    @property
    def seconds(self) -> float:
        """That the time axis spans."""
        begin, end = self._span
        return end - begin

    def titles(self) -> tuple[Content, Content]:
        """None: the dialog has the border."""
        return Content(""), Content("")

    def key(self) -> object:
        """The rows."""
        return self._figures, self._span

    def picture(self, width: int, height: int) -> list[Strip]:
        """A heading, and the rows."""
        if not self._figures:
            return centred(self.empty, width, height, self.get_component_rich_style("machine--faint"))
        rows = max(1, min(MAX_ROWS, (height - 1) // len(self._figures)))
        layout = _Layout(self._figures, width)
        strips = [self._heading(layout)]
        for figure in self._figures:
            strips += self._row(figure, layout, rows)
        return strips

    def _heading(self, layout: _Layout) -> Strip:
        faint = self.get_component_rich_style("machine--faint")
        ago = f"{clock(self.seconds)} ago"
        text = pad("", layout.label) + GAP + ago.ljust(layout.course)
        for name, column in zip(layout.shown, layout.numbers, strict=True):
            text += GAP + pad(name, column, right=True)
        return Strip([Segment(text, faint)])

    def _row(self, figure: Figure, layout: _Layout, rows: int) -> list[Strip]:
        """The course, several rows high with a blank one above, and in its last row all that is written."""
        course, faint = self._course_style(), self.get_component_rich_style("machine--faint")
        height = rows - 1 if rows > 2 else rows
        values = columns(figure.points, *self._span, layout.course, figure.fold)
        drawn = bars(values, figure.high, height, self.glyphs.levels)
        blank = pad("", layout.label) + GAP
        strips = [Strip([Segment(blank, self.rich_style), Segment(line, course)]) for line in drawn[:-1]]
        last = [
            Segment(pad(figure.label, layout.label) + GAP, self.rich_style),
            Segment(drawn[-1], course),
        ]
        for name, column in zip(layout.shown, layout.numbers, strict=True):
            text = GAP + pad(_text_of(figure, name), column, right=True)
            last.append(Segment(text, self.rich_style if name == "now" else faint))
        if layout.limit:
            limit = shorten(figure.limit, layout.limit, ascii_only=self.glyphs.is_ascii) if figure.limit else ""
            last.append(Segment(GAP + pad(limit, layout.limit), faint))
        return [*([Strip([Segment("", self.rich_style)])] if rows > height else []), *strips, Strip(last)]

    def _course_style(self) -> Style:
        if self.app.console.color_system in ("standard", "windows"):
            return self.rich_style + Style(color=SIXTEEN["train"][self.app.current_theme.dark])
        return self.get_component_rich_style("machine--course")


class _Layout:
    """How wide each column is: what does not leave a sparkline its room goes, the limits first, then the means."""

    def __init__(self, rows: Sequence[Figure], width: int) -> None:
        self.label = widest(row.label for row in rows)
        self.limit = widest(row.limit for row in rows)
        self.shown: tuple[str, ...] = ("now", "mean", "max")
        self._measure(rows, width)
        if self.course < 2 * MIN_COLUMNS:
            self.limit = 0
            self._measure(rows, width)
        if self.course < MIN_COLUMNS:
            self.shown = ("now", "max")
            self._measure(rows, width)

    def _measure(self, rows: Sequence[Figure], width: int) -> None:
        self.numbers = [max(_WIDTHS[name], widest(_text_of(row, name) for row in rows)) for name in self.shown]
        beside = self.label + sum(self.numbers) + len(GAP) * (1 + len(self.numbers))
        self.course = max(1, width - beside - (len(GAP) + self.limit if self.limit else 0))


def _text_of(figure: Figure, name: str) -> str:
    return {"now": figure.now, "mean": figure.mean, "max": figure.extreme}[name]
