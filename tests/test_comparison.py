"""Which runs are compared, and what becomes of those that have no tab."""

from __future__ import annotations

import pytest

from namestui.runs.recipes import make_config
from namestui.runs.store import RunStore
from namestui.tui.state.comparison import Comparison
from namestui.tui.state.open_runs import OpenRuns
from tests.fake_engine import FakeEngine


@pytest.fixture
def engine() -> FakeEngine:
    return FakeEngine()


@pytest.fixture
def tabs(store: RunStore) -> OpenRuns:
    runs = OpenRuns()
    for model in ("rnn", "lstm"):
        runs.add(store.create(make_config(model)))
    return runs


@pytest.fixture
def comparison(store: RunStore, engine: FakeEngine, tabs: OpenRuns) -> Comparison:
    return Comparison(store, engine, tabs)


async def test_runs_with_tabs_are_followed_already(comparison: Comparison, engine: FakeEngine, tabs: OpenRuns) -> None:
    assert comparison.begin([state.run for state in tabs]) == []
    assert comparison.states() == list(tabs)
    assert [(one.number, one.title) for one in comparison.runs()] == [(1, "RNN"), (2, "LSTM")]
    await comparison.finish()
    assert (engine.opened, engine.closed_runs, engine.closed) == ([], [], False)


async def test_a_run_without_a_tab_is_followed_as_long_as_it_lasts(
    store: RunStore, comparison: Comparison, engine: FakeEngine, tabs: OpenRuns
) -> None:
    other = store.create(make_config("gru"))
    mine = next(iter(tabs)).run
    assert comparison.begin([other.id, mine, other.id]) == []
    maker = engine.maker(other.id)
    for update in (maker.run_started("gru"), maker.epoch(validation_accuracy=0.75)):
        comparison.apply(update)
    assert [(one.run, one.best) for one in comparison.runs()] == [(other.id, 0.75), (mine, None)]
    assert (engine.opened, other.id in tabs) == ([other.id], False)
    await comparison.finish()
    assert engine.closed_runs == [other.id]
    assert comparison.states() == []


async def test_a_run_that_gets_a_tab_keeps_what_is_known_of_it(
    store: RunStore, comparison: Comparison, engine: FakeEngine, tabs: OpenRuns
) -> None:
    other = store.create(make_config("gru"))
    comparison.begin([other.id, next(iter(tabs)).run])
    comparison.apply(engine.maker(other.id).epoch())
    comparison.give_tab(other.id)
    assert tabs[other.id].epoch == 1
    assert comparison.states()[0] is tabs[other.id]
    await comparison.finish()
    assert engine.closed_runs == []  # its tab goes on


def test_a_run_that_cannot_be_read_is_left_out_with_the_reason(store: RunStore, comparison: Comparison) -> None:
    broken = store.create(make_config("gru"))
    broken.config_file.write_bytes(b"{")
    (problem,) = comparison.begin([broken.id])
    assert broken.id in problem
    assert comparison.states() == []


def test_how_runs_are_set_is_found_out_once(comparison: Comparison, engine: FakeEngine, tabs: OpenRuns) -> None:
    comparison.begin([state.run for state in tabs])
    before = comparison.configured()
    first = next(iter(tabs))
    tabs.apply(engine.maker(first.run).epoch())
    assert comparison.configured() is before
    for state, model in zip(tabs, ("rnn", "lstm"), strict=True):
        tabs.apply(engine.maker(state.run).run_started(model))
    assert comparison.configured().differing == {"model": {1: "rnn", 2: "lstm"}}
