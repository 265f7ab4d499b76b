"""Which charts there are of a run: a group of metrics each, the best known first, and the recall of its classes."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

from namestui.runs.confusion import MAX_CLASSES
from namestui.runs.text import Inert, inert
from namestui.tui.state.chart_view import XAxis
from namestui.tui.state.class_history import Recalls
from namestui.tui.state.pages import has_words
from namestui.tui.state.run_state import RunState
from namestui.tui.widgets.chart.curves import FIRST, RunChart, axis_of, chart_of, limits_of, split_metric, x_name_of
from namestui.tui.widgets.chart.series import Series

ORDER = (*FIRST, "learning_rate", "macro_f1", "names_per_second", "gradient_norm")
"""The groups that come first; then what is measured on two parts, the rest as the run logs it, recall at the end."""
RECALL = "recall"
PER_CHART = 4
"""Classes whose recall one chart shows: as many as its border can name."""


@dataclass(frozen=True)
class Group:
    """What one chart shows."""

    name: str
    """No other group has it."""
    metric: str
    labels: tuple[int, ...] = ()
    """The classes whose recall it is; empty where it is another metric."""

    @property
    def heading(self) -> Inert:
        """In the chart's border."""
        return inert(self.metric.replace("_", " ")) if self.metric in ORDER else inert(self.metric)


def groups_of(state: RunState, words: str = "") -> list[Group]:
    """The charts of a run of which a metric, or a class, has all ``words``; loss and accuracy before there are any."""
    parts: dict[str, list[str]] = {}
    for name in state.series:
        part, metric = split_metric(name)
        parts.setdefault(metric, []).append(part)
    if not parts:
        parts = {metric: [] for metric in FIRST}
    known = [metric for metric in ORDER if metric in parts]
    rest = [metric for metric in parts if metric not in ORDER]
    paired = [metric for metric in rest if len(parts[metric]) > 1]
    ordered = [*known, *paired, *(metric for metric in rest if metric not in paired)]
    found = [Group(one, one) for one in ordered if has_words(" ".join([one, *parts[one]]), words)]
    return found + _recall_groups(state, words)


def _recall_groups(state: RunState, words: str) -> list[Group]:
    """The classes by their number of names, so many a chart; none where not every epoch's matrix is kept."""
    started = state.started
    if started is None or not state.epoch or not 0 < len(started.classes) <= MAX_CLASSES:
        return []
    counts = started.validation.by_class
    order = sorted(range(len(started.classes)), key=lambda label: -counts[label] if label < len(counts) else 0)
    labels = [label for label in order if has_words(f"{RECALL} {started.classes[label]}", words)]
    starts = range(0, len(labels), PER_CHART)
    return [Group(f"{RECALL} {at // PER_CHART + 1}", RECALL, tuple(labels[at : at + PER_CHART])) for at in starts]


def chart_of_group(state: RunState, group: Group, recalls: Recalls, wanted: XAxis) -> RunChart:
    """What its chart shows over the wanted axis, or over that which the run has; ``recalls`` where it is of classes."""
    if not group.labels or state.started is None:
        return chart_of(state, group.metric, wanted)
    axis, places = _places(state, recalls.epochs, wanted)
    series = []
    for number, label in enumerate(group.labels, 1):
        values = recalls.of(label)
        name = inert(state.started.classes[label])
        series.append(Series(name, places, values, number, None if axis == "epoch" else recalls.epochs))
    limits = limits_of(state, series, axis)
    return RunChart(series, limits, axis, x_name_of(state, axis), state.clock.breaks)


def _places(state: RunState, epochs: Sequence[int], wanted: XAxis) -> tuple[XAxis, Sequence[float]]:
    """Where on the axis these epochs lie, by what the run logged after them."""
    axis = axis_of(state, FIRST[0], wanted)
    curve = state.series.get(f"validation/{FIRST[0]}")
    if axis == "epoch" or curve is None:
        return "epoch", epochs
    track = curve.track(axis)
    last = len(track.xs) - 1
    return axis, [track.xs[min(bisect_left(track.epochs, epoch), last)] for epoch in epochs]
