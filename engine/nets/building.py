"""The networks by their names, those of the report exactly as there: state dict keys and ``print`` text are its own.

All take letters ``(B, T)`` (alphabet positions, int64, all names of a batch of one length T; the position after the
last symbol is a blank letter, which stands for one that augmentation dropped) and return log-probabilities ``(B, C)``
after the last letter. Dropout is no module, so that ``print`` shows what the report's shows.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

import torch

from namestui.data.alphabet import ALPHABET
from namestui.engine.nets import ngram, recurrent, rnn
from namestui.engine.nets.network import NETWORKS, Network
from namestui.runs.config import RunConfig

MODULES = (rnn, recurrent, ngram)
"""Where the classes are that bear the name of a model."""


def build_network(model: str, symbols: int, hidden: int, classes: int) -> Network:
    """A freshly initialised network; draws from torch's global generator."""
    make = cast(Callable[[int, int, int], Network], NETWORKS[model])
    return make(symbols, hidden, classes)


def initial_model(config: RunConfig, classes: int) -> Network:
    """The network of a run before its first step; seeds torch's global generator."""
    torch.manual_seed(config.seed)
    model = build_network(config.model, len(ALPHABET), config.hidden_size, classes)
    model.open_forget_gate(config.forget_bias)
    return model


def empty_model(config: RunConfig, classes: int) -> Network:
    """The network of a run without memory for its weights: their names, shapes and types, at no cost and whatever the
    size. Draws no random number."""
    with torch.device("meta"):
        return build_network(config.model, len(ALPHABET), config.hidden_size, classes)
