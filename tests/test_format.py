"""Numbers as the screen writes them: what they say, and how wide they are."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from namestui.tui.words.format import LOSS_WIDTH, age, clock, loss_text, percent, rate, size


@pytest.mark.parametrize(
    ("share", "text"),
    [
        (0.0, " 0.0 %"),
        (1e-9, "<0.1 %"),
        (0.0004, "<0.1 %"),
        (0.0006, " 0.1 %"),
        (0.0712, " 7.1 %"),
        (0.7664, "76.6 %"),
        (0.9994, "99.9 %"),
        (0.9999, ">99.9 %"),
        (1.0, "100.0 %"),
    ],
)
def test_percent(share: float, text: str) -> None:
    assert percent(share) == text


@given(st.floats(0, 0.9994))
def test_percent_is_of_one_width_and_within_its_rounding(share: float) -> None:
    text = percent(share)
    assert len(text) == 6
    assert abs(float(text.removesuffix(" %").removeprefix("<")) - 100 * share) <= (0.1 if "<" in text else 0.05) + 1e-9


@given(st.floats(0, 1))
def test_only_all_is_100_per_cent_and_only_nothing_is_0(share: float) -> None:
    assert (percent(share) == "100.0 %") == (share == 1)
    assert (percent(share) == " 0.0 %") == (share == 0)


@pytest.mark.parametrize(
    ("speed", "text"),
    [
        (0.0, " 0.0k names/s"),
        (260.0, " 0.3k names/s"),
        (14_800.0, "14.8k names/s"),
        (99_949.0, "99.9k names/s"),
        (99_950.0, " 100k names/s"),
        (168_400.0, " 168k names/s"),
        (1_250_000.0, "1250k names/s"),
    ],
)
def test_rate(speed: float, text: str) -> None:
    assert rate(speed) == text


@given(st.floats(0, 9.999e6))
def test_rate_is_of_one_width(speed: float) -> None:
    text = rate(speed)
    assert len(text) == len("14.8k names/s")
    assert abs(float(text.removesuffix("k names/s")) * 1000 - speed) <= (50 if speed < 99_950 else 500) + 1e-6


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0.000"),
        (0.5124, "0.5124"),
        (2.8903, "2.890"),
        (9.9996, "10.00"),
        (12.345678, "12.35"),
        (0.001, "0.001000"),
        (1e-4, "1.000e-4"),
        (9999.4, "9999"),
        (12_345.0, "1.234e4"),
        (1531714810452858810629072355328.0, "1.532e30"),
        (None, "NaN"),
        (math.inf, "NaN"),
    ],
)
def test_loss(value: float | None, text: str) -> None:
    assert loss_text(value).lstrip() == text


@given(st.none() | st.just(0.0) | st.floats(1e-9, 9e99))
def test_loss_is_of_one_width(value: float | None) -> None:
    assert len(loss_text(value)) == LOSS_WIDTH


@given(st.floats(1e-300, 1e300))
def test_loss_has_four_digits(value: float) -> None:
    assert float(loss_text(value)) == pytest.approx(value, rel=5.01e-4)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0:00"),
        (9.4, "0:09"),
        (59.6, "1:00"),
        (754, "12:34"),
        (3599.4, "59:59"),
        (3599.6, "1:00:00"),
        (3723, "1:02:03"),
        (360_000, "100:00:00"),
    ],
)
def test_clock(seconds: float, text: str) -> None:
    assert clock(seconds) == text


def test_clock_of_no_time_at_all() -> None:
    assert (clock(math.inf), clock(math.nan)) == ("--:--", "--:--")


@given(st.floats(0, 1e7))
def test_clock_can_be_read_back(seconds: float) -> None:
    parts = [int(part) for part in clock(seconds).split(":")]
    assert all(part < 60 for part in parts[1:])
    read = 0
    for part in parts:
        read = 60 * read + part
    assert read == round(seconds)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (-3, "now"),
        (0, "now"),
        (1.9, "now"),
        (2, "2 s"),
        (89, "89 s"),
        (300, "5 min"),
        (3 * 3600, "3 h"),
        (35.4 * 3600, "35 h"),
        (12 * 86400, "12 d"),
        (1000 * 86400, "1000 d"),
    ],
)
def test_age(seconds: float, text: str) -> None:
    assert age(seconds) == text


@given(st.floats(2, 1e8))
def test_age_is_short_and_true_to_a_third(seconds: float) -> None:
    number, unit = age(seconds).split()
    told = int(number) * {"s": 1, "min": 60, "h": 3600, "d": 86400}[unit]
    assert len(number) <= 4
    assert 0.7 <= told / seconds <= 1.4


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (0, "0 B"),
        (512, "512 B"),
        (999, "999 B"),
        (1000, "1.0 kB"),
        (99_400, "99.4 kB"),
        (99_500, "100 kB"),
        (999_400, "999 kB"),
        (999_500, "1.0 MB"),
        (1_230_000, "1.2 MB"),
        (2_340_000_000, "2.3 GB"),
        (7_000_000_000_000, "7000 GB"),
    ],
)
def test_size(count: int, text: str) -> None:
    assert size(count) == text


@given(st.integers(1, 10**12))
def test_size_is_short_and_true_to_a_twentieth(count: int) -> None:
    text = size(count)
    number, unit = text.split()
    told = float(number) * {"B": 1, "kB": 1e3, "MB": 1e6, "GB": 1e9}[unit]
    assert len(text) <= 7
    assert 0.95 <= told / count <= 1.05
