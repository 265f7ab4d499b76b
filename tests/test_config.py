"""Run configs: what cannot work is refused in one line, what is newer politely."""

from __future__ import annotations

import json
import math
from typing import Any

import msgspec
import pytest

from namestui.runs.config import MAX_HIDDEN, ConfigError, RunConfig, check, decode_config, encode_config
from namestui.runs.events import FORMAT
from namestui.runs.models import MODELS, reported
from namestui.runs.recipes import make_config


@pytest.mark.parametrize("model", MODELS)
def test_defaults_and_round_trip(model: str) -> None:
    config = make_config(model)
    assert (config.corpus, config.split, config.seed, config.device) == ("bundled", "grouped", 0, "auto")
    assert {name: getattr(config, name) for name in MODELS[model].recipe} == MODELS[model].recipe
    assert decode_config(encode_config(config)) == config


@pytest.mark.parametrize("model", reported())
def test_the_report_trained_one_name_a_step_on_a_split_that_leaks(model: str) -> None:
    config = make_config(model, recipe="report")
    assert (config.recipe, config.optimizer, config.batch_size, config.split) == ("report", "sgd", 1, "random")
    assert config.learning_rate == {"rnn": 0.005, "lstm": 0.05}[model]
    assert make_config(model, recipe="report", split="grouped").split == "grouped"


def test_the_report_knows_no_other_networks() -> None:
    with pytest.raises(ConfigError, match="the report trained no gru"):
        make_config("gru", recipe="report")


def test_choices() -> None:
    config = make_config("lstm", corpus="/names", split="random", seed=7, epochs=3, device="cuda:1")
    assert (config.corpus, config.split, config.seed, config.split_seed) == ("/names", "random", 7, 7)
    assert (config.epochs, config.device) == (3, "cuda:1")


def test_the_file_is_for_people_to_read() -> None:
    text = encode_config(make_config("rnn", corpus="/наборы/é")).decode()
    assert text.endswith("}\n")
    assert text.count("\n") > 10
    assert json.loads(text)["corpus"] == "/наборы/é"


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("model", "cnn"),
        ("model", "\x1b[31m"),
        ("split", "stratified"),
        ("split", "\x1b[31m"),
        ("device", "tpu"),
        ("device", ""),
        ("device", "\x1b[31m"),
        ("epochs", 0),
        ("epochs", -1),
        ("epochs", 10**9),
        ("batch_size", 0),
        ("hidden_size", 0),
        ("hidden_size", MAX_HIDDEN + 1),
        ("seed", -1),
        ("seed", 2**32),
        ("split_seed", -1),
        ("learning_rate", 0.0),
        ("learning_rate", -0.1),
        ("learning_rate", math.nan),
        ("learning_rate", math.inf),
        ("clip_norm", -1.0),
        ("clip_norm", math.nan),
        ("weight_decay", -1.0),
        ("weight_decay", math.nan),
        ("class_weight", -0.1),
        ("class_weight", math.nan),
        ("patience", -1),
        ("init_from", "../elsewhere"),
        ("init_from", ".."),
        ("corpus", "/names\udcff"),
    ],
)
def test_every_bad_setting_is_one_line_that_names_it(setting: str, value: Any) -> None:
    config = msgspec.structs.replace(make_config("rnn"), **{setting: value})
    with pytest.raises(ConfigError) as caught:
        check(config)
    assert str(caught.value).isprintable()
    assert setting in str(caught.value)


@pytest.mark.parametrize(
    "choice", [{"model": "gru2"}, {"model": "\x1b"}, {"split": "x"}, {"seed": -1}, {"epochs": 0}, {"device": "x"}]
)
def test_bad_choices(choice: dict[str, Any]) -> None:
    with pytest.raises(ConfigError) as caught:
        make_config(**{"model": "rnn", **choice})
    assert str(caught.value).isprintable()


def altered(**changes: Any) -> bytes:
    fields = json.loads(encode_config(make_config("rnn")))
    fields.update(changes)
    return json.dumps({name: value for name, value in fields.items() if value is not ...}).encode()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"\xff",
        b'{"format":1,"x":' + b"[" * 50_000,
        altered(format="new"),
        altered(model="cnn"),
        altered(epochs="many"),
        altered(epochs=...),
        altered(epochs=0),
        altered(epochs=1e3 + 0.5),
        altered(learning_rate=None),
        altered(device="tpu"),
    ],
    ids=lambda data: data[:30].decode(errors="replace"),
)
def test_files_that_are_no_configs(data: bytes) -> None:
    with pytest.raises(ConfigError) as caught:
        decode_config(data)
    assert "\n" not in str(caught.value)


def test_a_newer_format_is_refused_politely() -> None:
    # Even where the newer format has other fields and other models.
    with pytest.raises(ConfigError, match=f"format {FORMAT + 1} is newer.*upgrade"):
        decode_config(altered(format=FORMAT + 1, model="transformer", epochs=...))


def test_later_fields_with_defaults_may_be_missing_or_more() -> None:
    fields = json.loads(encode_config(make_config("rnn")))
    assert isinstance(decode_config(altered(clip_norm=..., hidden_size=..., note="more")), RunConfig)
    assert fields["clip_norm"] == 1.0


def test_settings_of_a_recipe() -> None:
    config = make_config("lstm", settings=["dropout=.3", "batch-size = 64", "optimizer=sgd", "patience=5"])
    assert (config.dropout, config.batch_size, config.optimizer, config.patience) == (0.3, 64, "sgd", 5)
    assert config.ema == make_config("lstm").ema


@pytest.mark.parametrize(
    ("setting", "reason"),
    [
        ("batch_size=0", "batch_size 0 is out of range"),
        ("learning_rate=-1", "learning_rate -1 is out of range"),
        ("learning_rate=nan", "learning_rate nan is out of range"),
        ("batch_size=1.5", "batch_size '1.5' is not valid: expected a whole number"),
        ("dropout=much", "dropout 'much' is not valid: expected a number"),
        ("optimizer=adam", "optimizer 'adam' is not valid: expected one of adamw, sgd"),
        ("dropout", "'dropout' is not a setting: use NAME=VALUE"),
        ("epochs=3", "'epochs=3' is not a setting"),
        ("format=9", "'format=9' is not a setting"),
        ("", "'' is not a setting"),
    ],
)
def test_settings_that_will_not_do(setting: str, reason: str) -> None:
    with pytest.raises(ConfigError) as caught:
        make_config("lstm", settings=[setting])
    assert str(caught.value).startswith(reason)


def test_nothing_of_the_report_can_be_set_otherwise() -> None:
    with pytest.raises(ConfigError, match="fixed as in the report"):
        make_config("lstm", recipe="report", settings=["ema=.9"])


@pytest.mark.parametrize(
    ("model", "setting"), [("rnn", "dropout=.2"), ("ngram", "hidden_size=32"), ("gru", "forget_bias=2")]
)
def test_settings_that_would_change_nothing(model: str, setting: str) -> None:
    with pytest.raises(ConfigError, match=f"{model} does not use "):
        make_config(model, settings=[setting])
