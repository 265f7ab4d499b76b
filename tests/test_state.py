"""What the screen knows of a run is a pure fold of what it was told."""

from __future__ import annotations

import copy
from collections.abc import Iterable
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from namestui.engine.link.updates import Update
from namestui.runs.events import LIVE_STATES, Confusion, Greeting, Logged, State
from namestui.runs.text import inert
from namestui.tui.state.run_state import RunState
from namestui.tui.widgets.chart.curves import axis_of, curves_of, references
from namestui.tui.words.event_lines import event_line
from tests.any_events import RUN, STATES, any_update, logged_event, probed, wire_event, worker_gone
from tests.fake_engine import EventMaker
from tests.steering import can_steer

OF_THE_WIRE = {"progress", "machine", "notice", "confusion", "gone", "log_tail"}
"""What only a living worker sends, or its absence says."""


def fold(updates: Iterable[Update], state: RunState | None = None) -> RunState:
    state = state or RunState(RUN)
    for one in updates:
        state.apply(one)
    return state


def known(state: RunState) -> dict[str, Any]:
    """Everything in ``state``, the curves as their points."""
    apart = ("series", "history", "machine")
    fields = {name: copy.copy(getattr(state, name)) for name in RunState.__slots__ if name not in apart}
    history = {
        name: copy.copy(value) for name, value in vars(state.history).items() if name not in ("losses", "metered")
    }
    return {
        **fields,
        **history,
        "machine": list(state.machine),
        "series": {name: curve.points() for name, curve in state.series.items()},
    }


@given(st.lists(any_update, max_size=25))
def test_any_order_of_events_can_be_folded_and_drawn(updates: list[Update]) -> None:
    state = fold(updates)
    assert state.state in STATES
    assert state.is_live == (state.state in LIVE_STATES)
    assert not can_steer(state.title)
    for series in (*curves_of(state, "loss"), *curves_of(state, "macro_f1"), *references(state, (1.0, 20.0))):
        assert len(series.xs) == len(series.ys)
        assert not can_steer(series.name)


@given(st.lists(st.one_of(logged_event, wire_event), max_size=25))
def test_the_whole_history_replayed_is_what_was_seen_live(updates: list[Update]) -> None:
    # GIVEN a screen that was told everything, and one that comes later and reads the log and the last matrix
    # (a worker that greets with "interrupted" only answers questions, and says that to both)
    updates = [one for one in updates if not (isinstance(one, Greeting) and one.state == "interrupted")]
    live = fold(updates)
    logged = [one for one in updates if isinstance(one, Logged)]
    matrices = [one for one in updates if isinstance(one, Confusion)]
    late = fold([*logged, *matrices[-1:]])
    # THEN both know the same, but for what only a living worker tells
    everything = known(live)
    assert {name: value for name, value in everything.items() if name not in OF_THE_WIRE} == {
        name: value for name, value in known(late).items() if name not in OF_THE_WIRE
    }
    assert live.confusion == late.confusion


@given(st.lists(any_update, max_size=20), st.integers(0, 20))
def test_it_does_not_matter_where_the_fold_was_cut(updates: list[Update], at: int) -> None:
    assert known(fold(updates[at:], fold(updates[:at]))) == known(fold(updates))


@given(st.lists(any_update, max_size=15), worker_gone)
def test_a_worker_that_goes_interrupts_what_lived_and_nothing_else(updates: list[Update], gone: Any) -> None:
    before = fold(updates)
    after = fold([*updates, gone])
    assert not after.is_live
    assert after.progress is None
    assert after.log_tail == [inert(line) for line in gone.log_tail]
    if before.is_live:
        assert (after.state, after.reason) == ("interrupted", inert(gone.reason))
    else:
        assert (after.state, after.reason) == (before.state, before.reason)
    # and twice is once
    assert known(fold([gone], after)) == known(fold([*updates, gone]))


@pytest.mark.parametrize("state", STATES)
def test_what_becomes_of_each_state_without_a_worker(state: State) -> None:
    maker = EventMaker(RUN)
    folded = fold([maker.run_started(), maker.state(state, "as it was"), maker.gone("killed", ["last words"])])
    ended = state in ("stopped", "finished", "failed", "interrupted")
    assert (folded.state, folded.reason) == ((state, "as it was") if ended else ("interrupted", "killed"))


def test_a_run_from_its_start_to_its_end() -> None:
    maker = EventMaker(RUN)
    state = RunState(RUN, model="rnn")
    assert (state.state, state.title, state.epoch, state.planned_epochs) == ("starting", "RNN", 0, 0)

    fold([maker.run_started("lstm", 3)], state)
    assert (state.state, state.title, state.planned_epochs) == ("running", "LSTM", 3)

    fold([maker.progress(50), maker.epoch(validation_accuracy=0.5), maker.confusion()], state)
    assert (state.epoch, state.best_accuracy, state.history.best_epoch, state.progress) == (1, 0.5, 1, None)
    assert state.confusion is not None
    assert state.confusion.epoch == 1

    # An equal epoch is no better one, a worse one is none.
    fold([maker.epoch(validation_accuracy=0.5), maker.epoch(validation_accuracy=0.4)], state)
    assert (state.epoch, state.best_accuracy, state.history.best_epoch) == (3, 0.5, 1)

    fold([maker.scored(0.45), maker.state("finished")], state)
    assert (state.state, state.is_live) == ("finished", False)
    assert state.test is not None

    fold([maker.planned_epochs(5), maker.state("running"), maker.epoch(validation_accuracy=0.6)], state)
    assert (state.state, state.planned_epochs, state.history.best_epoch) == ("running", 5, 4)


def test_a_loss_that_is_not_finite_is_a_gap() -> None:
    maker = EventMaker(RUN)
    state = fold([maker.epoch(), maker.epoch(train_loss=None), maker.epoch()])
    points = state.series["train/loss"].points()
    assert [(point.x, point.y is None) for point in points] == [(1, False), (2, True), (3, False)]
    assert None not in [point.y for point in state.series["validation/loss"].points()]


def test_what_was_expected_gives_way_to_what_was_told() -> None:
    maker = EventMaker(RUN)
    state = fold([maker.run_started(), maker.progress(7)])
    state.expect("pausing")
    # What a batch that was on its way tells does not end the waiting.
    fold([maker.progress(8), maker.epoch(), maker.saved()], state)
    assert state.state == "pausing"
    fold([maker.state("paused", "asked")], state)
    assert (state.state, state.reason) == ("paused", "asked")


@pytest.mark.parametrize("state", STATES)
def test_a_batch_is_shown_only_where_one_is_trained(state: State) -> None:
    maker = EventMaker(RUN)
    folded = fold([maker.run_started(), maker.progress(7), maker.state(state)])
    assert (folded.progress is not None) == (state in ("running", "pausing", "paused"))


@given(st.lists(probed, min_size=2, max_size=4), st.lists(worker_gone | wire_event, max_size=5))
def test_looks_at_the_network_are_kept_in_their_order_and_told_to_nobody(
    looks: list[Any], others: list[Update]
) -> None:
    state = fold([*looks[:1], *others, *looks[1:]])
    assert state.history.probed == looks
    assert [event_line(one, state) for one in looks] == [None] * len(looks)


def test_an_empty_notice_ends_the_trouble() -> None:
    maker = EventMaker(RUN)
    assert fold([maker.notice("disk full")]).notice == "disk full"
    assert fold([maker.notice("disk full"), maker.notice("")]).notice == ""


def test_trouble_ends_with_the_worker_that_had_it() -> None:
    maker = EventMaker(RUN)
    assert fold([maker.notice("disk full"), maker.gone()]).notice == ""


def test_what_was_refused_is_no_longer_expected() -> None:
    maker = EventMaker(RUN)
    state = fold([maker.run_started()])
    state.expect("pausing")
    state.expect("stopping")
    # a refusal of something else is none of this one
    state.withdraw("pausing")
    seen = [state.state]
    state.withdraw("stopping")
    seen.append(state.state)
    # and what has become of it since stands
    state.expect("stopping")
    fold([maker.state("finished")], state)
    state.withdraw("stopping")
    seen.append(state.state)
    assert seen == ["stopping", "running", "finished"]


def test_a_worker_that_ended_as_it_was_told_to_interrupts_nothing() -> None:
    # GIVEN s, and r while the worker is still ending
    maker = EventMaker(RUN)
    state = fold([maker.run_started(), maker.state("stopping"), maker.state("stopped")])
    state.expect("starting")
    # WHEN it has ended THEN no red word comes between, and what is on its way still shows
    seen = [state.state, fold([maker.gone("the worker ended with status 0")], state).state]
    seen += [fold([one], state).state for one in (maker.greeting("starting"), maker.state("starting"))]
    assert seen == ["starting"] * 4
    assert state.reason == ""


@given(st.permutations(range(1, 7)))
def test_an_epoch_that_comes_late_stands_in_its_place(order: list[int]) -> None:
    # GIVEN epochs of which the record had lost some: they were trained again later; 3 and 5 are the best
    maker = EventMaker(RUN)
    accuracies = {1: 0.2, 2: 0.4, 3: 0.9, 4: 0.5, 5: 0.9, 6: 0.3}
    epochs = {number: maker.epoch(number, validation_accuracy=accuracy) for number, accuracy in accuracies.items()}
    state = fold(epochs[number] for number in order)
    points = state.series["validation/accuracy"].points()
    assert [(point.x, point.y) for point in points] == list(accuracies.items())
    assert (state.epoch, state.history.best_epoch, state.best_accuracy) == (6, 3, 0.9)


def test_a_worker_that_only_answers_leaves_a_run_interrupted() -> None:
    maker = EventMaker(RUN)
    state = fold([maker.state("running"), maker.greeting("interrupted")])
    assert (state.state, state.is_live) == ("interrupted", False)
    # AND a resume that is on its way is not undone by it
    state.expect("starting")
    assert fold([maker.greeting("interrupted")], state).state == "starting"


def test_every_metric_is_a_curve_by_name() -> None:
    maker = EventMaker(RUN)
    state = fold([maker.epoch(learning_rate=0.5), maker.metrics(2, 40, train__loss=1.5, bleu=None, lr=1e-4)])
    newest = {name: curve.newest[:3] for name, curve in state.series.items() if curve.newest is not None}
    assert list(newest)[:7] == [
        *("train/loss", "validation/loss", "train/accuracy", "validation/accuracy"),
        *("macro_f1", "learning_rate", "names_per_second"),
    ]
    assert newest["learning_rate"] == (1, 0.5, 0)
    assert (newest["train/loss"], newest["bleu"], newest["lr"]) == ((2, 1.5, 40), (2, None, 40), (2, 1e-4, 40))


def test_a_chart_draws_any_group_of_metrics() -> None:
    maker = EventMaker(RUN)
    updates = [maker.metrics(epoch, 10 * epoch, validation__f1=0.5, train__f1=0.7, f2=0.1) for epoch in (1, 2)]
    state = fold(updates)
    # training first, whatever came first, and each part in its hue
    curves = curves_of(state, "f1")
    assert [(one.name, one.role, list(one.xs), list(one.ys)) for one in curves] == [
        ("train", "train", [1, 2], [0.7, 0.7]),
        ("validation", "validation", [1, 2], [0.5, 0.5]),
    ]
    assert [(one.name, list(one.xs)) for one in curves_of(state, "f2")] == [("f2", [1, 2])]
    # a loop that counts no epochs is drawn over its steps
    by_step = fold([maker.metrics(0, step, train__f1=0.7) for step in (10, 30, 20)])
    assert list(curves_of(by_step, "f1", axis_of(by_step, "f1", "epoch"))[0].xs) == [10, 20, 30]


@pytest.mark.parametrize("epoch", [10**400, -(10**400)])
def test_a_curve_takes_any_epoch_of_a_damaged_record(epoch: int) -> None:
    maker = EventMaker("r")
    state = fold([maker.run_started(), msgspec.structs.replace(maker.epoch(), epoch=epoch)])
    assert len(state.series["train/loss"].points()) == 1
    state = fold([msgspec.structs.replace(maker.metrics(1, loss=0.5), step=epoch)])
    assert len(state.series["loss"].points()) == 1
