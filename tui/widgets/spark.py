"""A curve in one line of text."""

from __future__ import annotations

from collections.abc import Sequence

from namestui.tui.widgets.glyphs import Glyphs
from namestui.tui.widgets.sparkline import bars


def spark(shares: Sequence[float | None], width: int, glyphs: Glyphs) -> str:
    """Shares from 0 to 1 as columns of that height, in exactly ``width`` cells; None leaves a blank.

    Fewer than ``width`` begin at the left; of more each column shows the mean of its part.
    """
    count = min(width, len(shares))
    parts = [shares[at * len(shares) // count : (at + 1) * len(shares) // count] for at in range(count)]
    known = [[share for share in part if share is not None] for part in parts]
    return bars([sum(part) / len(part) if part else None for part in known], 1.0, 1, glyphs.levels)[0].ljust(width)
