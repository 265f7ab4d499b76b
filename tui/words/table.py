"""Columns that line up in a terminal: by the cells that a text takes there, not by its characters."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from rich import cells
from rich.cells import set_cell_size

GAP = "  "


def cell_len(text: str) -> int:
    """The cells that ``text`` takes, as `rich.cells.cell_len` has them; of plain text, nearly all there is, at once."""
    return len(text) if text.isascii() and text.isprintable() else cells.cell_len(text)


def pad(text: str, width: int, *, right: bool = False) -> str:
    """``text`` in at least ``width`` cells, at their left or their ``right`` end."""
    fill = " " * (width - cell_len(text))
    return fill + text if right else text + fill


def shorten(text: str, width: int, *, ascii_only: bool = False) -> str:
    """``text`` in at most ``width`` cells (at least 1); where it is cut, an ellipsis says so."""
    if cell_len(text) <= width:
        return text
    mark = "." if ascii_only else "…"
    return set_cell_size(text, width - 1).rstrip() + mark


def aligned(rows: Sequence[Sequence[str]], *, right: Collection[int] = ()) -> list[str]:
    """Rows of as many cells each as lines, columns two spaces apart; the columns in ``right`` end where they end.

    Blanks at the end of a line are left away.
    """
    widths = [widest(column) for column in zip(*rows, strict=True)]
    return [
        GAP.join(
            pad(cell, width, right=i in right) for i, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]


def widest(texts: Iterable[str]) -> int:
    """The cells of the widest of ``texts`` (at least one)."""
    return max(map(cell_len, texts))
