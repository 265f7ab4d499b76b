"""A curve keeps what a chart can show of it, whatever its length."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from namestui.tui.state.curve import BUCKETS, Curve

VALUES = st.lists(st.one_of(st.none(), st.floats(-1e6, 1e6)), max_size=300)


def drawn(curve: Curve) -> tuple[list[float], list[float | None]]:
    points = curve.points()
    return [point.x for point in points], [point.y for point in points]


def filled(values: list[float | None]) -> Curve:
    curve = Curve()
    for epoch, value in enumerate(values, 1):
        curve.append(epoch, value)
    return curve


@given(VALUES)
def test_a_short_curve_is_kept_as_it_is(values: list[float | None]) -> None:
    xs, ys = drawn(filled(values))
    assert xs == list(range(1, len(values) + 1))
    assert ys == values


@given(VALUES, st.integers(0, 200_000))
def test_a_long_curve_keeps_extremes_gaps_and_the_newest_value(values: list[float | None], length: int) -> None:
    flat: list[float | None] = [0.5] * (length % 30_000)
    at = len(flat) // 3
    curve = filled(flat[:at] + values + flat[at:])

    xs, ys = drawn(curve)

    everything = flat[:at] + values + flat[at:]
    finite = [value for value in everything if value is not None]
    assert len(xs) == len(ys) <= 3 * 2 * BUCKETS + 1
    assert xs == sorted(xs)
    if finite:
        shown = [y for y in ys if y is not None]
        assert (min(shown), max(shown)) == (min(finite), max(finite))
    assert (None in ys) == (None in everything)
    if everything:
        assert (xs[-1], ys[-1]) == (len(everything), everything[-1])
    assert all(y == everything[int(x) - 1] for x, y in zip(xs, ys, strict=True))


@given(st.lists(st.one_of(st.none(), st.floats(-1e6, 1e6)), min_size=2, max_size=60), st.data())
def test_points_that_come_late_stand_in_their_places(values: list[float | None], data: st.DataObject) -> None:
    late = data.draw(st.sets(st.integers(1, len(values) - 1)))
    curve = Curve()
    for x in [*(x for x in range(1, len(values) + 1) if x not in late), *data.draw(st.permutations(sorted(late)))]:
        curve.append(x, values[x - 1])
    assert drawn(curve) == (list(range(1, len(values) + 1)), values)
    assert curve.newest[:3] == (len(values), values[-1], 0)
    # AND one that comes again takes its own place
    for x in late:
        curve.append(x, values[x - 1])
    assert drawn(curve) == (list(range(1, len(values) + 1)), values)


@given(st.sets(st.integers(1, 9_000), min_size=1, max_size=50))
def test_points_that_come_late_to_a_long_curve_are_in_its_extremes(late: set[int]) -> None:
    curve = Curve()
    for x in range(1, 10_001):
        if x not in late:
            curve.append(x, 0.5)
    for x in late:
        curve.append(x, float(x))
    xs, ys = drawn(curve)
    assert xs == sorted(xs)
    assert (max(late), float(max(late))) in list(zip(xs, ys, strict=True))
    assert (xs[-1], ys[-1]) == (10_000, 0.5)


def test_points_of_one_epoch_stand_in_the_order_of_their_steps() -> None:
    curve = Curve()
    for step in (10, 30, 20, 30):
        curve.append(0, step / 10, step)
    assert [(point.step, point.y) for point in curve.points()] == [(10, 1.0), (20, 2.0), (30, 3.0)]


@settings(max_examples=15, deadline=None)
@given(st.integers(1, 12_000), st.integers(1, 9), st.randoms(use_true_random=False))
def test_every_point_that_is_kept_keeps_its_places_on_all_axes(length: int, gap: int, dice: random.Random) -> None:
    rows = [(x, None if x % 5 == gap else dice.random(), 100 * x, 1e9 + x * 1.5, x * 0.5) for x in range(1, length + 1)]
    curve = Curve()
    for row in rows:
        curve.append(*row)
    assert all(tuple(point) == rows[int(point.x) - 1] for point in curve.points())
    for axis, column in (("epoch", 0), ("step", 2), ("time", 3), ("elapsed", 4)):
        track = curve.track(axis)  # type: ignore[arg-type]
        assert track is curve.track(axis)  # type: ignore[arg-type]
        assert [rows[int(epoch) - 1][column] for epoch in track.epochs] == list(track.xs) == sorted(track.xs)
        assert len(track.means.xs) <= 4 * BUCKETS


@settings(max_examples=15, deadline=None)
@given(st.integers(1, 12_000), st.sets(st.integers(0, 11_999), max_size=30), st.randoms(use_true_random=False))
def test_the_means_are_those_of_all_points(length: int, gaps: set[int], dice: random.Random) -> None:
    ys = [None if x in gaps else dice.gauss(0, 1) for x in range(length)]
    curve = filled(ys)
    xs, means, counts, below, _ = curve.track("epoch").means
    finite = [y for y in ys if y is not None]
    weighed = [(y, count) for y, count in zip(means, counts, strict=True) if count]
    assert sum(counts) == len(finite)
    assert sum(below) == sum(y <= 0 for y in finite)
    assert sum(y * count for y, count in weighed) == pytest.approx(sum(finite), abs=1e-6)
    # each stands at the last of its points
    if curve.width > 1 and not gaps:
        for number in range(1, len(xs)):
            inside = ys[int(xs[number - 1]) : int(xs[number])]
            assert means[number] == pytest.approx(sum(y for y in inside if y is not None) / len(inside))
