"""A curve in one line of text."""

from __future__ import annotations

from collections.abc import Sequence

from namestui.tui.widgets.glyphs import Glyphs


def spark(shares: Sequence[float | None], width: int, glyphs: Glyphs) -> str:
    """Shares from 0 to 1 as columns of that height, in exactly ``width`` cells; None leaves a blank.

    Fewer than ``width`` begin at the left; of more each column shows the mean of its part.
    """
    columns = min(width, len(shares))
    drawn = ""
    for column in range(columns):
        part = shares[column * len(shares) // columns : (column + 1) * len(shares) // columns]
        known = [share for share in part if share is not None]
        height = sum(known) / len(known) if known else None
        top = len(glyphs.levels) - 1
        drawn += " " if height is None else glyphs.levels[min(top, max(0, int(height * (top + 1))))]
    return drawn.ljust(width)
