"""Where the rows and columns of a table of runs go: numbers and names stay, figures scroll under them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.cells import cell_len

from namestui.runs.events import State
from namestui.runs.text import Inert

GAP = 2
"""Blanks before each column of figures."""
MARK, NUMBER, STATE = 2, 2, 3
"""Cells of the sign of the focus, of a run's number, and of the sign of its state, the blank after it included."""
SIGN = 1
"""Cells kept before a heading for the sign of the order."""
TITLES = ((160, 28), (100, 18), (0, 11))
"""From so many columns on a title has so many cells."""


@dataclass(frozen=True)
class Head:
    """What a row begins with."""

    run: str
    number: int
    title: Inert
    state: State


@dataclass(frozen=True)
class Column:
    """A heading and a text a row; ``best`` has the rows whose value no other beats."""

    name: str
    heading: Inert
    cells: tuple[Inert, ...]
    best: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Layout:
    """What is in view: so many rows from ``first_row`` on; the columns with their left ends and widths."""

    first_row: int
    rows: int
    first_column: int
    title: int
    columns: tuple[tuple[int, int, int], ...]
    """Index, left end, width."""

    def column_at(self, x: int) -> int | None:
        """The index of the column of figures at this cell."""
        return next((index for index, left, width in self.columns if left <= x < left + width), None)


def layout(
    size: tuple[int, int],
    heads: Sequence[Head],
    columns: Sequence[Column],
    at: tuple[int, int],
    before: tuple[int, int] = (0, 0),
) -> Layout:
    """The table in ``size`` (cells, lines) with row and column ``at`` in view, scrolled no further from ``before`` (its
    first row and column) than that takes. One line is the headings'; a column that is too wide is cut."""
    width, height = size
    title = min(
        next(cells for least, cells in TITLES if width >= least),
        max((cell_len(head.title) for head in heads), default=0),
    )
    left = MARK + NUMBER + 1 + STATE + title
    widths = [max([cell_len(column.heading) + SIGN, *map(cell_len, column.cells)]) for column in columns]
    first = _first_column(widths, max(width - left, 0), min(at[1], max(len(columns) - 1, 0)), before[1])
    placed: list[tuple[int, int, int]] = []
    for index in range(first, len(columns)):
        wide = min(widths[index], width - left - GAP)
        if (wide < min(widths[index], width) and placed) or wide < 1:
            break
        placed.append((index, left + GAP, wide))
        left += GAP + wide
    rows = max(height - 1, 0)
    first_row = max(0, min(min(max(before[0], at[0] - rows + 1), at[0]), len(heads) - rows))
    return Layout(first_row, min(rows, len(heads) - first_row), first, title, tuple(placed))


def _first_column(widths: Sequence[int], room: int, at: int, before: int) -> int:
    """The leftmost column in view: ``at`` is, and there is no room left at the right that one more could have."""
    first = min(before, at)
    while first < at and sum(widths[first : at + 1]) + GAP * (at + 1 - first) > room:
        first += 1
    while first > 0 and sum(widths[first - 1 :]) + GAP * (len(widths) + 1 - first) <= room:
        first -= 1
    return first
