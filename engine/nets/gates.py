"""The gates of recurrent layers, step by step, computed from torch's own parameters."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from torch import Tensor, nn

CellStep = Callable[[Tensor, Tensor, Tensor], tuple[list[Tensor], Tensor, Tensor]]
"""Letters (B,), hidden state and cell (B, H) to the gates' activations (B, H) each, the new hidden state and cell."""

LSTM_GATES = ("input", "forget", "output")
GRU_GATES = ("reset", "update")
"""In torch's GRU the update gate z is the share of the old state that is kept: h' = (1 - z) n + z h."""


class GateLayer(NamedTuple):
    """One direction of a layer with gates: their names, its hidden size, what it does at a letter."""

    gates: tuple[str, ...]
    hidden: int
    step: CellStep
    backwards: bool


def gate_layers(layer: nn.LSTM | nn.GRU) -> list[GateLayer]:
    """The directions of ``layer``, whose inputs are letters; the one that reads backwards second."""
    weights = {name: weight.detach() for name, weight in layer.named_parameters()}
    step_of, gates = (_lstm_step, LSTM_GATES) if isinstance(layer, nn.LSTM) else (_gru_step, GRU_GATES)
    return [
        GateLayer(
            gates=gates,
            hidden=layer.hidden_size,
            step=step_of(*(weights[f"{kind}_l0{way}"] for kind in ("weight_ih", "weight_hh", "bias_ih", "bias_hh"))),
            backwards=bool(way),
        )
        for way in ("", "_reverse")[: 1 + layer.bidirectional]
    ]


def _lstm_step(w_ih: Tensor, w_hh: Tensor, b_ih: Tensor, b_hh: Tensor) -> CellStep:
    """Gates lie in the order input, forget, cell, output."""
    table = w_ih.t() + (b_ih + b_hh)  # (V, 4H)

    def step(letters: Tensor, hidden: Tensor, cell: Tensor) -> tuple[list[Tensor], Tensor, Tensor]:
        i, f, g, o = table[letters].addmm(hidden, w_hh.t()).chunk(4, dim=1)
        i, f, o = i.sigmoid(), f.sigmoid(), o.sigmoid()
        cell = f * cell + i * g.tanh()
        return [i, f, o], o * cell.tanh(), cell

    return step


def _gru_step(w_ih: Tensor, w_hh: Tensor, b_ih: Tensor, b_hh: Tensor) -> CellStep:
    """Gates lie in the order reset, update, new. A GRU has no cell: what comes in goes out."""
    table = w_ih.t() + b_ih  # (V, 3H)

    def step(letters: Tensor, hidden: Tensor, cell: Tensor) -> tuple[list[Tensor], Tensor, Tensor]:
        x_r, x_z, x_n = table[letters].chunk(3, dim=1)
        h_r, h_z, h_n = b_hh.addmm(hidden, w_hh.t()).chunk(3, dim=1)
        r, z = (x_r + h_r).sigmoid(), (x_z + h_z).sigmoid()
        new = (x_n + r * h_n).tanh()
        return [r, z], new + z * (hidden - new), cell

    return step
