from __future__ import annotations

from itertools import pairwise
from math import inf, isfinite, nan

from hypothesis import given
from hypothesis import strategies as st

from namestui.tui.widgets.chart.downsample import Segment, downsample

any_value = st.one_of(st.none(), st.floats(allow_nan=True, allow_infinity=True))
small_value = st.one_of(st.none(), st.just(nan), st.integers(-3, 3).map(float))


def points(segments: list[Segment]) -> list[tuple[float, float]]:
    return [point for xs, ys in segments for point in zip(xs, ys, strict=True)]


@given(ys=st.lists(any_value, max_size=200), columns=st.integers(1, 40))
def test_lowest_and_highest_of_every_column_survive(ys: list[float | None], columns: int) -> None:
    xs = list(range(len(ys)))
    limits = (0.0, float(max(1, len(ys) - 1)))
    kept = points(downsample(xs, ys, limits, columns))
    edges = [limits[1] * column / columns for column in range(columns + 1)]
    for left, right in pairwise(edges):

        def inside(x: float, left: float = left, right: float = right) -> bool:
            return left <= x < right or x == right == limits[1]

        column = [y for x, y in zip(xs, ys, strict=True) if inside(x) and y is not None and isfinite(y)]
        shown = [y for x, y in kept if inside(x)]
        assert (min(column), max(column)) == (min(shown), max(shown)) if column else not shown


@given(
    data=st.lists(st.tuples(st.floats(), any_value), max_size=120),
    low=st.floats(-1e3, 1e3),
    span=st.floats(1e-3, 1e6),
    columns=st.integers(0, 30),
)
def test_result_is_ordered_bounded_finite_and_made_of_given_points(
    data: list[tuple[float, float | None]], low: float, span: float, columns: int
) -> None:
    segments = downsample([x for x, _ in data], [y for _, y in data], (low, low + span), columns)
    kept = points(segments)
    inside = [(x, y) for x, y in kept if low <= x <= low + span]
    assert all(isfinite(x) and isfinite(y) for x, y in kept)
    finite = sorted((x for x, y in data if isfinite(x) and y is not None and isfinite(y)))
    outside = [x for x, _ in kept if not low <= x <= low + span]
    assert outside == [*[x for x in finite if x < low][-1:], *[x for x in finite if x > low + span][:1]]
    assert [x for x, _ in kept] == sorted(x for x, _ in kept)
    assert len(inside) <= 2 * max(1, columns)
    assert all(xs for xs, _ in segments)
    assert set(kept) <= set(data)


@given(ys=st.lists(small_value, max_size=150), columns=st.integers(1, 60))
def test_a_line_joins_two_points_unless_a_gap_lies_between_them(ys: list[float | None], columns: int) -> None:
    segments = downsample(range(len(ys)), ys, (0.0, float(max(1, len(ys)))), columns)
    gaps = [x for x, y in enumerate(ys) if y is None or not isfinite(y)]
    for xs, _ in segments:
        assert not any(xs[0] < gap < xs[-1] for gap in gaps)
    for (before, _), (after, _) in pairwise(segments):
        assert any(before[-1] < gap < after[0] for gap in gaps)


def test_few_points_are_all_kept_as_they_are() -> None:
    assert downsample([1, 2, 3], [5.0, 7.0, 6.0], (1, 20), 10) == [([1, 2, 3], [5.0, 7.0, 6.0])]


def test_points_that_are_not_finite_split_the_line() -> None:
    ys = [1.0, None, 2.0, inf, 3.0, 4.0, nan]
    assert downsample(range(7), ys, (0, 6), 10) == [([0], [1.0]), ([2], [2.0]), ([4, 5], [3.0, 4.0])]


def test_one_spike_among_many_survives() -> None:
    ys = [1.0] * 10_000
    ys[7_777] = 50.0
    kept = points(downsample(range(10_000), ys, (0, 9_999), 50))
    assert (7_777, 50.0) in kept
    assert len(kept) <= 100


def test_points_out_of_order_are_drawn_in_order_of_x() -> None:
    assert downsample([3, 1, 2], [30.0, 10.0, 20.0], (0, 4), 10) == [([1, 2, 3], [10.0, 20.0, 30.0])]
