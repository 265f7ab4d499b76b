"""Weights in safetensors files: whole or refused in one line, and never larger than their file."""

from __future__ import annotations

import json
import pickle
import re
from pathlib import Path
from typing import Any

import msgspec
import pytest
import safetensors.torch
import torch

from namestui.data.alphabet import ALPHABET
from namestui.engine.nets import building
from namestui.engine.nets.weights import WeightsError, digest, load_best, save_best
from namestui.runs.config import MAX_HIDDEN, RunConfig, encode_config
from namestui.runs.models import MODELS
from namestui.runs.recipes import make_config
from namestui.runs.store import RunDirectory, RunStore
from tests.test_checkpoint import Bomb

CLASSES = ("A", "Ł", "c'c")


@pytest.fixture
def run(home: Path) -> RunDirectory:
    return RunStore(home).create(make_config("rnn"))


def config_of(model: str, **changes: Any) -> RunConfig:
    return msgspec.structs.replace(make_config(model), **{"hidden_size": 8, **changes})


def saved(run: RunDirectory, model: str = "rnn") -> dict[str, torch.Tensor]:
    weights = building.initial_model(config_of(model), len(CLASSES)).state_dict()
    save_best(run, weights, config_of(model), CLASSES)
    return weights


@pytest.mark.parametrize("model", MODELS)
def test_round_trip(run: RunDirectory, model: str) -> None:
    weights = saved(run, model)
    assert run.best_weights.stat().st_mode & 0o777 == 0o600
    before = torch.get_rng_state()
    loaded, classes = load_best(run)
    assert torch.equal(torch.get_rng_state(), before)  # a question draws no random number
    assert classes == list(CLASSES)
    assert loaded.state_dict().keys() == weights.keys()
    assert all(torch.equal(loaded.state_dict()[key], weight) for key, weight in weights.items())
    letters = torch.randint(len(ALPHABET), (2, 5))
    same = building.initial_model(config_of(model), len(CLASSES)).eval()
    assert torch.equal(loaded(letters), same(letters))


def test_none_yet(run: RunDirectory) -> None:
    with pytest.raises(WeightsError, match="no weights yet: no epoch has finished"):
        load_best(run)


def test_damage(run: RunDirectory, tmp_path: Path) -> None:
    saved(run)
    whole = run.best_weights.read_bytes()
    header = int.from_bytes(whole[:8], "little") + 8
    mark = tmp_path / "mark"
    flips = [whole[:at] + bytes([whole[at] ^ 1 << at % 8]) + whole[at + 1 :] for at in range(0, header, 5)]
    for data in (b"", b"{}", whole[:5], whole[: header - 1], whole[:-1], pickle.dumps(Bomb(mark)), *flips):
        run.best_weights.write_bytes(data)
        try:
            load_best(run)
        except WeightsError as error:
            assert str(error).isprintable()
    assert not mark.exists()
    run.best_weights.write_bytes(whole[:-1])
    with pytest.raises(WeightsError, match=r"best\.safetensors"):
        load_best(run)


def test_a_flipped_bit_among_the_weights(run: RunDirectory) -> None:
    saved(run)
    data = bytearray(run.best_weights.read_bytes())
    data[-5] ^= 1
    run.best_weights.write_bytes(data)
    with pytest.raises(WeightsError, match="damaged"):
        load_best(run)


def forged(run: RunDirectory, tensors: dict[str, torch.Tensor], **metadata: str) -> None:
    said = {
        "sha256": digest(tensors) if all(one.dtype == torch.float32 for one in tensors.values()) else "",
        "classes": json.dumps(CLASSES),
        "alphabet": ALPHABET,
        "config": encode_config(config_of("rnn")).decode(),
    }
    run.best_weights.write_bytes(safetensors.torch.save(tensors, {**said, **metadata}))


def test_a_small_file_makes_no_large_network(run: RunDirectory, monkeypatch: pytest.MonkeyPatch) -> None:
    # GIVEN files of a few hundred bytes that say they hold the largest networks there may be
    monkeypatch.setattr(building, "build_network", within(building.build_network))
    for model in MODELS:
        config = encode_config(config_of(model, hidden_size=MAX_HIDDEN)).decode()
        forged(run, {"i2o.weight": torch.zeros(1)}, config=config, classes=json.dumps([""] * 5000))
        # THEN they are refused, and no memory was taken for any
        with pytest.raises(WeightsError, match="not those of the network that it says it holds"):
            load_best(run)
    # AND what is larger than the largest is not even that
    config = re.sub(r'"hidden_size": \d+', '"hidden_size": 10000000', encode_config(config_of("lstm")).decode())
    forged(run, {"i2o.weight": torch.zeros(1)}, config=config)
    with pytest.raises(WeightsError, match="hidden_size 10000000 is out of range"):
        load_best(run)


def within(build: Any) -> Any:
    """``build``, which may only make weights that take no memory."""

    def checked(*arguments: Any) -> Any:
        network = build(*arguments)
        assert {weight.device.type for weight in network.parameters()} == {"meta"}
        return network

    return checked


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda tensors: tensors.pop("i2h.bias"), "not those of the network"),
        (lambda tensors: tensors.update(more=torch.zeros(2)), "not those of the network"),
        (lambda tensors: tensors.update({"i2o.bias": torch.zeros(4)}), "not those of the network"),
        (lambda tensors: tensors.update({"i2o.bias": torch.zeros(3, dtype=torch.float64)}), "not those of the network"),
    ],
)
def test_tensors_of_other_names_shapes_or_types(run: RunDirectory, change: Any, reason: str) -> None:
    tensors = dict(building.initial_model(config_of("rnn"), len(CLASSES)).state_dict())
    forged(run, tensors)
    load_best(run)
    change(tensors)
    forged(run, tensors)
    with pytest.raises(WeightsError, match=reason):
        load_best(run)


@pytest.mark.parametrize(
    "metadata", [{"alphabet": ALPHABET[:-1]}, {"alphabet": ""}, {"classes": "[1]"}, {"config": ""}]
)
def test_what_a_file_says_of_itself(run: RunDirectory, metadata: dict[str, str]) -> None:
    tensors = dict(building.initial_model(config_of("rnn"), len(CLASSES)).state_dict())
    forged(run, tensors, **metadata)
    with pytest.raises(WeightsError, match=r"best\.safetensors: "):
        load_best(run)
