"""The runs in the tabs, as texts: what each is called and what it is."""

from __future__ import annotations

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from namestui.engine.link.updates import Update
from namestui.runs.notes import Notes, write_notes
from namestui.runs.recipes import make_config
from namestui.runs.store import RunStore
from namestui.tui.state.open_runs import OpenRuns
from namestui.tui.words.about import about
from tests.any_events import any_update
from tests.fake_engine import EventMaker
from tests.steering import can_steer


def with_runs(store: RunStore, *models: str) -> OpenRuns:
    runs = OpenRuns()
    for model in models:
        runs.add(store.create(make_config(model)))
    return runs


def test_twins_differ_by_the_end_of_their_ids(store: RunStore) -> None:
    runs = with_runs(store, "rnn", "lstm", "rnn")
    first, _, third = (state.run for state in runs)
    assert runs.titles() == [f"RNN {first[-4:]}", "LSTM", f"RNN {third[-4:]}"]
    assert [runs.number(run) for run in (first, third)] == [1, 3]


def test_what_the_shown_run_is(store: RunStore) -> None:
    runs = with_runs(store, "rnn", "lstm")
    runs.show(1)
    shown = runs.shown
    assert shown is not None
    assert about(runs.shown) == [f"run {shown.run}"]
    runs.apply(EventMaker(shown.run).run_started("lstm"))
    text = "\n".join(about(runs.shown))
    for part in (
        "corpus bundled, grouped split, seed 0",
        "names: 800 train, 90 validation, 90 test",
        "majority baseline 50.0 %",
        "12,345 parameters",
        "3 names had accents",
        "(i2h): Linear(in_features=185",
    ):
        assert part in text


def test_without_runs_there_is_nothing_to_say() -> None:
    runs = OpenRuns()
    assert runs.shown is None
    assert (about(runs.shown), runs.titles()) == ([], [])


def test_nothing_of_it_steers_the_terminal(store: RunStore) -> None:
    run = store.create(make_config("rnn"))

    @given(st.lists(any_update, max_size=12))
    def check(events: list[Update]) -> None:
        runs = OpenRuns()
        runs.add(run)
        for event in events:
            # of this run, whatever run the strategy made it for
            runs[run.id].apply(event)
        for text in (*about(runs.shown), *runs.titles()):
            assert not can_steer(text)

    check()


def test_the_run_beside_is_the_one_before_or_for_the_first_the_second(store: RunStore) -> None:
    runs = with_runs(store, "rnn", "lstm", "gru")
    first, second, third = runs
    for index, neighbour in enumerate((second, first, second)):
        runs.show(index)
        assert runs.beside is neighbour, index
    runs.remove(third.run)
    runs.remove(second.run)
    assert runs.beside is None


def test_a_name_does_not_hide_what_is_trained(store: RunStore) -> None:
    runs = with_runs(store, "rnn", "lstm")
    first, _ = runs
    write_notes(store.get(first.run), Notes(name="tuesday\x1b[2J"))
    runs.read_name_again(store.get(first.run))
    assert runs.titles() == [r"tuesday\x1b[2J", "LSTM"]
    assert [state.model_title for state in runs] == ["RNN", "LSTM"]


def test_what_a_run_has_otherwise_and_when_it_was_probed_is_said(store: RunStore) -> None:
    runs = with_runs(store, "rnn")
    (state,) = runs
    maker = EventMaker(state.run)
    started = maker.run_started("rnn")
    config = msgspec.to_builtins(make_config("rnn", seed=3, settings=["learning_rate=0.123"]))
    runs.apply(msgspec.structs.replace(started, config=config))
    assert "settings learning_rate=0.123" in about(state)
    assert not any("probed" in line for line in about(state))
    for epoch in (0, 1, 12):
        runs.apply(maker.probed(epoch))
    assert "probed at epochs 0, 1, 12 on 64 validation names" in about(state)
