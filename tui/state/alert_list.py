"""The alerts of all open runs in one list, the newest first."""

from __future__ import annotations

import heapq
from typing import NamedTuple

from namestui.runs.text import Inert
from namestui.tui.state.open_runs import OpenRuns
from namestui.tui.state.run_state import Alerted

MAX_LISTED = 500
"""Alerts that are listed; the rest are older, and in the records."""


class Listed(NamedTuple):
    """An alert, whose it is, and whether it was not listed before."""

    run: str
    title: Inert
    alert: Alerted
    is_new: bool


def list_alerts(runs: OpenRuns) -> tuple[list[Listed], int]:
    """The newest `MAX_LISTED` alerts of all runs, and how many there are."""
    every = [
        (alert.time, number, place, Listed(state.run, title, alert, place >= state.seen_alerts))
        for number, (title, state) in enumerate(zip(runs.titles(), runs, strict=True))
        for place, alert in enumerate(state.alerts)
    ]
    newest = heapq.nlargest(MAX_LISTED, every, key=lambda one: one[:3])
    return [listed for *_, listed in newest], len(every)
