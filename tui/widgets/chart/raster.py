"""Lines as dots: one whole number for each column of dots, a bit for each dot that is set, the lowest first."""

from __future__ import annotations

from collections.abc import Sequence

from namestui.tui.widgets.chart.downsample import Segment

_DOTS = ((0x40, 0x04, 0x02, 0x01), (0x80, 0x20, 0x10, 0x08))
"""The bits of a braille character: left and right column, the lowest dot first."""
_BRAILLE = 0x2800
_FAR = 1e9
"""Dots; what is farther off is brought there."""


def rasterise(
    segments: Sequence[Segment],
    size: tuple[int, int],
    x_limits: tuple[float, float],
    y_limits: tuple[float, float],
) -> list[int]:
    """Every segment as an unbroken line of dots, on a grid of ``size`` (columns, rows) of them.

    The limits are those of the outermost dots, and ascending. What lies outside them is not drawn, but a line that
    leaves is drawn up to the edge. Every number must be finite.
    """
    columns, rows = size
    found = [0] * columns
    x_low, x_scale = x_limits[0], (columns - 1) / (x_limits[1] - x_limits[0])
    y_low, y_scale = y_limits[0], (rows - 1) / (y_limits[1] - y_limits[0])
    for xs, ys in segments:
        before: tuple[float, float] | None = None
        for x, y in zip(xs, ys, strict=True):
            place = _near((x - x_low) * x_scale), _near((y - y_low) * y_scale)
            if before is None:
                _set(found, round(place[0]), round(place[1]), round(place[1]), rows)
            else:
                _join(found, before, place, rows)
            before = place
    return found


def _near(place: float) -> float:
    return min(max(place, -_FAR), _FAR)


def _join(found: list[int], start: tuple[float, float], end: tuple[float, float], rows: int) -> None:
    """The line from one place (in dots) to another that is not left of it, without its first dot."""
    (x0, y0), (x1, y1) = start, end
    column, last = round(x0), round(x1)
    if last == column:
        _set(found, column, round(y0), round(y1), rows)
        return
    slope = (y1 - y0) / (x1 - x0)
    first = max(column + 1, 0)
    row = round(y0 if first == column + 1 else y0 + (first - 1 - x0) * slope)
    for at in range(first, min(last, len(found) - 1) + 1):
        following = round(y1 if at == last else y0 + (at - x0) * slope)
        _set(found, at, row + (following > row) - (following < row), following, rows)
        row = following


def _set(found: list[int], column: int, first: int, last: int, rows: int) -> None:
    """The dots of one column from one row to another, in either order."""
    if not 0 <= column < len(found):
        return
    low, high = max(min(first, last), 0), min(max(first, last), rows - 1)
    if low <= high:
        found[column] |= (1 << (high + 1)) - (1 << low)


def braille(dots: Sequence[int], rows: int) -> dict[tuple[int, int], str]:
    """The cells (row from the top, column) in which any of the dots are, two across and four down, as characters."""
    found: dict[tuple[int, int], str] = {}
    for column in range(len(dots) // 2):
        left, right = dots[2 * column], dots[2 * column + 1]
        row = rows - 1
        while left or right:
            if mark := _NIBBLES[0][left & 15] | _NIBBLES[1][right & 15]:
                found[row, column] = chr(_BRAILLE + mark)
            left, right, row = left >> 4, right >> 4, row - 1
    return found


def single(dots: Sequence[int], rows: int, mark: str) -> dict[tuple[int, int], str]:
    """As `braille`, where a cell is one dot, drawn as ``mark``."""
    return {
        (rows - 1 - row, column): mark for column, bits in enumerate(dots) for row in range(rows) if bits >> row & 1
    }


_NIBBLES = tuple(
    tuple(sum(dot for at, dot in enumerate(column) if bits >> at & 1) for bits in range(16)) for column in _DOTS
)
