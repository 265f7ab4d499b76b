"""What is read from curves: limits, outliers, the cursor, the best point; of the part that is shown."""

from __future__ import annotations

import random
from dataclasses import replace
from math import inf, isfinite, nan

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from namestui.runs.text import Inert
from namestui.tui.state.chart_view import ChartView
from namestui.tui.state.curve import Curve
from namestui.tui.widgets.chart.plot import Plot
from namestui.tui.widgets.chart.series import Best, Series

values = st.lists(st.floats(-1e6, 1e6) | st.sampled_from([None, nan, inf, 0.0]), min_size=1, max_size=150)


def curve(ys: list[float | None], **fields: object) -> Series:
    return replace(Series(Inert("train"), range(1, len(ys) + 1), ys, "train").frozen(), **fields)  # type: ignore[arg-type]


def plot(*series: Series, **view: object) -> Plot:
    return Plot(series, (1.0, 150.0), view=ChartView(**view))  # type: ignore[arg-type]


def shown(ys: list[float | None], low: float, high: float) -> list[float]:
    inside = [y for x, y in enumerate(ys, 1) if low <= x <= high]
    return [y for y in inside if y is not None and isfinite(y)]


@given(values, st.integers(1, 150), st.integers(1, 150), st.booleans())
def test_limits_are_those_of_what_is_shown(ys: list[float | None], low: int, length: int, outliers: bool) -> None:
    span = (float(low), float(low + length))
    finite = shown(ys, *span)
    found = plot(curve(ys), span=span, outliers=outliers).y_range()
    if finite:
        shares = (0, 100) if outliers else (1, 99)
        assert found == pytest.approx(tuple(np.percentile(finite, shares)), rel=1e-6, abs=1e-3)


def test_without_outliers_a_thinned_curve_has_the_limits_of_all_its_points() -> None:
    dice = random.Random(5)
    ys = [dice.gauss(1, 0.1) if dice.random() > 0.004 else 1000.0 for _ in range(50_000)]
    whole = Curve()
    for x, y in enumerate(ys, 1):
        whole.append(x, y)
    one = Series.of(whole, "epoch", Inert("train"), "train")
    assert one.width > 1
    found = plot(one, outliers=False, span=(1.0, 50_000.0)).y_range()
    assert found is not None
    assert found == pytest.approx(np.percentile(ys, (1, 99)), abs=0.1)
    assert plot(one, span=(1.0, 50_000.0)).y_range() == (min(ys), 1000.0)


@given(values, st.booleans())
def test_points_without_a_logarithm_are_counted(ys: list[float | None], is_part: bool) -> None:
    span = (5.0, 20.0) if is_part else (1.0, 150.0)
    found = plot(curve(ys), log_y=True, span=span)
    finite = shown(ys, *span)
    assert found.not_positive() == sum(y <= 0 for y in finite)
    if any(y > 0 for y in finite):
        assert found.y_range() == (min(y for y in finite if y > 0), max(finite))


def test_points_without_a_logarithm_are_counted_where_most_are_thinned_out() -> None:
    whole = Curve()
    for x in range(50_000):
        whole.append(x, None if x % 7 == 0 else float(x % 10) - 2)
    one = Series.of(whole, "epoch", Inert("train"), "train")
    count = sum(x % 7 != 0 and x % 10 <= 2 for x in range(50_000))
    assert plot(one, log_y=True, span=(0.0, 50_000.0)).not_positive() == count


@given(values, st.sampled_from(["highest", "lowest"]))
def test_the_best_point_is_the_first_of_the_best(ys: list[float | None], best: Best) -> None:
    finite = shown(ys, 1, 150)
    at = curve(ys, best=best).best_point()
    if not finite:
        assert at is None
    else:
        assert at == ys.index(max(finite) if best == "highest" else min(finite))
    assert curve(ys).best_point() is None


@given(
    epochs=st.lists(st.integers(1, 500), min_size=1, max_size=40, unique=True).map(sorted),
    cursor=st.integers(1, 500),
)
def test_the_cursor_reads_the_nearest_epoch_on_any_axis(epochs: list[int], cursor: int) -> None:
    ys = [float(epoch) for epoch in epochs]
    # on the axis of epochs, and on one of time, which is not even
    times = [1e9 + epoch**1.5 for epoch in epochs]
    over_time = Series(Inert("train"), tuple(times), tuple(ys), "train", epochs=tuple(epochs))
    by_epoch = Series(Inert("train"), tuple(map(float, epochs)), tuple(ys), "train")
    for one, axis in ((by_epoch, "epoch"), (over_time, "time")):
        found = replace(plot(one, cursor=cursor, x_axis=axis), x_axis=axis)  # type: ignore[arg-type]
        (reading,) = found.readings()
        assert abs(reading.epoch - cursor) == min(abs(epoch - cursor) for epoch in epochs)
        assert reading.value == reading.epoch
    assert found.cursor == times[epochs.index(int(reading.epoch))]


def test_curves_of_several_runs_are_read_at_one_place() -> None:
    slow = Series(Inert("slow"), (10.0, 20.0, 30.0), (1.0, 2.0, 3.0), 1, epochs=(1, 2, 3))
    fast = Series(Inert("fast"), (5.0, 10.0, 15.0, 20.0), (7.0, 8.0, 9.0, 10.0), 2, epochs=(1, 2, 3, 4))
    found = Plot((slow, fast), (0.0, 30.0), view=ChartView(x_axis="elapsed", cursor=2), x_axis="elapsed")
    assert [(one.value, one.epoch) for one in found.readings()] == [(2.0, 2), (10.0, 4)]
    focused = replace(found, series=(slow, replace(fast, is_focused=True)))
    assert [(one.value, one.epoch) for one in focused.readings()] == [(1.0, 1), (8.0, 2)]


def test_live_the_newest_values_are_read_and_the_cursor_stays_where_it_is() -> None:
    ys: list[float | None] = [3.0, 2.0, 1.0]
    assert plot(curve(ys)).readings()[0][1:] == (1.0, 3)
    at_two = plot(curve(ys), cursor=2)
    later = plot(curve([*ys, 0.5, 0.4]), cursor=2)
    assert at_two.readings()[0][1:] == later.readings()[0][1:] == (2.0, 2)
    assert at_two.cursor == later.cursor == 2.0


def test_a_span_of_another_axis_shows_all() -> None:
    by_step = Plot((curve([1.0, 2.0]),), (1.0, 2.0), view=ChartView(x_axis="time", span=(1e9, 2e9)), x_axis="epoch")
    assert by_step.span == (1.0, 2.0)


def test_who_looks_closer_is_told_that_points_are_missing() -> None:
    long = Curve()
    for x in range(10_000):
        long.append(x, 1.0)
    one = Series.of(long, "epoch", Inert("train"), "train")
    assert one.width == 8
    assert plot(one).thinned == 1
    assert plot(one, span=(10.0, 20.0)).thinned == 8
    assert plot(curve([1.0, 2.0]), span=(1.0, 1.5)).thinned == 1
