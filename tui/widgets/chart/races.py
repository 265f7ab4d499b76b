"""Which curves a chart shows of several runs: one metric of all of them, each in its run's hue."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from namestui.runs.text import Inert
from namestui.tui.state.chart_view import Span, XAxis
from namestui.tui.state.compare import ACCURACY
from namestui.tui.state.run_state import RunState
from namestui.tui.widgets.chart.series import Best, Series

FIRST = (ACCURACY, "validation/loss", "macro_f1", "train/accuracy", "train/loss")
"""The metrics that are shown first, where a run has them."""


def metrics_of(states: Sequence[RunState]) -> list[str]:
    """The metrics that any of the runs logs, each once: the best known, then the others in their order."""
    found = list(dict.fromkeys(name for state in states for name in state.series))
    return [*(name for name in FIRST if name in found or not found), *(name for name in found if name not in FIRST)]


def race(states: Sequence[RunState], metric: str, axis: XAxis, focus: str) -> list[Series]:
    """One metric of the runs that log it; their numbers count from 1, and the one whose id is ``focus`` stands out."""
    return [
        replace(
            Series.of(state.series[metric], axis, Inert(str(number)), number, best_of(metric) if is_focus else ""),
            is_focused=is_focus,
        )
        for number, state in enumerate(states, 1)
        if metric in state.series
        for is_focus in [state.run == focus]
    ]


def best_of(metric: str) -> Best:
    """Which end of a metric is the better one, as far as its name says."""
    if metric.endswith(("accuracy", "f1")):
        return "highest"
    return "lowest" if metric.endswith("loss") else ""


def whole(states: Sequence[RunState], series: Sequence[Series], axis: XAxis) -> Span:
    """All of the x axis, with the epochs that are still to come."""
    ends = [(one.xs[0], one.xs[-1]) for one in series if one.length]
    low, high = min((end[0] for end in ends), default=0.0), max((end[1] for end in ends), default=0.0)
    if axis == "epoch":
        return 1.0, float(max(high, 2, *(state.planned_epochs for state in states)))
    return (low if axis == "time" else 0.0), max(high, low + 1.0)
