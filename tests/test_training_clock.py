"""Time spent training: what was paused, stopped or dead does not count."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from namestui.runs.events import EpochFinished, Logged, Metrics, State, StateChanged
from namestui.tui.state.training_clock import MAX_BREAKS, Break, TrainingClock
from tests.any_events import logged_event
from tests.fake_engine import EventMaker

MAKER = EventMaker("20261123-214207-lstm-k3f9")


def state(time: float, state: State) -> StateChanged:
    return StateChanged(time=time, run=MAKER.run, seq=0, state=state, epoch=0, batch=0)


def epoch(time: float, seconds: float = 5.0) -> EpochFinished:
    fields = {name: getattr(MAKER.epoch(), name) for name in EpochFinished.__struct_fields__}
    return EpochFinished(**{**fields, "time": time, "seconds": seconds})


def metrics(time: float) -> Metrics:
    return Metrics(time=time, run=MAKER.run, seq=0, step=1, epoch=0, values={})


def after(*events: Logged) -> tuple[list[float], list[Break]]:
    clock, seen = TrainingClock(), []
    for event in events:
        clock.apply(event)
        seen.append(clock.elapsed)
    return seen, clock.breaks


def test_a_pause_does_not_count_and_its_place_is_kept() -> None:
    seen, breaks = after(
        state(100, "starting"),
        state(103, "running"),
        epoch(108),
        state(109, "pausing"),
        state(110, "paused"),
        state(3710, "running"),
        epoch(3712),
        state(3713, "finished"),
    )
    assert seen == [0, 0, 5, 6, 7, 7, 9, 10]
    assert breaks == [Break(7, 110, 3710)]


def test_a_pause_that_was_withdrawn_is_none() -> None:
    seen, breaks = after(state(0, "running"), state(5, "pausing"), state(6, "running"), epoch(8))
    assert seen[-1] == 8
    assert breaks == []


@pytest.mark.parametrize("end", ["stopped", "failed", "finished"])
def test_a_run_that_goes_on_later_has_the_time_between_cut_out(end: State) -> None:
    seen, breaks = after(state(0, "running"), epoch(5), state(6, end), state(90, "starting"), state(91, "running"))
    assert seen[-1] == 6
    assert breaks == [Break(6, 6, 91)]


def test_a_worker_that_died_without_a_word_trained_until_its_last_one() -> None:
    seen, breaks = after(state(0, "running"), epoch(5), state(1000, "starting"), state(1003, "running"), epoch(1008))
    assert seen == [0, 5, 5, 5, 10]
    assert breaks == [Break(5, 5, 1003)]


def test_that_a_worker_has_died_is_logged_by_the_next_one_much_later() -> None:
    seen, breaks = after(
        state(0, "running"),
        epoch(5),
        state(1000, "interrupted"),
        state(1000, "starting"),
        state(1003, "running"),
        epoch(1008),
    )
    assert seen == [0, 5, 5, 5, 5, 10]
    assert breaks == [Break(5, 5, 1003)]


def test_a_clock_that_is_set_back_costs_no_time() -> None:
    assert after(state(5000, "running"), epoch(5005), epoch(1410), epoch(1415))[0] == [0, 5, 5, 10]


def test_a_record_without_states_begins_with_what_was_measured() -> None:
    assert after(epoch(105, seconds=5), epoch(110))[0] == [5, 10]
    assert after(metrics(105), metrics(110))[0] == [0, 5]


def test_of_many_pauses_the_longest_are_kept() -> None:
    events: list[Logged] = []
    for at in range(200):
        events += [state(1000 * at, "running"), state(1000 * at + 500 + at, "paused")]
    _, breaks = after(*events)
    assert len(breaks) == MAX_BREAKS
    assert breaks == sorted(breaks)
    assert min(one.end - one.start for one in breaks) == 500 - (MAX_BREAKS - 1)


@given(st.lists(logged_event, max_size=20), st.lists(st.floats(0, 1e6), min_size=20, max_size=20))
def test_it_never_runs_backwards_nor_faster_than_the_wall_clock(events: list[Logged], times: list[float]) -> None:
    clock = TrainingClock()
    before, most = 0.0, 0.0
    for event, time in zip(events, sorted(times), strict=False):
        fields = {name: getattr(event, name) for name in type(event).__struct_fields__}
        moved = type(event)(**{**fields, "time": time})
        clock.apply(moved)
        most = max(most, fields.get("seconds", 0.0))
        assert before <= clock.elapsed <= max(times) - min(times) + most + 1e-6
        before = clock.elapsed
    assert all(left.end <= right.start for left, right in pairwise(clock.breaks))
