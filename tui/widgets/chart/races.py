"""Which curves a chart shows of several runs: one metric of all of them, each in its run's hue."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from namestui.tui.state.chart_view import ChartView, Span, XAxis
from namestui.tui.state.compare import ACCURACY
from namestui.tui.state.pages import has_words
from namestui.tui.state.run_state import RunState
from namestui.tui.widgets.chart.curves import axis_of, best_of, group_of, limits_of
from namestui.tui.widgets.chart.plot import Plot, Reading
from namestui.tui.widgets.chart.series import Series

FIRST = (ACCURACY, "validation/loss", "macro_f1", "train/accuracy", "train/loss")
"""The metrics that are shown first, where a run has them."""


class Race(NamedTuple):
    """What `Chart.show` is given of several runs."""

    series: list[Series]
    x_limits: Span
    x_axis: XAxis
    x_name: str


def metrics_of(states: Sequence[RunState], words: str = "") -> list[str]:
    """The metrics that any of the runs logs and that have all ``words``, each once: the best known come first."""
    found = list(dict.fromkeys(name for state in states for name in state.series)) or list(FIRST)
    ordered = [*(name for name in FIRST if name in found), *(name for name in found if name not in FIRST)]
    return [name for name in ordered if has_words(name, words)]


def race_of(states: Sequence[RunState], metric: str, wanted: XAxis, focus: str = "") -> Race:
    """One metric of the runs that log it, the one whose id is ``focus`` standing out; numbers count from 1.

    It lies over the wanted axis where any run has one, else over that of the first; runs that have none are left out.
    """
    group = group_of(metric)
    having = [
        (number, state, axis_of(state, group, wanted))
        for number, state in enumerate(states, 1)
        if metric in state.series
    ]
    axes = [axis for *_, axis in having]
    axis: XAxis = wanted if wanted in axes or not axes else axes[0]
    series, spans = [], []
    for number, state, its_axis in having:
        if its_axis == axis:
            is_focus = state.run == focus
            best = best_of(group) if is_focus else ""
            one = Series.of(state.series[metric], axis, state.title, number, best)
            series.append(replace(one, is_focused=is_focus))
            spans.append(limits_of(state, [one], axis))
    limits = (min(low for low, _ in spans), max(high for _, high in spans)) if spans else (0.0, 1.0)
    return Race(series, limits, axis, axis)


def readings_of(race: Race, view: ChartView) -> dict[int, Reading]:
    """By a run's number: what it reads at the cursor or nearest to it; where there is none, the newest."""
    plot = Plot(tuple(race.series), race.x_limits, view=view, x_axis=race.x_axis)
    return {one.series.role: one for one in plot.readings() if isinstance(one.series.role, int)}
