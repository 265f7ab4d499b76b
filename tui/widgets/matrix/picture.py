"""A confusion matrix as lines of styled text."""

from __future__ import annotations

from dataclasses import dataclass, field

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from namestui.tui.widgets.matrix.colours import shade_of
from namestui.tui.widgets.matrix.data import Matrix
from namestui.tui.widgets.matrix.layout import Layout, corner, count_text, fit, percent_text


@dataclass(frozen=True)
class Signs:
    """The characters that are not letters or digits."""

    more: str
    zero: str
    stroke: str
    arrow: str
    separator: str


UNICODE = Signs("…", "·", "╲", "→", " · ")
ASCII = Signs(".", ".", "\\", "->", " - ")


@dataclass(frozen=True)
class Look:
    """The styles of one theme on one terminal."""

    parts: dict[str, Style] = field(default_factory=dict)
    """By component: label, corner, zero, at (heads of the cursor's row and column), cursor."""
    correct: list[Style] = field(default_factory=list)
    """The diagonal's shades, faintest first."""
    error: list[Style] = field(default_factory=list)
    """The other cells' shades, faintest first."""


@dataclass(frozen=True)
class View:
    """What of a matrix is looked at, and how."""

    matrix: Matrix
    placed: Layout
    first: tuple[int, int]
    """The topmost row and the leftmost column in view."""
    cursor: tuple[int, int]
    percent: bool
    signs: Signs

    def lines(self, look: Look) -> list[Strip]:
        """The heads, then the rows in view, as wide as they need to be."""
        heads = [self._heads(look)] if self.placed.header else []
        return heads + [self._line(look, self.first[0] + row) for row in range(self.placed.rows)]

    def _columns(self) -> range:
        return range(self.first[1], self.first[1] + self.placed.columns)

    def _heads(self, look: Look) -> Strip:
        """The corner and the heads of the columns in view."""
        parts = [(corner(self.placed.label, self.signs.stroke), look.parts["corner"])]
        for column in self._columns():
            text = fit(self.matrix.labels[column], self.placed.cell - 1, "") + " "
            parts.append((text, look.parts["at" if column == self.cursor[1] else "label"]))
        return _strip(parts)

    def _line(self, look: Look, row: int) -> Strip:
        """One class: its label and its cells in view."""
        label = fit(self.matrix.labels[row], self.placed.label, self.signs.more)
        parts = [(label, look.parts["at" if row == self.cursor[0] else "label"])]
        for column in self._columns():
            text, style = self._cell(look, row, column)
            here = (row, column) == self.cursor
            parts.append((text, look.parts["cursor"] if here else style))
        return _strip(parts)

    def _cell(self, look: Look, row: int, column: int) -> tuple[str, Style]:
        """One cell, its number at the right before a blank, and its colours."""
        count, total, width = self.matrix.count(row, column), self.matrix.total(row), self.placed.cell
        if count <= 0 or total <= 0:
            return _number(self.signs.zero, width), look.parts["zero"]
        share = count / total
        text = percent_text(share, width - 1) if self.percent else count_text(count, width)
        ramp = look.correct if row == column else look.error
        return _number(text, width), ramp[shade_of(share, len(ramp))]


def _number(text: str, width: int) -> str:
    """`text` in `width` characters; one that leaves no room goes without the blank after it."""
    return f"{text + ' ' if len(text) < width else text[:width]:>{width}}"


def _strip(parts: list[tuple[str, Style]]) -> Strip:
    """The parts side by side, neighbours of one style as one segment: fewer colour codes are sent."""
    segments: list[Segment] = []
    for text, style in parts:
        if segments and segments[-1].style == style:
            segments[-1] = Segment(segments[-1].text + text, style)
        elif text:
            segments.append(Segment(text, style))
    return Strip(segments, sum(cell_len(segment.text) for segment in segments))
