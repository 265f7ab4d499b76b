"""Which axes a run's charts have: epochs, names seen or steps, the clock on the wall, time spent training."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from namestui.engine.link.updates import Update
from namestui.tui.state.chart_view import X_AXES, XAxis
from namestui.tui.state.run_state import RunState
from namestui.tui.widgets.chart.curves import chart_of
from tests.any_events import any_update
from tests.fake_engine import NOW, EventMaker

RUN = "20261123-214207-lstm-k3f9"


def fold(*updates: Update) -> RunState:
    state = RunState(RUN)
    for one in updates:
        state.apply(one)
    return state


def at(event: Any, time: float) -> Any:
    return type(event)(**{**{name: getattr(event, name) for name in event.__struct_fields__}, "time": time})


def paused_run(*ends: str) -> RunState:
    """Three epochs of 30 s, an hour's pause after the second; 800 names an epoch, 20 epochs planned."""
    maker = EventMaker(RUN)
    events = [
        (0, maker.run_started()),
        (10, maker.state("running")),
        (40, maker.epoch()),
        (70, maker.epoch()),
        (80, maker.state("paused")),
        (3680, maker.state("running")),
        (3700, maker.epoch()),
        *((3701, maker.state(end)) for end in ends),  # type: ignore[arg-type]
    ]
    return fold(*(at(event, NOW + time) for time, event in events))


@pytest.mark.parametrize(
    ("axis", "xs", "limits", "name"),
    [
        ("epoch", [1, 2, 3], (1, 20), "epoch"),
        ("step", [800, 1600, 2400], (0, 16_000), "names"),
        ("time", [NOW + 40, NOW + 70, NOW + 3700], (NOW + 10, NOW + 10 + 4000), "time"),
        ("elapsed", [30, 60, 90], (0, 100), "elapsed"),
    ],
)
def test_every_point_has_its_place_on_every_axis(axis: XAxis, xs: list[float], limits: Any, name: str) -> None:
    chart = chart_of(paused_run(), "loss", axis)
    for one in chart.series:
        assert list(one.xs) == xs
        assert [one.epoch(number) for number in range(3)] == [1, 2, 3]
    assert chart.x_limits == pytest.approx(limits)
    assert (chart.x_axis, chart.x_name) == (axis, name)
    assert [(one.elapsed, one.start, one.end) for one in chart.breaks] == [(70, NOW + 80, NOW + 3680)]


def test_a_finished_run_has_no_room_for_what_will_not_come() -> None:
    run = paused_run("finished")
    assert chart_of(run, "loss", "elapsed").x_limits == (0, 90)
    assert chart_of(run, "loss", "time").x_limits == (NOW + 10, NOW + 3700)


def test_a_loop_without_epochs_lies_over_its_steps_and_its_cursor_counts_them() -> None:
    maker = EventMaker(RUN)
    run = fold(*(maker.metrics(0, step, train__loss=0.7) for step in (10, 20, 30)))
    for wanted in ("epoch", "step"):
        chart = chart_of(run, "loss", wanted)  # type: ignore[arg-type]
        assert (chart.x_axis, chart.x_name, chart.x_limits) == ("step", "step", (0, 30))
        assert [chart.series[0].epoch(number) for number in range(3)] == [10, 20, 30]
    assert chart_of(run, "loss", "time").x_axis == "time"


def test_a_run_that_does_not_say_how_many_names_it_sees_lies_over_epochs() -> None:
    maker = EventMaker(RUN)
    assert chart_of(fold(maker.epoch(), maker.epoch()), "loss", "step").x_axis == "epoch"


def test_the_best_validated_epoch_is_marked_and_training_is_not() -> None:
    run = paused_run()
    assert [one.best for one in chart_of(run, "loss", "epoch").series] == ["", "lowest"]
    assert [one.best for one in chart_of(run, "accuracy", "epoch").series] == ["", "highest", ""]
    assert [one.best for one in chart_of(run, "macro_f1", "epoch").series] == ["highest"]
    assert [one.best for one in chart_of(run, "learning_rate", "epoch").series] == [""]


def test_accuracy_has_the_majority_and_the_ceiling_as_lines() -> None:
    maker = EventMaker(RUN)
    started = maker.run_started()
    fields = {name: getattr(started, name) for name in started.__struct_fields__}
    run = fold(type(started)(**{**fields, "ceiling": 0.87}), maker.epoch())
    lines = [one for one in chart_of(run, "accuracy", "step").series if one.role == "reference"]
    assert [(one.name, one.ys) for one in lines] == [("majority", (0.5, 0.5)), ("ceiling", (0.87, 0.87))]
    assert {one.xs for one in lines} == {(0.0, 16_000.0)}


@given(st.lists(any_update, max_size=25), st.sampled_from(X_AXES))
def test_any_run_has_a_chart_over_any_axis(updates: list[Update], axis: XAxis) -> None:
    run = fold(*updates)
    for group in ("loss", "accuracy", "macro_f1"):
        chart = chart_of(run, group, axis)
        assert chart.x_limits[0] <= chart.x_limits[1]
        for one in chart.series:
            assert list(one.xs) == sorted(one.xs)
            assert all(chart.x_limits[0] <= x <= chart.x_limits[1] for x in one.xs)
