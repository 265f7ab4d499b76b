"""What the screen remembers from one time to the next: ``session.json`` in the home directory."""

from __future__ import annotations

import msgspec


class ChartsSession(msgspec.Struct, frozen=True, kw_only=True):
    """How the charts of the screen were looked at when it was left."""

    page: str = ""
    filter: str = ""
    x_axis: str = "epoch"
    smoothing: float = 0.0
    log_y: bool = False
    outliers: bool = True


class ScreenSession(msgspec.Struct, frozen=True, kw_only=True):
    """``session.json``: what the screen remembers from one time to the next."""

    runs: list[str] = []
    theme: str = ""
    percent: bool = False
    seen_alerts: dict[str, int] = {}
    """By run, how many of its alerts were seen."""
    charts: ChartsSession = ChartsSession()
