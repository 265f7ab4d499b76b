"""Runs side by side, in words."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from namestui.runs.text import Inert
from namestui.tui.state.compare import MEASURES, Compared, Rule, Unfair
from namestui.tui.words.compare import HEADINGS, MAX_CELL, fairness, figure, numbers, seconds, setting

EMPTY = Compared(number=1, run="run-1", title=Inert("RNN"), state="running")
FULL = Compared(
    number=1,
    run="run-1",
    title=Inert("RNN"),
    state="finished",
    best=0.8391,
    best_epoch=17,
    macro_f1=0.512,
    test=0.831,
    low=0.812,
    high=0.848,
    test_macro_f1=0.5,
    seconds=125.0,
    names_per_second=168_000.0,
    parameters=113_426,
    seconds_to=(0.553, 12.44),
)


def test_every_measure_has_a_heading_and_a_cell() -> None:
    assert {HEADINGS[measure.name]: figure(measure, FULL) for measure in MEASURES} == {
        "best %": "83.9 @17",
        "test % (95 %)": "83.1 81.2-84.8",
        "F1": "0.512",
        "trained": "2:05",
        "to 73 %": "0.55 s",
        "to 80 %": "12.4 s",
        "names/s": "168k",
        "parameters": "113,426",
        "test F1": "0.500",
    }
    assert {figure(measure, EMPTY) for measure in MEASURES} == {""}


@given(st.floats(0, 1e308), st.integers(0, 2**63))
def test_whatever_a_record_claims_fits_a_cell(value: float, count: int) -> None:
    fields: dict[str, Any] = dict.fromkeys(
        ("best", "test", "low", "high", "macro_f1", "test_macro_f1", "seconds"), value
    )
    one = Compared(
        number=1, run="r", title=Inert("x"), state="failed", names_per_second=value, parameters=count,
        best_epoch=count, seconds_to=(value, value), **fields
    )  # fmt: skip
    assert all(cell_len(figure(measure, one)) <= MAX_CELL for measure in MEASURES)


@pytest.mark.parametrize(
    ("value", "text"), [(0.0, "0.00 s"), (9.99, "9.99 s"), (9.999, "10.0 s"), (99.94, "99.9 s"), (99.96, "1:40")]
)
def test_seconds(value: float, text: str) -> None:
    assert seconds(value) == text


def test_settings_steer_no_terminal_and_fit() -> None:
    assert setting(None) == "-"
    assert setting(0.0001) == "0.0001"
    assert setting("a\x1b[2J") == "a\\x1b[2J"
    assert cell_len(setting("x" * 99)) == MAX_CELL


@given(st.sets(st.integers(1, 40)))
def test_numbers_say_all_of_them_and_no_other(found: set[int]) -> None:
    said: set[int] = set()
    for part in filter(None, numbers(sorted(found)).split(", ")):
        low, _, high = part.partition("-")
        said |= set(range(int(low), int(high or low) + 1))
    assert said == found


def rule(what: Rule, **groups: tuple[int, ...]) -> Unfair:
    return Unfair(what, tuple((Inert(value) if value != "none" else None, those) for value, those in groups.items()))


def test_an_unfair_race_is_called_so_with_who_is_apart() -> None:
    assert fairness([], 99) == ""
    both = [rule("split", grouped=(1, 3, 4), random=(2,)), rule("device", cpu=(1, 2, 3), none=(4,))]
    assert fairness(both, 200) == (
        "not a fair race: split grouped (1, 3-4), random (2). times say little: device cpu (1-3), not recorded (4)"
    )
    twelve = rule("seed", **{str(seed): (seed,) for seed in range(12)})
    assert fairness([twelve], 99) == "not a fair race: seed has 12 values"


def test_where_room_is_short_only_what_differs_is_said() -> None:
    split, seed = rule("split", grouped=(1,), random=(2,)), rule("seed", **{"0": (1,), "7": (2,)})
    device = rule("device", cpu=(1,), cuda=(2,))
    assert fairness([split], 20) == "not a fair race: split differs"
    assert fairness([split, seed], 20) == "not a fair race: split and seed differ"
    assert (
        fairness([split, seed, device], 20) == "not a fair race: split and seed differ. times say little: other devices"
    )
    assert fairness([device], 20) == "times say little: other devices"
