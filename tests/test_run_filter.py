"""The filter of runs: each condition by example, all of them against an evaluation of their own, and what is wrong."""

from __future__ import annotations

import math
import time
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from namestui.runs.filter_values import FilterError
from namestui.runs.recipes import make_config
from namestui.runs.run_fields import FIELDS, SHORT, field_named
from namestui.runs.run_filter import parse_filter, searched_text
from namestui.runs.summary import Summary
from namestui.runs.text import inert

DAY = time.mktime((2026, 11, 20, 0, 0, 0, 0, 0, -1))


def summary(**changes: Any) -> Summary:
    config = make_config("lstm", seed=3, settings=["learning_rate=0.005", "hidden_size=64"])
    plain: dict[str, Any] = {
        **{"run": "20261120-120000-lstm-k3f9", "name": "tuesday", "tags": ["sweep", "Old"], "note": "with dropout"},
        **{"model": "lstm", "corpus": "/data/names.csv", "host": "gpu-box", "state": "finished", "epoch": 7},
        **{"epochs": 20, "best_accuracy": 0.83, "age": 7200.0, "size": 1_200_000, "created": DAY + 43_200.0},
        **{"split": "grouped", "seed": 3, "settings": {"learning_rate": 0.005}, "config": config},
    }
    return Summary(**{**plain, **changes})


HOLD = [
    *("", "   ", "tuesday", "TUES", "tuesday sweep", "#sweep", '"with dropout"', "7/20", "gpu-box", "-quagga"),
    *("model:lstm", "MODEL:LSTM", "model=lstm,gru", "model!=gru", "-model:gru,rnn", 'model:"lstm"', "state:finished"),
    *("best>.8", "best>80%", "best>=83%", "best<=.83", "best<84%", "best:.83", "best=83%", "best!=.84", "accuracy>.8"),
    *("epoch:7", "epochs>7", "epochs:10,20", "seed:3", "seed!=4", "split:grouped", "split!=random"),
    *("rate<0.01", "learning_rate:0.005", "learning-rate<=5e-3", "hidden:64", "hidden_size>=64", "optimizer:adamw"),
    *("tag:sweep", "tag:old", "tags:sweep,x", "-tag:swe", "tag!=x", "name:tues", "name=tuesday", "-name=tues"),
    *("note:drop", 'note:"with dropout"', "corpus:names", "host:gpu", "run:k3f9", "id:2026", "-error:x"),
    *("age<3h", "age>90min", "age=2h", "age<1d", "size>1MB", "size<1.3MB", "size:1200kB", "nproc:1"),
    *("started:2026-11-20", "started>2026-11-19", "started>=2026-11-20", "started<=2026-11-20", "started<2026-11-21"),
    *("started:2026-11-20T12:00", 'started<"2026-11-20 12:01"', "-started>2026-11-20", "-started<2026-11-20"),
    *("12", "-", "best>.8 -tag:x state:finished,stopped rate<0.01 tuesday"),
]
FAIL = [
    *("quagga", "-tuesday", "tuesday quagga", '"dropout with"', "model:lst", "model:gru", "model!=lstm", "-model:lstm"),
    *("best>.83", "best<83%", "best:.8", "best!=.83", "epoch>7", "seed<3", "split:random", "rate>0.005", "hidden!=64"),
    *("tag:swe", "tag:x", "name=tues", "name:monday", "note=drop", "error:x", "age>2h", "age<30s", "size<1MB"),
    *("started:2026-11-19", "started>2026-11-20", "started<2026-11-20", "started:today", "state:failed,stopped"),
]


@pytest.mark.parametrize("text", HOLD)
def test_conditions_that_hold(text: str) -> None:
    assert parse_filter(text).matches(summary())


@pytest.mark.parametrize("text", FAIL)
def test_conditions_that_do_not(text: str) -> None:
    assert not parse_filter(text).matches(summary())


def test_today_and_yesterday() -> None:
    now = time.time()
    day = summary(created=now)
    assert parse_filter("started:today").matches(day) != parse_filter("started:yesterday").matches(day)
    assert parse_filter("started>=yesterday").matches(day)


def test_a_run_without_a_value_fulfils_no_condition() -> None:
    unread = summary(model="?", best_accuracy=None, seed=None, config=None, split="", tags=[], name="", error="cut\x1b")
    for field in ("best", "seed", "rate"):
        assert not any(parse_filter(f"{field}{sign}1").matches(unread) for sign in ("<", ">", "<=", ">=", ":", "="))
        assert parse_filter(f"{field}!=1").matches(unread)
    for text in ("split:grouped", "tag:x", "name:x", "optimizer:adamw", "name:none", "optimizer:none"):
        assert not parse_filter(text).matches(unread)
    assert parse_filter(r"error:cut \x1b").matches(unread)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("modle:lstm", "runs have no field 'modle'; did you mean model?"),
        ("learing_rate<1", "did you mean learning_rate?"),
        ("quagga:1", "'quagga': there are run, name, tag"),
        ("http://x", "put it in quotation marks"),
        ("model:", "model: needs a value, such as model:word"),
        ("-best>", "best> needs a value, such as best>.8"),
        ("best>x", "best needs a share, such as .8 or 80%, not 'x'"),
        ("best>.8,.9", "needs a share"),
        ("best>nan", "needs a share"),
        ("seed:1%", "seed needs a number"),
        ("age<2y", "age needs a duration"),
        ("size>1Q", "size needs a size"),
        ("started:2026-13-40", "started needs a date"),
        ("started:20261120", "started needs a date"),
        ("started:0001-01-01T00:00x", "needs a date"),
        ("state:finishd", "not 'finishd'; did you mean finished?"),
        ("split>grouped", "split is no number: compare it with : or = or !="),
        ('name:"a b', "a quotation mark is not closed"),
        ('"', "a quotation mark is not closed"),
        ("mo\x1bdel:x", None),
        ("best>\x1b[2J", r"not '\\x1b[2j"),
    ],
)
def test_what_cannot_be_read_is_one_line(text: str, said: str | None) -> None:
    if said is None:  # no name of a field: a word
        assert not parse_filter(text).matches(summary())
        return
    with pytest.raises(FilterError) as error:
        parse_filter(text)
    assert said.casefold() in str(error.value).casefold()
    assert inert(str(error.value)) == str(error.value)


def test_every_field_and_every_short_name_is_known() -> None:
    for name in (*FIELDS, *SHORT):
        field = field_named(name.upper().replace("_", "-"))
        assert isinstance(field.values(summary()), tuple)
    assert set(msgspec.structs.asdict(make_config("rnn"))) - {"format"} <= set(FIELDS)


# Against an evaluation of its own: a filter is drawn as data, written down, and decided both ways.

WORDS = st.sampled_from(["lstm", "gru", "tues", "sweep", "x", "two words", "a:b", "-x", "a,b", "7/20"])
NUMBERS = {"best": [0.5, 0.75, 0.8], "seed": [0, 3, 7], "epochs": [10, 20], "learning_rate": [0.001, 0.01]}
TEXTS = {"model": ["lstm", "gru", "bilstm"], "name": ["tues", "tuesday", "two words"], "tag": ["sweep", "x", "a,b"]}


def runs() -> st.SearchStrategy[Summary]:
    def build(
        model: str, best: float | None, seed: int, epochs: int, rate: float, name: str, tags: list[str]
    ) -> Summary:
        config = make_config(model, seed=seed, epochs=epochs, settings=[f"learning_rate={rate}"])
        return summary(
            **{"model": model, "best_accuracy": best, "seed": seed, "epochs": epochs, "config": config, "name": name},
            **{"tags": tags, "settings": {}, "note": "", "corpus": "c", "host": "h", "run": "r", "split": "random"},
        )

    return st.builds(
        build,
        st.sampled_from(TEXTS["model"]),
        st.sampled_from([None, *NUMBERS["best"]]),
        st.sampled_from(NUMBERS["seed"]),
        st.sampled_from(NUMBERS["epochs"]),
        st.sampled_from(NUMBERS["learning_rate"]),
        st.sampled_from(["", *TEXTS["name"]]),
        st.lists(st.sampled_from(TEXTS["tag"]), unique=True, max_size=2),
    )


PARTS = st.one_of(
    st.tuples(st.just("word"), st.booleans(), st.just(""), WORDS),
    *(
        st.tuples(
            st.just(name),
            st.booleans(),
            st.sampled_from([":", "=", "!=", "<", ">", "<=", ">="]),
            st.sampled_from(values),
        )
        for name, values in NUMBERS.items()
    ),
    *(
        st.tuples(st.just(name), st.booleans(), st.sampled_from([":", "=", "!="]), st.sampled_from(values))
        for name, values in TEXTS.items()
    ),
)


def written(part: tuple[str, bool, str, Any]) -> str:
    name, negated, sign, value = part
    quoted = f'"{value}"' if isinstance(value, str) else str(value)
    return ("-" if negated else "") + ("" if name == "word" else name + sign) + quoted


def holds(part: tuple[str, bool, str, Any], run: Summary) -> bool:
    name, negated, sign, value = part
    if name == "word":
        texts = [run.model, "random", "r", "h", "c", "finished", run.name, *(f"#{tag}" for tag in run.tags)]
        # parts stand beside each other as they do in a row
        result = any(value in text for text in texts) or value in f"{run.epoch}/{run.epochs}"
        return result != negated
    assert run.config is not None
    have: dict[str, list[Any]] = {
        **{"best": [run.best_accuracy], "seed": [run.seed], "epochs": [run.epochs], "model": [run.model]},
        **{"learning_rate": [run.config.learning_rate], "name": [run.name], "tag": list(run.tags)},
    }
    found = [one for one in have[name] if one not in (None, "")]
    result = (
        {
            ":": any(value in one if name == "name" else one == value for one in found),
            "=": any(one == value for one in found),
            "!=": not any(one == value for one in found),
            "<": any(one < value for one in found) if name in NUMBERS else False,
            ">": any(one > value for one in found) if name in NUMBERS else False,
            "<=": any(one <= value for one in found) if name in NUMBERS else False,
            ">=": any(one >= value for one in found) if name in NUMBERS else False,
        }[sign]
        if name in TEXTS or sign != ":"
        else any(math.isclose(one, value) for one in found)
    )
    return result != negated


@given(st.lists(PARTS, max_size=4), st.lists(runs(), max_size=6))
def test_it_decides_as_an_evaluation_of_its_own(parts: list[tuple[str, bool, str, Any]], some: list[Summary]) -> None:
    wanted = parse_filter("  ".join(map(written, parts)))
    assert [wanted.matches(run) for run in some] == [all(holds(part, run) for part in parts) for run in some]


@given(
    st.text(max_size=40)
    | st.lists(st.sampled_from(["best", ">", '"', "-", ":", " ", "tag", "%", "1e999"])).map("".join)
)
def test_whatever_is_typed_is_a_filter_or_one_line(text: str) -> None:
    try:
        wanted = parse_filter(text)
    except FilterError as error:
        assert str(error)
        assert inert(str(error)) == str(error)
        return
    run = summary()
    assert wanted.matches(run) == wanted.matches(run, searched_text(run))


def test_any_number_of_minus_signs_is_read() -> None:
    assert parse_filter("-" * 5001 + "quagga").matches(summary())
    assert not parse_filter("-" * 5000 + "quagga").matches(summary())
    assert parse_filter("-" * 4000 + "model:lstm").matches(summary())


def test_any_number_of_digits_is_read_or_refused_at_once() -> None:
    digits = "1" * 100_000
    assert not parse_filter(f"epoch>{digits}").matches(summary())
    with pytest.raises(FilterError):
        parse_filter(f"epoch>{digits}?")
