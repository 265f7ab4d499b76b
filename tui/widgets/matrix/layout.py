"""Where things stand in a confusion matrix, and how text and numbers are made to fit there."""

from __future__ import annotations

from dataclasses import dataclass

from rich.cells import cell_len, set_cell_size

_CELLS = ((6, 10), (5, 10), (4, 5))
"""Widths of cells, best first, each with the least width of row labels it is worth."""
_SLIM = 4
_MIN_LABEL = 5
_LABEL_SCROLLED = 12


@dataclass(frozen=True)
class Layout:
    """Sizes in cells of the screen, and how many of the matrix's rows and columns are on it."""

    label: int
    """Width of the row labels; may be 0."""
    cell: int
    """Width of one cell; a number that leaves room has a blank after it."""
    columns: int
    rows: int
    header: bool
    """Whether the first line holds the column heads."""
    sentence: bool
    """Whether the last line tells what the cursor is on, for want of a border to hold it."""

    def row_at(self, y: int) -> int | None:
        """Which visible row stands on content line `y`."""
        row = y - self.header
        return row if 0 <= row < self.rows else None

    def column_at(self, x: int) -> int | None:
        """Which visible column stands at content column `x`."""
        column = (x - self.label) // self.cell
        return column if 0 <= column < self.columns else None


def layout(width: int, height: int, count: int, longest: int, border: bool) -> Layout:
    """The layout of a matrix of `count` labels, the `longest` so many cells wide, in `width` x `height` cells.

    Cells are six wide where all labels fit so, else five or four; the row labels get what remains. What does not fit is
    scrolled.
    """
    header = height >= 2
    sentence = not border and height >= 4
    rows = max(0, min(count, height - header - sentence))
    wanted = longest + 1
    for cell, least in _CELLS:
        if min(wanted, least) + cell * count <= width:
            return Layout(min(wanted, width - cell * count), cell, count, rows, header, sentence)
    cell = max(1, min(_SLIM, width))
    label = min(wanted, _LABEL_SCROLLED, max(_MIN_LABEL, width // 4), max(0, width - cell))
    columns = max(0, min(count, (width - label) // cell))
    return Layout(label, cell, columns, rows, header, sentence)


def fit(text: str, width: int, more: str = "…") -> str:
    """`text` in exactly `width` cells, cut with a sign that there is more."""
    if width <= 0:
        return ""
    if cell_len(text) <= width:
        return set_cell_size(text, width)
    room = width - len(more)
    return set_cell_size(text, room) + more if room > 0 else set_cell_size(text, width)


def corner(width: int, stroke: str) -> str:
    """What stands where row labels and column heads meet, as long as fits with a blank after it."""
    words = (f"true {stroke} predicted", f"true{stroke}pred", f"tru{stroke}pre", f"t{stroke}p", "")
    return fit(next(word for word in words if len(word) < max(1, width)), width)


def count_text(count: int, width: int) -> str:
    """A count in at most `width` characters, if those are three or more: 12, 1367, 12k, 3M."""
    text = str(count)
    for size, unit in ((1_000, "k"), (1_000_000, "M"), (1_000_000_000, "G"), (10**12, "T")):
        if len(text) <= width:
            return text
        text = f"{count // size}{unit}"
    return text if len(text) <= width else "#"


def percent_text(fraction: float, width: int) -> str:
    """A share of its row in per cent: with one decimal where five characters fit, else whole."""
    percent = 100 * fraction
    if width >= 5:
        return "<0.1" if percent < 0.05 else f"{percent:.1f}"
    return "<1" if percent < 0.5 else f"{percent:.0f}"
