"""Moments of a record by the clock on the wall."""

from __future__ import annotations

from datetime import datetime


def local_time(seconds: float, pattern: str) -> str:
    """``seconds`` since 1970 as `strftime` writes them by ``pattern``; empty where no calendar has them: a damaged
    record says anything."""
    try:
        return datetime.fromtimestamp(seconds).strftime(pattern)
    except (OverflowError, ValueError, OSError):
        return ""
