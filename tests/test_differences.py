"""Only the settings in which runs differ, of our runs and of any other kind."""

from __future__ import annotations

from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from namestui.runs.config import RunConfig
from namestui.runs.differences import differing, recorded_settings
from namestui.runs.events import RunHead, RunStarted
from namestui.runs.recipes import make_config
from tests.any_events import RUN
from tests.fake_engine import EventMaker


def started(config: RunConfig | dict[str, Any], kind: str = "names") -> RunStarted:
    fields = config if isinstance(config, dict) else msgspec.to_builtins(config)
    return msgspec.structs.replace(EventMaker(RUN).run_started(), config=fields, head=RunHead(kind=kind))


def between(*runs: RunStarted) -> dict[str, list[Any]]:
    return differing([recorded_settings(one) for one in runs])


def test_two_runs_of_one_model_differ_in_what_was_set() -> None:
    found = between(
        started(make_config("lstm", settings=["learning_rate=0.02", "dropout=0.1"])), started(make_config("lstm"))
    )
    assert found == {"learning_rate": [0.02, 0.01], "dropout": [0.1, 0.4]}


def test_a_setting_that_a_model_does_not_use_is_no_difference() -> None:
    found = between(started(make_config("rnn")), started(make_config("lstm")))
    assert "forget_bias" not in found
    assert "dropout" not in found  # of the two only the LSTM has one
    assert found["model"] == ["rnn", "lstm"]
    both = between(started(make_config("rnn")), started(make_config("lstm")), started(make_config("gru", epochs=3)))
    assert both["epochs"] == [20, 20, 3]
    three = between(*(started(make_config("lstm", settings=[f"dropout={p}"])) for p in (0.1, 0.2)), both_unused())
    assert three["dropout"] == [0.1, 0.2, None]


def both_unused() -> RunStarted:
    return started(make_config("rnn"))


def test_an_older_record_has_the_defaults_of_what_it_does_not_say() -> None:
    fields = msgspec.to_builtins(make_config("lstm"))
    del fields["nproc"], fields["patience"]
    assert between(started(make_config("lstm")), started(fields)) == {}


def test_settings_of_another_kind_are_compared_as_they_stand() -> None:
    found = between(
        started({"optim": {"name": "adam", "lr": 0.1}, "layers": [64, 64], "model": "rnn"}, "loop"),
        started({"optim": {"name": "adam", "lr": 0.2}, "layers": [64, 32], "note": None, "model": "rnn"}, "loop"),
    )
    assert found == {"optim.lr": [0.1, 0.2], "layers": ["[64,64]", "[64,32]"], "note": [None, "null"]}


json = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)
configs = st.dictionaries(st.text(max_size=3), json, max_size=4)


@given(st.lists(configs, min_size=1, max_size=4))
def test_whatever_a_config_holds_can_be_compared(found: list[dict[str, Any]]) -> None:
    runs = [started(config, "loop") for config in found]
    rows = between(*runs)
    assert between(*runs, runs[0]) == {name: [*values, values[0]] for name, values in rows.items()}
    assert between(runs[0], runs[0]) == {}
    assert all(len(values) == len(runs) for values in rows.values())


def test_a_config_that_is_nested_without_end_does_no_harm() -> None:
    deep: dict[str, Any] = {}
    for _ in range(2000):
        deep = {"a": deep}
    assert between(started(deep), started({"a": 1}))


def test_a_number_beyond_all_others_can_be_put_in_order() -> None:
    huge = started({"lr": 0.1, "width": 10**400}, "loop")
    assert between(huge, started({"lr": 0.1, "width": 64}, "loop")) == {"width": [f"{10**400}", 64]}
