"""Which part of a matrix is in view where it does not fit: the cursor is, and nothing moves without need."""

from __future__ import annotations

from namestui.tui.widgets.matrix.layout import Layout

Cell = tuple[int, int]
"""A row and a column, counted from 0."""


def inside(cell: Cell, count: int) -> Cell:
    """The cell of a matrix of ``count`` classes that is nearest to ``cell``."""
    last = max(0, count - 1)
    row, column = cell
    return min(max(int(row), 0), last), min(max(int(column), 0), last)


def scrolled(first: Cell, cursor: Cell, placed: Layout, count: int) -> Cell:
    """The topmost row and the leftmost column in view, as near to ``first`` as the cursor allows."""
    row, column = (
        max(0, min(min(max(start, at - shown + 1), at) if shown else at, count - shown))
        for at, start, shown in zip(cursor, first, (placed.rows, placed.columns), strict=True)
    )
    return row, column


def described(first: Cell, placed: Layout, count: int) -> str:
    """``rows 290-300, columns 1-13 of 300``; empty where all is in view."""
    seen = [
        f"{name} {start + 1}-{start + shown}"
        for name, start, shown in zip(("rows", "columns"), first, (placed.rows, placed.columns), strict=True)
        if 0 < shown < count
    ]
    return f"{', '.join(seen)} of {count}" if seen else ""
