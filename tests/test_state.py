"""What the screen knows of a run is a pure fold of what it was told."""

from __future__ import annotations

import copy
from collections.abc import Iterable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from namestui.engine.link.client import Told
from namestui.runs.events import LIVE_STATES, Confusion, Greeting, Logged, State
from namestui.tui.plain.reporters import describe
from namestui.tui.state.run_state import RunState
from namestui.tui.widgets.chart.curves import accuracy_curves, loss_curves
from tests.any_events import RUN, STATES, any_told, logged_event, probed, wire_event, worker_gone
from tests.fake_engine import Teller
from tests.steering import can_steer

OF_THE_WIRE = {"progress", "notice", "confusion", "prediction", "examples", "refused"}
"""What only a living worker tells."""


def fold(told: Iterable[Told], state: RunState | None = None) -> RunState:
    state = state or RunState(RUN)
    for one in told:
        state.apply(one)
    return state


def known(state: RunState) -> dict[str, Any]:
    """Everything in ``state``, the curves as their points."""
    fields = {name: copy.copy(getattr(state, name)) for name in RunState.__slots__ if name != "curves"}
    curves = {name: getattr(state.curves, name).points() for name in type(state.curves).__slots__}
    return {**fields, "curves": curves}


@given(st.lists(any_told, max_size=25))
def test_any_order_of_events_can_be_folded_and_drawn(told: list[Told]) -> None:
    state = fold(told)
    assert state.state in STATES
    assert state.is_live == (state.state in LIVE_STATES)
    assert not can_steer(state.title)
    for series in (*loss_curves(state), *accuracy_curves(state)):
        assert len(series.xs) == len(series.ys)


@given(st.lists(st.one_of(logged_event, wire_event), max_size=25))
def test_the_whole_history_replayed_is_what_was_seen_live(told: list[Told]) -> None:
    # GIVEN a screen that was told everything, and one that comes later and reads the log and the last matrix
    # (a worker that greets with "interrupted" only answers questions, and tells that to both)
    told = [one for one in told if not (isinstance(one, Greeting) and one.state == "interrupted")]
    live = fold(told)
    logged = [one for one in told if isinstance(one, Logged)]
    matrices = [one for one in told if isinstance(one, Confusion)]
    late = fold([*logged, *matrices[-1:]])
    # THEN both know the same, but for what only a living worker tells
    everything = known(live)
    assert {name: value for name, value in everything.items() if name not in OF_THE_WIRE} == {
        name: value for name, value in known(late).items() if name not in OF_THE_WIRE
    }
    assert live.confusion == late.confusion


@given(st.lists(any_told, max_size=20), st.integers(0, 20))
def test_it_does_not_matter_where_the_fold_was_cut(told: list[Told], at: int) -> None:
    assert known(fold(told[at:], fold(told[:at]))) == known(fold(told))


@given(st.lists(any_told, max_size=15), worker_gone)
def test_a_worker_that_goes_interrupts_what_lived_and_nothing_else(told: list[Told], gone: Any) -> None:
    before = fold(told)
    after = fold([*told, gone])
    assert not after.is_live
    assert after.progress is None
    assert after.log_tail == gone.log_tail
    if before.is_live:
        assert (after.state, after.reason) == ("interrupted", gone.reason)
    else:
        assert (after.state, after.reason) == (before.state, before.reason)
    # and twice is once
    assert known(fold([gone], after)) == known(fold([*told, gone]))


@pytest.mark.parametrize("state", STATES)
def test_what_becomes_of_each_state_without_a_worker(state: State) -> None:
    teller = Teller(RUN)
    folded = fold([teller.run_started(), teller.state(state, "as it was"), teller.gone("killed", ["last words"])])
    ended = state in ("stopped", "finished", "failed", "interrupted")
    assert (folded.state, folded.reason) == ((state, "as it was") if ended else ("interrupted", "killed"))


def test_a_run_from_its_start_to_its_end() -> None:
    teller = Teller(RUN)
    state = RunState(RUN, model="rnn")
    assert (state.state, state.title, state.epoch, state.planned_epochs) == ("starting", "RNN", 0, 0)

    fold([teller.run_started("lstm", 3)], state)
    assert (state.state, state.title, state.planned_epochs) == ("running", "LSTM", 3)

    fold([teller.progress(50), teller.epoch(validation_accuracy=0.5), teller.confusion()], state)
    assert (state.epoch, state.best_accuracy, state.best_epoch, state.progress) == (1, 0.5, 1, None)
    assert state.confusion is not None
    assert state.confusion.epoch == 1

    # An equal epoch is no better one, a worse one is none.
    fold([teller.epoch(validation_accuracy=0.5), teller.epoch(validation_accuracy=0.4)], state)
    assert (state.epoch, state.best_accuracy, state.best_epoch) == (3, 0.5, 1)

    fold([teller.scored(0.45), teller.state("finished")], state)
    assert (state.state, state.is_live) == ("finished", False)
    assert state.test is not None

    fold([teller.planned_epochs(5), teller.state("running"), teller.epoch(validation_accuracy=0.6)], state)
    assert (state.state, state.planned_epochs, state.best_epoch) == ("running", 5, 4)


def test_a_loss_that_is_not_finite_is_a_gap() -> None:
    teller = Teller(RUN)
    state = fold([teller.epoch(), teller.epoch(train_loss=None), teller.epoch()])
    xs, ys = state.curves.train_loss.points()
    assert (xs, [y is None for y in ys]) == ([1, 2, 3], [False, True, False])
    assert None not in state.curves.validation_loss.points()[1]


def test_what_was_expected_gives_way_to_what_was_told() -> None:
    teller = Teller(RUN)
    state = fold([teller.run_started(), teller.progress(7)])
    state.expect("pausing")
    # What a batch that was on its way tells does not end the waiting.
    fold([teller.progress(8), teller.epoch(), teller.saved()], state)
    assert state.state == "pausing"
    fold([teller.state("paused", "asked")], state)
    assert (state.state, state.reason) == ("paused", "asked")


@pytest.mark.parametrize("state", STATES)
def test_a_batch_is_shown_only_where_one_is_trained(state: State) -> None:
    teller = Teller(RUN)
    folded = fold([teller.run_started(), teller.progress(7), teller.state(state)])
    assert (folded.progress is not None) == (state in ("running", "pausing", "paused"))


@given(st.lists(probed, min_size=2, max_size=4), st.lists(worker_gone | wire_event, max_size=5))
def test_looks_at_the_network_are_kept_in_their_order_and_told_to_nobody(looks: list[Any], others: list[Told]) -> None:
    state = fold([*looks[:1], *others, *looks[1:]])
    assert state.probes == looks
    assert [describe(one, state) for one in looks] == [None] * len(looks)


def test_an_empty_notice_ends_the_trouble() -> None:
    teller = Teller(RUN)
    assert fold([teller.notice("disk full")]).notice == "disk full"
    assert fold([teller.notice("disk full"), teller.notice("")]).notice == ""


def test_trouble_ends_with_the_worker_that_had_it() -> None:
    teller = Teller(RUN)
    assert fold([teller.notice("disk full"), teller.gone()]).notice == ""


def test_what_was_refused_is_no_longer_expected() -> None:
    teller = Teller(RUN)
    state = fold([teller.run_started()])
    state.expect("stopping", "7")
    # a refusal of something else is none of this one
    fold([teller.refused("6", "cannot")], state)
    seen = [state.state]
    fold([teller.refused("7", "cannot")], state)
    seen.append(state.state)
    # and what was told since stands
    state.expect("stopping", "8")
    fold([teller.state("finished"), teller.refused("8", "it is finished")], state)
    seen.append(state.state)
    assert seen == ["stopping", "running", "finished"]


@given(st.permutations(range(1, 7)))
def test_an_epoch_that_comes_late_stands_in_its_place(order: list[int]) -> None:
    # GIVEN epochs of which the record had lost some: they were trained again later; 3 and 5 are the best
    teller = Teller(RUN)
    accuracies = {1: 0.2, 2: 0.4, 3: 0.9, 4: 0.5, 5: 0.9, 6: 0.3}
    told = {number: teller.epoch(number, validation_accuracy=accuracy) for number, accuracy in accuracies.items()}
    state = fold(told[number] for number in order)
    assert state.curves.validation_accuracy.points() == (list(accuracies), list(accuracies.values()))
    assert (state.epoch, state.best_epoch, state.best_accuracy) == (6, 3, 0.9)


def test_a_worker_that_only_answers_leaves_a_run_interrupted() -> None:
    teller = Teller(RUN)
    state = fold([teller.state("running"), teller.greeting("interrupted")])
    assert (state.state, state.is_live) == ("interrupted", False)
    # AND a resume that is on its way is not undone by it
    state.expect("starting")
    assert fold([teller.greeting("interrupted")], state).state == "starting"
