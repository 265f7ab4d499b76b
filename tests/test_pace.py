"""How long a run has trained, and how long to an accuracy, whatever the order of its epochs."""

from __future__ import annotations

import itertools
import random
from typing import NamedTuple

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from namestui.runs.events import EpochFinished
from namestui.runs.pace import LEVELS, Pace
from tests.any_events import RUN
from tests.fake_engine import EventMaker


class Epoch(NamedTuple):
    seconds: int
    accuracy: float | None


epochs = st.lists(st.builds(Epoch, st.integers(1, 1000), st.none() | st.sampled_from([0.5, 0.73, 0.8, 0.9])))


def done(number: int, seconds: float, rate: float = 100.0) -> EpochFinished:
    return EventMaker(RUN).epoch(number, seconds=seconds, names_per_second=rate)


def folded(numbered: list[tuple[int, Epoch]]) -> Pace:
    pace = Pace()
    for number, one in numbered:
        pace.add(done(number, one.seconds), one.accuracy)
    return pace


@given(epochs, st.randoms(use_true_random=False))
def test_the_order_of_epochs_changes_nothing(run: list[Epoch], dice: random.Random) -> None:
    numbered = list(enumerate(run, 1))
    shuffled = dice.sample(numbered, len(numbered))
    pace = folded(shuffled)
    # THEN it is what adding up from the first epoch on says
    assert pace.seconds == (sum(one.seconds for one in run) if run else None)
    for level in LEVELS:
        sums = itertools.accumulate(one.seconds for one in run)
        reached = [total for total, one in zip(sums, run, strict=True) if (one.accuracy or 0) >= level]
        assert pace.seconds_to(level) == (reached[0] if reached else None)


@given(epochs.filter(bool), st.data())
def test_what_a_lost_epoch_took_is_not_made_up(run: list[Epoch], data: st.DataObject) -> None:
    lost = data.draw(st.integers(1, len(run)))
    pace = folded([(number, one) for number, one in enumerate(run, 1) if number != lost])
    assert pace.seconds is None or lost == len(run)  # a last one that is lost cannot be missed
    for level in LEVELS:
        first = next((n for n, one in enumerate(run, 1) if one.accuracy is not None and one.accuracy >= level), None)
        assert (pace.seconds_to(level) is not None) == (first is not None and first < lost)
    # WHEN it is trained again, everything is known again
    whole = folded([pair for pair in enumerate(run, 1) if pair[0] != lost] + [(lost, run[lost - 1])])
    assert whole == folded(list(enumerate(run, 1)))


def test_an_epoch_that_the_record_repeats_counts_once() -> None:
    pace = folded([(1, Epoch(5, 0.5)), (2, Epoch(5, 0.75)), (2, Epoch(7, 0.9)), (1, Epoch(1, 0.9))])
    assert (pace.seconds, pace.seconds_to(0.73), pace.seconds_to(0.80)) == (10, 10, None)


def test_names_a_second_are_all_names_by_all_seconds() -> None:
    pace = Pace()
    assert pace.names_per_second is None
    pace.add(done(1, 1.0, rate=100.0), 0.5)
    pace.add(done(2, 3.0, rate=500.0), 0.5)
    assert pace.names_per_second == pytest.approx((100 + 1500) / 4)


@pytest.mark.parametrize("seconds", [1e308, -1.0])
def test_what_no_clock_can_have_said_is_not_shown(seconds: float) -> None:
    pace = folded([])
    for number in (1, 2):
        pace.add(msgspec.structs.replace(done(number, seconds), names_per_second=1e308), 0.9)
    assert pace.seconds is None
    assert pace.names_per_second is None
    assert pace.seconds_to(0.80) in (None, 1e308)
