"""What the terminal can do, as far as lines and bars must know."""

from __future__ import annotations

import os
from typing import IO

CANNOT_DRAW = ("", "dumb", "unknown")
"""Values of TERM that promise no cursor that can be moved."""


def can_move_cursor() -> bool:
    """Whether TERM names a terminal whose cursor can be moved."""
    return os.environ.get("TERM", "") not in CANNOT_DRAW


def can_draw_bars(stream: IO[str]) -> bool:
    """Whether ``stream`` is such a terminal."""
    return stream.isatty() and can_move_cursor()
