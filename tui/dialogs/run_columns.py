"""What of a table of runs a terminal has columns for: the most important ones first, all of them where they fit."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from rich.cells import cell_len

from namestui.runs.summary import Summary
from namestui.tui.words.runs import HEADINGS, row
from namestui.tui.words.table import shorten

PRIORITY = ("name", "model", "state", "epochs", "best", "settings", "age", "corpus", "run", "host", "size")
"""From left to right, and in this order as long as there is room."""
FIRST_OPTIONAL = "age"
"""The columns from here on come when those before have all the room that they want."""
FLEXIBLE = {"name": 8, "settings": 20}
"""Columns that are shortened, to no less than so many cells, before they are left away."""
PADDING = 2
"""Cells that a table puts around a column."""


class Columns(NamedTuple):
    """Headings and the rows below them."""

    headings: tuple[str, ...]
    rows: list[tuple[str, ...]]


def columns_of(summaries: Sequence[Summary], width: int) -> Columns:
    """The columns that fit ``width`` cells, padding included; those in which no run has anything are left away."""
    cells: dict[str, list[str]] = {heading: [] for heading in HEADINGS}
    for summary in summaries:
        for heading, cell in zip(HEADINGS, row(summary), strict=True):
            cells[heading].append(cell)
    wanted = {heading: max(map(cell_len, [heading, *texts])) for heading, texts in cells.items()}
    least = {heading: min(width, FLEXIBLE.get(heading, width)) for heading, width in wanted.items()}
    widths: dict[str, int] = {}
    free = width
    for heading in PRIORITY:
        if heading == FIRST_OPTIONAL:
            free = _grow(widths, wanted, free)
        if any(cells[heading]) and least[heading] + PADDING <= free:
            widths[heading] = least[heading]
            free -= least[heading] + PADDING
    if not widths:  # a table needs a column, be it ever so narrow
        widths["model"] = max(1, width - PADDING)
    columns = [[shorten(cell, widths[heading]) for cell in cells[heading]] for heading in widths]
    return Columns(tuple(widths), list(zip(*columns, strict=True)))


def _grow(widths: dict[str, int], wanted: dict[str, int], free: int) -> int:
    """Widen columns to what they want as long as there is room; the room that is left."""
    for heading in widths:
        more = min(wanted[heading] - widths[heading], free)
        widths[heading] += more
        free -= more
    return free
