"""Runs side by side: figures, ranks, differing settings and fairness, out of their records alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from namestui.engine.link.updates import Update
from namestui.runs.events import RunHead, RunStarted
from namestui.runs.pace import LEVELS
from namestui.runs.recipes import make_config
from namestui.runs.text import Inert
from namestui.tui.state.compare import MEASURES, Compared, compared, configured, ranked, winners
from namestui.tui.state.run_state import RunState
from tests.any_events import RUN, any_update, run_started
from tests.fake_engine import EventMaker

BEST = next(one for one in MEASURES if one.name == "best")
TO_FIRST = next(one for one in MEASURES if one.name == f"to {LEVELS[0]:.2f}")


def run_of(*updates: Update, number: int = 1) -> Compared:
    state = RunState(RUN)
    for update in updates:
        state.apply(update)
    return compared(number, state)


def started(model: str = "rnn", *, fingerprint: str = "f" * 64, device: str = "cpu", **choices: Any) -> RunStarted:
    config = msgspec.to_builtins(make_config(model))
    event = EventMaker(RUN).run_started(model)
    return msgspec.structs.replace(
        event, config={**config, **choices}, corpus_fingerprint=fingerprint, device=device, head=RunHead()
    )


def broken(*runs: RunStarted | None) -> dict[str, dict[str | None, tuple[int, ...]]]:
    return {one.what: dict(one.groups) for one in configured(runs).unfair}


@pytest.fixture
def maker() -> EventMaker:
    return EventMaker(RUN)


def test_a_finished_run_has_all_figures(maker: EventMaker) -> None:
    epochs = [
        maker.epoch(validation_accuracy=0.70, macro_f1=0.3, seconds=1.0),
        maker.epoch(validation_accuracy=0.81, macro_f1=0.4, seconds=2.0),
        maker.epoch(validation_accuracy=0.79, macro_f1=0.5, seconds=4.0, names_per_second=14_800.0),
    ]
    row = run_of(maker.run_started(), *epochs, maker.scored(0.8), maker.state("finished"))
    assert (row.best, row.best_epoch, row.macro_f1) == (0.81, 2, 0.4)
    assert (row.test, row.low, row.high, row.test_macro_f1) == (0.8, pytest.approx(0.78), pytest.approx(0.82), 0.5)
    assert (row.seconds, row.seconds_to) == (7.0, (3.0, 3.0))
    assert (row.names_per_second, row.parameters, row.state) == (pytest.approx(14_800), 12_345, "finished")


def test_what_was_not_measured_is_none(maker: EventMaker) -> None:
    for row in (run_of(), run_of(msgspec.structs.replace(maker.run_started(), parameters=0))):
        assert [measure.value(row) for measure in MEASURES] == [None] * len(MEASURES)
        assert row.best_epoch is None
    diverged = run_of(maker.run_started(), maker.epoch(validation_loss=None, validation_accuracy=0.9))
    assert (diverged.best, diverged.seconds_to) == (None, (None, None))
    assert diverged.seconds == 1.5  # it did train


def test_a_loop_of_another_kind_has_the_accuracy_that_it_logs(maker: EventMaker) -> None:
    head = RunHead(kind="loop", title="mine")
    begin = msgspec.structs.replace(maker.run_started(), head=head, config={"lr": 0.1}, parameters=0)
    values = [(1, 0.5), (2, 0.7), (3, 0.7), (4, None)]
    row = run_of(begin, *(maker.metrics(epoch, validation__accuracy=value) for epoch, value in values))
    assert (row.best, row.best_epoch) == (0.7, 2)
    assert (row.seconds, row.parameters, row.test) == (None, None, None)


@given(st.lists(any_update, max_size=25))
def test_any_record_can_be_compared(updates: list[Update]) -> None:
    row = run_of(*updates)
    for measure in MEASURES:
        value = measure.value(row)
        assert value is None or value >= 0


def rows(values: Sequence[float | None]) -> list[Compared]:
    return [
        Compared(number=number, run=f"run-{number}", title=Inert("x"), state="running", best=value)
        for number, value in enumerate(values, 1)
    ]


values = st.lists(st.none() | st.sampled_from([0.1, 0.2, 0.3]), max_size=8)


@given(values, st.sampled_from(["high", "low", ""]), st.booleans())
def test_runs_are_ranked_with_the_better_end_first(found: list[float | None], better: Any, reverse: bool) -> None:
    ordered = ranked(rows(found), BEST.value, best_first=better, reverse=reverse)
    assert sorted(one.number for one in ordered) == list(range(1, len(found) + 1))
    having = [one for one in ordered if one.best is not None]
    assert ordered[: len(having)] == having  # the others come last
    descending = (better == "high") != reverse
    for before, after in pairwise(having):
        assert before.best is not None and after.best is not None
        assert before.best >= after.best if descending else before.best <= after.best
        assert before.best != after.best or before.number < after.number


def test_words_are_ranked_after_numbers() -> None:
    settings = {1: "sgd", 2: 0.5, 3: None, 4: "adamw", 5: 3}
    ordered = ranked(rows([0.5] * 5), lambda one: settings[one.number])
    assert [one.number for one in ordered] == [2, 5, 4, 1, 3]


@given(values)
def test_the_best_of_a_measure_are_all_that_no_other_beats(found: list[float | None]) -> None:
    best = winners(rows(found), BEST)
    known = [value for value in found if value is not None]
    expected = {f"run-{i}" for i, value in enumerate(found, 1) if value is not None and value == max(known)}
    assert best == (expected if len(set(known)) > 1 else set())


def test_less_time_is_better_and_more_parameters_are_not() -> None:
    first, second = rows([None, None])
    pair = [replace(first, parameters=9, seconds_to=(5.0, None)), replace(second, parameters=1, seconds_to=(3.0, None))]
    assert winners(pair, TO_FIRST) == {"run-2"}
    assert winners(pair, next(one for one in MEASURES if one.name == "parameters")) == frozenset()


def test_a_fair_race_is_not_warned_of() -> None:
    assert broken() == broken(started()) == broken(started(), None) == {}
    assert broken(started("rnn"), started("lstm", epochs=3), None) == {}


def test_whoever_runs_on_another_split_seed_corpus_or_device_is_named() -> None:
    runs = [started(), started(split="random"), None, started(seed=7), started(split_seed=7), started(device="cuda:0")]
    assert broken(*runs) == {
        "split": {"grouped": (1, 4, 5, 6), "random": (2,)},
        "split seed": {"0": (1, 2, 4, 6), "7": (5,)},
        "seed": {"0": (1, 2, 5, 6), "7": (4,)},
        "device": {"cpu": (1, 2, 4, 5), "cuda:0": (6,)},
    }


def test_a_corpus_is_what_it_holds_not_how_it_is_called() -> None:
    moved = [started(corpus="/a/names"), started(corpus="/b/names")]
    assert broken(*moved) == {}
    assert configured(moved).differing == {"corpus": {1: "/a/names", 2: "/b/names"}}
    changed = [started(corpus="/a", fingerprint="a" * 64), started(corpus="/a", fingerprint="b" * 64)]
    assert broken(*changed) == {"corpus": {"/a aaaaaa": (1,), "/a bbbbbb": (2,)}}
    other = [started(corpus="/a", fingerprint="a" * 64), started(corpus="/b", fingerprint="b" * 64)]
    assert broken(*other) == {"corpus": {"/a": (1,), "/b": (2,)}}


def test_what_a_record_does_not_say_is_not_taken_for_fair() -> None:
    loop = msgspec.structs.replace(started(), head=RunHead(kind="loop"), config={"lr": 0.1}, corpus_fingerprint="")
    assert broken(loop, loop) == {}
    assert broken(started(), loop)["corpus"] == {"bundled": (1,), None: (2,)}
    assert configured([started(), loop]).differing["lr"] == {1: None, 2: 0.1}


@given(st.lists(st.none() | run_started, max_size=5))
def test_a_race_is_unfair_where_a_rule_has_two_values(found: list[RunStarted | None]) -> None:
    result = configured(found)
    known = {number for number, event in enumerate(found, 1) if event is not None}
    for rule in result.unfair:
        numbers = [number for _, those in rule.groups for number in those]
        assert len(rule.groups) > 1
        assert set(numbers) == known and len(numbers) == len(known)
    devices = {event.device for event in found if event is not None}
    assert any(rule.what == "device" for rule in result.unfair) == (len(devices) > 1)
    assert all(set(values) == known for values in result.differing.values())
