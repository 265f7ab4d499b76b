"""How charts are looked at: every change is a new view, within what there is."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from namestui.tui.state.chart_view import MAX_ZOOM, STRENGTHS, X_AXES, ChartView, Span

numbers = st.floats(-1e9, 1e9)
LIMITS = (0.0, 100.0)


@st.composite
def spans(draw: st.DrawFn) -> Span:
    low = draw(numbers)
    return low, low + draw(st.floats(1e-3, 1e9))


def test_the_axes_follow_each_other_and_a_zoom_does_not_outlive_its_units() -> None:
    view = ChartView(span=(1.0, 2.0), cursor=7, smoothing=0.5)
    seen = []
    for _ in X_AXES:
        view = view.with_next_axis()
        seen.append(view.x_axis)
        assert view.span is None
        assert (view.cursor, view.smoothing) == (7, 0.5)
    assert seen == ["step", "time", "elapsed", "epoch"]


def test_smoothing_goes_up_and_down_one_strength_and_stops_at_both_ends() -> None:
    view = ChartView()
    up = [view := view.smoother() for _ in range(len(STRENGTHS))]
    assert [one.smoothing for one in up] == [*STRENGTHS[1:], STRENGTHS[-1]]
    down = [view := view.rougher() for _ in range(len(STRENGTHS))]
    assert [one.smoothing for one in down] == [*STRENGTHS[-2::-1], 0.0]


def test_a_strength_between_two_goes_to_the_next_in_either_direction() -> None:
    assert ChartView(smoothing=0.6).smoother().smoothing == 0.8
    assert ChartView(smoothing=0.6).rougher().smoothing == 0.5


def test_limits_and_scale_are_switched() -> None:
    assert not ChartView().toggled_outliers().outliers
    assert ChartView().toggled_outliers().toggled_outliers() == ChartView()
    assert ChartView().toggled_log().log_y


@given(limits=spans(), factors=st.lists(st.sampled_from([2.0, 1.5, 0.5, 0.1]), max_size=40), places=st.data())
def test_a_zoom_keeps_its_place_and_stays_inside(limits: Span, factors: list[float], places: st.DataObject) -> None:
    view = ChartView()
    length = limits[1] - limits[0]
    for factor in factors:
        low, high = view.span or limits
        around = places.draw(st.floats(low, high))
        view = view.zoomed(factor, around, limits)
        if view.span is None:
            continue
        after_low, after_high = view.span
        assert limits[0] - 1e-6 * length <= after_low < after_high <= limits[1] + 1e-6 * length
        assert after_high - after_low >= length / MAX_ZOOM * 0.99
        if factor > 1:
            assert after_low - 1e-6 * length <= around <= after_high + 1e-6 * length


def test_a_zoom_shows_a_part_and_zooming_back_shows_all() -> None:
    view = ChartView().zoomed(2.0, 20.0, LIMITS)
    assert view.span == (10.0, 60.0)
    assert view.zoomed(2.0, None, LIMITS).span == (22.5, 47.5)
    assert view.zoomed(0.5, 20.0, LIMITS).span is None
    assert view.unzoomed().span is None


@given(limits=spans(), shares=st.lists(st.floats(-2, 2), max_size=20))
def test_panning_keeps_the_length_and_stays_inside(limits: Span, shares: list[float]) -> None:
    view = ChartView().zoomed(4.0, None, limits)
    assume(view.span is not None)
    length = limits[1] - limits[0]
    for share in shares:
        view = view.panned(share, limits)
        assert view.span is not None
        assert limits[0] - 1e-6 * length <= view.span[0]
        assert view.span[1] <= limits[1] + 1e-6 * length
        assert view.span[1] - view.span[0] == pytest.approx(length / 4, rel=1e-5)


def test_panning_moves_by_a_share_and_does_nothing_where_all_is_shown() -> None:
    view = ChartView(span=(10.0, 20.0))
    assert view.panned(0.5, LIMITS).span == (15.0, 25.0)
    assert view.panned(-9.0, LIMITS).span == (0.0, 10.0)
    assert ChartView().panned(1.0, LIMITS) == ChartView()


def test_the_cursor_starts_from_the_newest_and_stays_between_what_there_is() -> None:
    view = ChartView()
    assert view.moved(1, 1, 20).cursor is None
    assert view.moved(-1, 1, 20).cursor == 19
    assert view.moved(-99, 1, 20).cursor == 1
    assert view.moved(-1, 1, 20).moved(5, 1, 20).cursor == 20
    assert view.moved(-1, 1, 0).cursor is None
    assert view.at(7, 1, 20).cursor == 7
    assert view.at(70, 1, 20).cursor == 20
    assert view.at(7, 1, 0).cursor is None
    assert view.at(7, 1, 20).live() == view


@given(cursor=st.integers(1, 50), more=st.integers(0, 1000))
def test_what_comes_later_does_not_move_the_cursor(cursor: int, more: int) -> None:
    assert ChartView(cursor=cursor).moved(0, 1, 50 + more).cursor == cursor
