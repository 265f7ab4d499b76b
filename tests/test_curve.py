"""A curve keeps what a chart can show of it, whatever its length."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from namestui.tui.state.curve import BUCKETS, Curve

VALUES = st.lists(st.one_of(st.none(), st.floats(-1e6, 1e6)), max_size=300)


def filled(values: list[float | None]) -> Curve:
    curve = Curve()
    for epoch, value in enumerate(values, 1):
        curve.append(epoch, value)
    return curve


@given(VALUES)
def test_a_short_curve_is_kept_as_it_is(values: list[float | None]) -> None:
    xs, ys = filled(values).points()
    assert xs == list(range(1, len(values) + 1))
    assert ys == values


@given(VALUES, st.integers(0, 200_000))
def test_a_long_curve_keeps_extremes_gaps_and_the_newest_value(values: list[float | None], length: int) -> None:
    flat: list[float | None] = [0.5] * (length % 30_000)
    at = len(flat) // 3
    curve = filled(flat[:at] + values + flat[at:])

    xs, ys = curve.points()

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
