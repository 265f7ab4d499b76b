"""Which curves a chart shows of a run: a group of metrics whose names pair up, ``train/x`` with ``validation/x``."""

from __future__ import annotations

from dataclasses import replace
from math import floor, log10
from typing import NamedTuple

from namestui.runs.text import Inert, inert
from namestui.tui.state.chart_view import Span, XAxis
from namestui.tui.state.curve import Point
from namestui.tui.state.run_state import RunState
from namestui.tui.state.training_clock import Break
from namestui.tui.widgets.chart.hues import Role, role_of
from namestui.tui.widgets.chart.series import Best, Series

FIRST = ("loss", "accuracy")
"""The groups that are shown where a run has them."""
SHARES = ("accuracy",)
"""Groups whose values lie between 0 and 1, and whose axis is never logarithmic."""
_PARTS = ("train", "validation")
_BEST: dict[str, Best] = {"accuracy": "highest", "macro_f1": "highest", "loss": "lowest"}
"""Which validated value of a group is the best."""
_LEADS = (1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10)


class RunChart(NamedTuple):
    """What `Chart.show` is given of a run."""

    series: list[Series]
    x_limits: Span
    x_axis: XAxis
    x_name: str
    breaks: list[Break]


def chart_of(state: RunState, group: str, wanted: XAxis) -> RunChart:
    """One group of metrics over the wanted axis, or over that which the run has."""
    axis = axis_of(state, group, wanted)
    series = curves_of(state, group, axis)
    limits = limits_of(state, series, axis)
    if group == "accuracy":
        series += references(state, limits)
    return RunChart(series, limits, axis, x_name_of(state, axis), state.clock.breaks)


def curves_of(state: RunState, group: str, axis: XAxis = "epoch") -> list[Series]:
    """The curves of one group over an axis; training comes first."""
    parts = {part: state.series[name] for name in state.series for part, of in [split_metric(name)] if of == group}
    if not parts:
        return [Series(Inert(part), (), (), role_of(part)) for part in _PARTS]
    series: list[Series] = []
    taken: list[Role | int] = []
    for part in [*(part for part in _PARTS if part in parts), *(part for part in parts if part not in _PARTS)]:
        role = role_of(part, taken)
        taken.append(role)
        best = _BEST.get(group, "") if part in ("", "validation") else ""
        one = Series.of(parts[part], axis, inert(part or group), role, best)
        # A loop that counts no epochs has its steps in their place.
        series.append(replace(one, epochs=None) if counts_steps(state, group) else one)
    return series


def axis_of(state: RunState, group: str, wanted: XAxis) -> XAxis:
    """The wanted axis, where the run has such places: else epochs, or steps where it counts no epochs."""
    newest = [curve.newest for name, curve in state.series.items() if split_metric(name)[1] == group]
    points = [point for point in newest if point is not None]
    has = {"step": any(point.step for point in points), "time": any(point.time for point in points)}
    if wanted == "epoch" or not has["time" if wanted == "elapsed" else wanted]:
        return "step" if counts_steps(state, group) else "epoch"
    return wanted


def limits_of(state: RunState, series: list[Series], axis: XAxis) -> Span:
    """The whole of an axis: to what is planned, or while nobody knows how long it takes, to a round length."""
    first = min((one.xs[0] for one in series if one.xs), default=1.0)
    last = max((one.xs[-1] for one in series if one.xs), default=0.0)
    planned = float(state.planned_epochs)
    if axis == "epoch":
        return min(1.0, first), max(planned, 2.0, last)
    if axis == "step":
        rows = state.started.train.rows if state.started is not None else 0
        return 0.0, max(planned * rows, 2.0, last)
    start = min((one.time - one.elapsed for one in _firsts(state)), default=first) if axis == "time" else 0.0
    length = max(last - start, 1.0)
    return start, start + (_round_length(length) if state.is_live else length)


def counts_steps(state: RunState, group: str) -> bool:
    """Whether the curves of a group lie over steps: the run counts no epochs."""
    newest = [curve.newest for name, curve in state.series.items() if split_metric(name)[1] == group]
    return bool(newest) and all(point is not None and point.x == 0 for point in newest)


def x_name_of(state: RunState, axis: XAxis) -> str:
    """What the axis counts: the steps of our own runs are the names that they have seen."""
    counts_names = axis == "step" and state.started is not None and state.started.train.rows > 0
    return "names" if counts_names else axis


def references(state: RunState, limits: Span) -> list[Series]:
    """What always naming the commonest class would reach, and what nothing can pass on this split, where known."""
    if state.started is None:
        return []
    lines = {"majority": state.started.majority_baseline, "ceiling": state.started.ceiling}
    return [
        Series(Inert(name), limits, (value, value), "reference") for name, value in lines.items() if value is not None
    ]


def split_note(state: RunState) -> str:
    """The accuracy that nothing can pass on this split, and how much of it leaks, where it does."""
    started = state.started
    if started is None or started.ceiling is None:
        return ""
    leak = f" leak {started.leak:.3f}".replace("0.", ".") if started.leak else ""
    return f"ceiling {started.ceiling:.3f}".replace("0.", ".") + leak


def split_metric(name: str) -> tuple[str, str]:
    """``train/loss`` as part and group; what has no slash is a group of its own."""
    part, slash, group = name.partition("/")
    return (part, group) if slash else ("", name)


def group_of(metric: str) -> str:
    """The group that a metric belongs to: ``loss`` of ``train/loss``."""
    return split_metric(metric)[1]


def best_of(group: str) -> Best:
    """Which end of a group's values is the better one, as far as it is known."""
    return _BEST.get(group, "")


def _firsts(state: RunState) -> list[Point]:
    return [curve.first for curve in state.series.values() if curve.first is not None]


def _round_length(length: float) -> float:
    """A length (above 0) rounded up to two digits at most, so that an axis that grows seldom does."""
    power = 10.0 ** floor(log10(length))
    return next((power * lead for lead in _LEADS if power * lead >= length), 10 * power)
