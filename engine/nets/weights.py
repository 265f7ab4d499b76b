"""``best.safetensors`` and ``initial.safetensors``: weights with what is needed to use them elsewhere.

A file is believed only once its tensors are known to be those of the network that it says: that is compared before any
memory is taken for the network, so that a small file cannot ask for a large one.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import msgspec
import safetensors
import safetensors.torch
from torch import Tensor

from namestui.data.alphabet import ALPHABET
from namestui.data.safe_files import open_to_read
from namestui.engine.nets.building import empty_model
from namestui.engine.nets.network import Network
from namestui.runs.config import ConfigError, RunConfig, decode_config, encode_config
from namestui.runs.files import replace_bytes
from namestui.runs.store import RunDirectory
from namestui.runs.text import inert


class WeightsError(Exception):
    """Weights that cannot be used; the text is one line that says why."""


def save_best(run: RunDirectory, weights: Mapping[str, Tensor], config: RunConfig, classes: Sequence[str]) -> None:
    """Write ``best.safetensors``.

    Raises:
        OSError: the disk is full or gone; the file is as it was.
    """
    tensors = {name: weight.cpu().contiguous() for name, weight in weights.items()}
    metadata = {
        "format": "pt",
        "sha256": digest(tensors),
        "classes": json.dumps(classes),
        "alphabet": ALPHABET,
        "config": encode_config(config).decode(),
    }
    replace_bytes(run.best_weights, safetensors.torch.save(tensors, metadata))


def digest(tensors: Mapping[str, Tensor]) -> str:
    """SHA-256 of weights, which safetensors itself does not check."""
    found = hashlib.sha256()
    for name in sorted(tensors):
        found.update(name.encode() + b"\0" + tensors[name].numpy().tobytes())
    return found.hexdigest()


def load_best(run: RunDirectory) -> tuple[Network, list[str]]:
    """The network with its best validated weights, on the CPU, and its classes; no corpus is needed.

    Raises:
        WeightsError: the file is missing, damaged, or of a newer format.
    """
    try:
        kept = _read(run.best_weights)
    except FileNotFoundError:
        raise WeightsError("no weights yet: no epoch has finished") from None
    return kept.model, kept.classes


def load_initial(run: RunDirectory, config: RunConfig, classes: Sequence[str]) -> dict[str, Tensor]:
    """The weights that ``run`` starts from; without those of its head where it has other classes, or another corpus.

    Raises:
        FileNotFoundError: they have not been copied yet.
        WeightsError: the file is damaged, of a newer format, or of another network.
    """
    kept = _read(run.initial_weights)
    if (kept.config.model, kept.config.hidden_size) != (config.model, config.hidden_size):
        raise WeightsError(f"{run.initial_weights.name}: of another network than this run's")
    same_head = kept.classes == list(classes) and kept.config.corpus == config.corpus
    return {name: w for name, w in kept.model.state_dict().items() if same_head or not name.startswith(Network.HEAD)}


class _Kept(NamedTuple):
    model: Network
    classes: list[str]
    config: RunConfig


def _read(path: Path) -> _Kept:
    try:
        # The library takes a path alone, and maps the file into memory: the path is that of the opened descriptor.
        with open_to_read(path) as opened, safetensors.safe_open(f"/dev/fd/{opened.fileno()}", framework="pt") as file:
            metadata = file.metadata() or {}
            classes = msgspec.json.decode(metadata["classes"], type=list[str])
            config = decode_config(metadata["config"].encode())
            if metadata["alphabet"] != ALPHABET:
                raise WeightsError(f"{path.name}: its network reads another alphabet than this namestui")
            model = empty_model(config, len(classes))
            slices = {name: file.get_slice(name) for name in file.keys()}  # noqa: SIM118 - not a dict
            shapes = {name: (tuple(one.get_shape()), one.get_dtype()) for name, one in slices.items()}
            if shapes != {name: (tuple(weight.shape), "F32") for name, weight in model.state_dict().items()}:
                raise WeightsError(f"{path.name}: its weights are not those of the network that it says it holds")
            weights = {name: file.get_tensor(name) for name in slices}
        if digest(weights) != metadata["sha256"]:
            raise WeightsError(f"{path.name}: damaged: its weights are not those that were written")
    except FileNotFoundError:
        raise
    except (
        *(OSError, RuntimeError, KeyError, TypeError, ValueError),
        *(safetensors.SafetensorError, msgspec.DecodeError, ConfigError),
    ) as error:
        raise WeightsError(f"{path.name}: {inert(str(error).partition(chr(10))[0])[:200]}") from None
    return _Kept(model.with_weights(weights), classes, config)
