"""Axes: few round ticks, never fewer than three where there is room, that say where they stand."""

from __future__ import annotations

import time
from datetime import datetime
from itertools import pairwise

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from namestui.tui.state.chart_view import X_AXES, XAxis
from namestui.tui.widgets.chart.ticks import LEAST, Axis, linear_axis, log_axis
from namestui.tui.widgets.chart.x_ticks import placed, x_axis

NOW = 1.79e9
DAY = 86400.0


@pytest.fixture(autouse=True)
def utc(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()


def texts(axis: Axis) -> list[str]:
    return [text for _, text in axis.ticks]


def check_axis(axis: Axis) -> None:
    positions = [position for position, _ in axis.ticks]
    assert axis.low < axis.high
    assert positions == sorted(set(positions))
    assert all(0 <= axis.cell(position, 7) < 7 for position in positions)


def rows_of(axis: Axis, rows: int) -> list[int]:
    return [axis.cell(position, rows, 4) for position, _ in axis.ticks]


@given(low=st.floats(-1e300, 1e300), high=st.floats(-1e300, 1e300), rows=st.integers(1, 60), fixed=st.booleans())
def test_vertical_ticks_are_three_or_more_and_enclose_the_values(
    low: float, high: float, rows: int, fixed: bool
) -> None:
    axis = linear_axis((low, high), rows, fixed)
    slack = 1e-6 * (axis.high - axis.low)
    assert axis.low - slack <= min(low, high) <= max(low, high) <= axis.high + slack
    assert min(LEAST, rows) <= len(axis.ticks) <= max(LEAST, rows, 6)
    assert len(set(rows_of(axis, rows))) == len(axis.ticks)
    check_axis(axis)


@given(low=st.floats(-300, 300), span=st.floats(0, 600), rows=st.integers(1, 60), fixed=st.booleans())
def test_logarithmic_ticks_are_three_or_more_and_enclose_the_values(
    low: float, span: float, rows: int, fixed: bool
) -> None:
    high = min(low + span, 300.0)
    axis = log_axis((low, high), rows, fixed)
    assert axis.low <= low + 1e-6
    assert high - 1e-6 <= axis.high
    assert min(LEAST, rows) <= len(axis.ticks)
    assert len(set(rows_of(axis, rows))) == len(axis.ticks)
    check_axis(axis)


@given(
    axis=st.sampled_from(X_AXES),
    low=st.floats(0, 1e7),
    span=st.floats(1e-2, 1e9),
    columns=st.integers(1, 240),
    clock=st.booleans(),
)
def test_horizontal_ticks_are_three_or_more_where_their_labels_fit(
    axis: XAxis, low: float, span: float, columns: int, clock: bool
) -> None:
    low += NOW if clock and axis == "time" else 0.0
    found = x_axis(axis, (low, low + span), columns)
    check_axis(found)
    slack = 1e-6 * (found.high - found.low)
    assert all(found.low - slack <= position <= found.high + slack for position, _ in found.ticks)
    # No label is left out, none touches another, no two are the same.
    shown = placed(found.ticks, found, columns)
    assert [text for _, text in shown] == texts(found)
    assert all(start + len(text) < after for (start, text), (after, _) in pairwise(shown))
    assert len(set(texts(found))) == len(texts(found))
    # Three labels of the longest kind, ends and middle, with a blank between them.
    longest = {"epoch": 11, "step": 11, "time": 12, "elapsed": 14}[axis]
    if columns >= 3 * longest + 4:
        assert len(found.ticks) >= LEAST


@given(low=st.floats(), high=st.floats(), columns=st.integers(1, 200), axis=st.sampled_from(X_AXES))
def test_any_limits_make_an_axis(low: float, high: float, columns: int, axis: XAxis) -> None:
    check_axis(x_axis(axis, (low, high), columns))


@given(first=st.integers(0, 10**6), span=st.integers(2, 10**6), columns=st.integers(24, 200))
def test_epochs_are_whole_numbers_where_three_of_them_fit(first: int, span: int, columns: int) -> None:
    axis = x_axis("epoch", (float(first), float(first + span)), columns)
    assert all(position == int(position) for position, _ in axis.ticks)


@given(low=st.floats(1e-9, 1e25), factor=st.floats(1.02, 1e6), rows=st.integers(6, 30))
def test_ticks_of_one_axis_read_differently(low: float, factor: float, rows: int) -> None:
    axis = linear_axis((low, low * factor), rows, fixed=False)
    assert len(set(texts(axis))) == len(texts(axis))
    # and say where they stand
    assert [float(text) for text in texts(axis)] == pytest.approx([at for at, _ in axis.ticks], rel=1e-3, abs=1e-12)


@given(low=st.floats(0, 1e6), span=st.floats(1, 1e6), columns=st.integers(40, 200))
def test_training_time_reads_as_minutes_and_seconds_or_hours_and_minutes(low: float, span: float, columns: int) -> None:
    axis = x_axis("elapsed", (low, low + span), columns)
    assume(axis.name != "days")
    for position, text in axis.ticks:
        parts = [float(part) for part in text.split(":")]
        units = (3600.0, 60.0, 1.0)[-len(parts) :] if axis.name == "m:ss" else (3600.0, 60.0, 1.0)[: len(parts)]
        assert sum(part * unit for part, unit in zip(parts, units, strict=True)) == pytest.approx(position, abs=0.051)


@given(low=st.floats(NOW, NOW + 1e8), span=st.floats(60, 20 * DAY), columns=st.integers(40, 200))
def test_the_clock_on_the_wall_reads_as_it_does(low: float, span: float, columns: int) -> None:
    for position, text in x_axis("time", (low, low + span), columns).ticks:
        at = datetime.fromtimestamp(position)
        if ":" in text:
            wanted = f"{at:%H:%M:%S}" if text.count(":") == 2 else f"{at:%H:%M}"
            assert text.startswith(wanted)
        else:
            assert (at.hour, at.minute, at.second) == (0, 0, 0)
            assert text == f"{at.day} {at:%b}"


@pytest.mark.parametrize(
    ("axis", "limits", "wanted"),
    [
        ("epoch", (1.0, 20.0), ["1", "5", "10", "15", "20"]),
        ("epoch", (1.0, 2.0), ["1.0", "1.2", "1.4", "1.6", "1.8", "2.0"]),
        ("epoch", (150_000.0, 150_010.0), ["150000", "150002", "150004", "150006", "150008", "150010"]),
        ("step", (0.0, 1.4e6), ["0", "500k", "1M"]),
        ("elapsed", (0.0, 95.0), ["0:00", "0:15", "0:30", "0:45", "1:00", "1:15", "1:30"]),
        ("elapsed", (0.0, 9500.0), ["0:00", "0:30", "1:00", "1:30", "2:00", "2:30"]),
        ("time", (NOW, NOW + 600), ["14:14", "14:16", "14:18", "14:20", "14:22"]),
        ("time", (NOW, NOW + DAY), ["18:00", "22 Sep", "06:00", "12:00"]),
        ("time", (NOW, NOW + 100 * DAY), ["11 Oct", "8 Nov", "6 Dec"]),
        ("time", (NOW, NOW + 10_000 * DAY), ["2034-01-22", "2044-01-10", "2053-12-28"]),
    ],
)
def test_ordinary_axes_have_round_ticks(axis: XAxis, limits: tuple[float, float], wanted: list[str]) -> None:
    assert texts(x_axis(axis, limits, 54)) == wanted


def test_labels_of_ordinary_losses_are_round() -> None:
    assert texts(linear_axis((0.31, 2.8), 8, fixed=False)) == ["0", "1", "2", "3"]
    assert texts(linear_axis((0.469, 0.83), 8, fixed=False)) == ["0.5", "0.6", "0.7", "0.8"]
    assert texts(linear_axis((0.0, 1.0), 12, fixed=True)) == ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"]
    assert texts(log_axis((-2.0, 1.0), 8, fixed=False)) == ["0.01", "0.1", "1", "10"]


def test_the_clock_is_the_local_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "America/New_York")
    time.tzset()
    assert texts(x_axis("time", (NOW, NOW + DAY), 54)) == ["12:00", "18:00", "22 Sep", "06:00"]
