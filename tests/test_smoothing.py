"""The debiased exponential mean, against other ways to work it out."""

from __future__ import annotations

import random
from math import isnan, nan

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from namestui.tui.state.curve import BUCKETS, Curve
from namestui.tui.state.smoothing import STEPS, smoothed

strengths = st.sampled_from([0.5, 0.8, 0.9, 0.95, 0.99])
values = st.floats(-1e6, 1e6)
with_gaps = st.lists(values | st.just(nan), min_size=1, max_size=60)


def by_definition(xs: list[float], ys: list[float], counts: list[float], span: float, strength: float) -> list[float]:
    """The weighted mean of all that lies left, with the weights written out."""
    x, y, n = (np.array(column, dtype=float) for column in (xs, ys, counts))
    found = []
    for at in range(len(x)):
        seen = ~np.isnan(y[: at + 1])
        weights = n[: at + 1][seen] * strength ** (STEPS * (x[at] - x[: at + 1][seen]) / span)
        found.append(nan if np.isnan(y[at]) else float(np.sum(weights * y[: at + 1][seen]) / np.sum(weights)))
    return found


def as_tensorboard(ys: list[float], weight: float) -> list[float]:
    """`resmooth` of TensorBoard's line chart: a running mean, divided by 1 - weight ** points."""
    last, points, found = 0.0, 0, []
    for y in ys:
        if not isnan(y):
            last, points = last * weight + (1 - weight) * y, points + 1
        found.append(nan if isnan(y) else last / (1 - weight**points))
    return found


@given(
    data=st.lists(st.tuples(st.floats(0, 100), values | st.just(nan), st.integers(1, 50)), min_size=1, max_size=60),
    strength=strengths,
)
def test_it_is_the_weighted_mean_of_what_lies_left(data: list[tuple[float, float, int]], strength: float) -> None:
    data = sorted(data, key=lambda point: point[0])
    columns = [x for x, _, _ in data], [y for _, y, _ in data], [float(count) for _, _, count in data]
    expected = by_definition(*columns, 100.0, strength)
    assert smoothed(*columns, 100.0, strength) == pytest.approx(expected, rel=1e-6, abs=1e-3, nan_ok=True)


@given(ys=st.lists(values, min_size=101, max_size=101), strength=strengths)
def test_a_hundred_steps_come_out_as_tensorboard_has_them(ys: list[float], strength: float) -> None:
    xs = [float(x) for x in range(101)]
    assert smoothed(xs, ys, [1.0] * 101, 100.0, strength) == pytest.approx(as_tensorboard(ys, strength), abs=1e-3)


@given(ys=with_gaps, strength=strengths, factor=st.sampled_from([1e-3, 7.0, 1e6]))
def test_the_unit_of_the_axis_makes_no_difference(ys: list[float], strength: float, factor: float) -> None:
    xs = [float(x) for x in range(len(ys))]
    ones = [1.0] * len(ys)
    scaled = smoothed([x * factor for x in xs], ys, ones, 60.0 * factor, strength)
    assert scaled == pytest.approx(smoothed(xs, ys, ones, 60.0, strength), rel=1e-6, abs=1e-3, nan_ok=True)


@given(ys=with_gaps, strength=strengths, times=st.integers(2, 5))
def test_measuring_everything_several_times_makes_no_difference(ys: list[float], strength: float, times: int) -> None:
    xs = [float(x) for x in range(len(ys))]
    often = smoothed(np.repeat(xs, times), np.repeat(ys, times), [1.0] * len(ys) * times, 60.0, strength)
    once = smoothed(xs, ys, [1.0] * len(ys), 60.0, strength)
    assert often[times - 1 :: times] == pytest.approx(once, rel=1e-6, abs=1e-3, nan_ok=True)


@pytest.mark.parametrize("strength", [0.5, 0.8, 0.9, 0.95, 0.99])
def test_a_longer_curve_of_the_same_shape_is_smoothed_as_strongly(strength: float) -> None:
    def wave(count: int) -> list[float]:
        places = [100 * at / count for at in range(count + 1)]
        found = smoothed(places, [np.sin(x / 10) for x in places], [1.0] * len(places), 100.0, strength)
        return found[:: count // 100]

    assert wave(2_000) == pytest.approx(wave(40_000), abs=0.005)


@given(ys=with_gaps, strength=strengths)
def test_gaps_are_skipped_and_stay_gaps(ys: list[float], strength: float) -> None:
    xs = [float(x) for x in range(len(ys))]
    found = smoothed(xs, ys, [1.0] * len(ys), 60.0, strength)
    assert [isnan(y) for y in found] == [isnan(y) for y in ys]
    finite = [(x, y) for x, y in zip(xs, ys, strict=True) if not isnan(y)]
    without = smoothed([x for x, _ in finite], [y for _, y in finite], [1.0] * len(finite), 60.0, strength)
    assert [y for y in found if not isnan(y)] == without


@given(ys=with_gaps)
def test_no_strength_changes_nothing(ys: list[float]) -> None:
    assert smoothed(range(len(ys)), ys, [1.0] * len(ys), 10.0, 0.0) == pytest.approx(ys, nan_ok=True)


@given(value=values, count=st.integers(1, 50), strength=strengths)
def test_what_does_not_change_is_not_changed(value: float, count: int, strength: float) -> None:
    assert smoothed(range(count), [value] * count, [1.0] * count, 9.0, strength) == pytest.approx([value] * count)


@pytest.mark.parametrize("strength", [0.5, 0.9, 0.99])
def test_a_thinned_curve_is_smoothed_as_the_whole_one_would_be(strength: float) -> None:
    """Noise that is not even: the middle between the lowest and the highest of neighbours is far from their mean."""
    dice = random.Random(3)
    ys = [2 + np.sin(x / 4000) + dice.expovariate(2) for x in range(50_000)]
    curve = Curve()
    for x, y in enumerate(ys):
        curve.append(float(x), y)
    means = curve.track("epoch").means
    assert len(means.xs) <= 2 * BUCKETS
    whole = smoothed(range(len(ys)), ys, [1.0] * len(ys), 5e4, strength)
    found = smoothed(means.xs, means.ys, means.counts, 5e4, strength)
    assert found == pytest.approx([whole[int(x)] for x in means.xs], abs=0.12 if strength == 0.5 else 0.03)
