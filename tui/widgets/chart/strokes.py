"""Curves as lines to draw: smoothed, on the scale they are drawn in, thinned out to what can be seen."""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite, log10
from typing import Literal, NamedTuple

from namestui.tui.state.smoothing import smoothed
from namestui.tui.widgets.chart.downsample import Segment, downsample
from namestui.tui.widgets.chart.hues import Role
from namestui.tui.widgets.chart.plot import Plot
from namestui.tui.widgets.chart.series import Series
from namestui.tui.widgets.chart.ticks import clamp

Layer = Literal["reference", "raw", "dim", "line", "focused"]
"""From the lowest to the highest."""


class Stroke(NamedTuple):
    """One line ready to be drawn: whose it is, above and below which others, and its unbroken pieces."""

    role: Role | int
    segments: Sequence[Segment]
    layer: Layer = "line"


def strokes_of(plot: Plot, columns: int) -> list[Stroke]:
    """The curves as so many columns of dots can show them; a smoothed one with its raw values below it.

    `y` is as the axis has it: on a logarithmic one the base 10 logarithm.
    """
    has_focus = any(one.is_focused for one in plot.series)
    found: list[Stroke] = []
    for one in plot.series:
        if one.role == "reference":
            found.append(Stroke(one.role, _pieces(plot, one.xs, one.ys, columns), "reference"))
            continue
        layer: Layer = "focused" if one.is_focused else "dim" if has_focus else "line"
        raw = _pieces(plot, one.xs, one.ys, columns)
        if not plot.view.smoothing:
            found.append(Stroke(one.role, raw, layer))
            continue
        if layer != "dim":  # of many runs only the smoothed lines can be told apart
            found.append(Stroke(one.role, raw, "raw"))
        found.append(Stroke(one.role, _pieces(plot, *_smooth(plot, one), columns), layer))
    return found


def _smooth(plot: Plot, series: Series) -> tuple[Sequence[float], Sequence[float]]:
    low, high = plot.span
    if series.means is not None:
        xs, ys, counts = series.means[:3]
    else:
        xs = tuple(series.xs)
        ys = tuple(float("nan") if y is None or not isfinite(y) else y for y in series.ys[: len(xs)])
        counts = (1.0,) * len(ys)
    return xs, smoothed(xs, ys, counts, high - low, plot.view.smoothing)


def _pieces(plot: Plot, xs: Sequence[float], ys: Sequence[float | None], columns: int) -> list[Segment]:
    if plot.view.log_y:
        ys = [log10(y) if y is not None and isfinite(y) and y > 0 else None for y in ys]
    pieces = downsample(xs, ys, plot.span, max(1, columns))
    return [(places, [clamp(y) for y in piece]) for places, piece in pieces]
