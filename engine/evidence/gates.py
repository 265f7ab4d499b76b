"""What the gates of an LSTM, BiLSTM or GRU do while it reads names, computed from its parameters."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import torch
from torch import Tensor, nn

from namestui.data.corpus import Corpus
from namestui.data.name_array import Rows
from namestui.runs.events import GateUse, finite

SHUT, OPEN = 0.1, 0.9
"""An activation below the first counts as shut, one above the second as open."""

LSTM_GATES = ("input", "forget", "output")
GRU_GATES = ("reset", "update")
"""In torch's GRU the update gate z is the share of the old state that is kept: h' = (1 - z) n + z h."""

Step = Callable[[Tensor, Tensor, Tensor], tuple[list[Tensor], Tensor, Tensor]]
"""Letters (B,), hidden state and cell (B, H) to the gates' activations (B, H) each, the new hidden state and cell."""


@torch.no_grad()
def gate_statistics(model: nn.Module, corpus: Corpus, rows: Rows) -> list[GateUse]:
    """For each gate, its mean activation and the shares of activations that are below .1 and above .9.

    Over all hidden units and all letters of the names in ``rows`` but the first that is read: before it there is
    nothing to keep or forget. A BiLSTM has its gates twice, those of the direction that reads backwards second. Empty
    for networks without gates, and where no name has two letters.
    """
    for name, step_of, gates in (("lstm", _lstm_step, LSTM_GATES), ("gru", _gru_step, GRU_GATES)):
        layer = getattr(model, name, None)
        if isinstance(layer, nn.Module):
            weights = {key: value.detach() for key, value in layer.named_parameters()}
            ways = [""] + ["_reverse"] * any(key.endswith("_reverse") for key in weights)
            found = []
            for way in ways:
                step = step_of(
                    *(weights[f"{kind}_l0{way}"] for kind in ("weight_ih", "weight_hh", "bias_ih", "bias_hh"))
                )
                hidden = weights[f"weight_hh_l0{way}"].shape[1]
                titles = [f"{gate}, backwards" if way else gate for gate in gates]
                found += _use(titles, step, hidden, corpus, rows, backwards=bool(way))
            return found
    return []


def _lstm_step(w_ih: Tensor, w_hh: Tensor, b_ih: Tensor, b_hh: Tensor) -> Step:
    """Gates lie in the order input, forget, cell, output."""
    table = w_ih.t() + (b_ih + b_hh)  # (V, 4H)

    def step(letters: Tensor, hidden: Tensor, cell: Tensor) -> tuple[list[Tensor], Tensor, Tensor]:
        i, f, g, o = torch.addmm(table[letters], hidden, w_hh.t()).chunk(4, dim=1)
        i, f, o = i.sigmoid(), f.sigmoid(), o.sigmoid()
        cell = f * cell + i * g.tanh()
        return [i, f, o], o * cell.tanh(), cell

    return step


def _gru_step(w_ih: Tensor, w_hh: Tensor, b_ih: Tensor, b_hh: Tensor) -> Step:
    """Gates lie in the order reset, update, new. A GRU has no cell: what comes in goes out."""
    table = w_ih.t() + b_ih  # (V, 3H)

    def step(letters: Tensor, hidden: Tensor, cell: Tensor) -> tuple[list[Tensor], Tensor, Tensor]:
        x_r, x_z, x_n = table[letters].chunk(3, dim=1)
        h_r, h_z, h_n = torch.addmm(b_hh, hidden, w_hh.t()).chunk(3, dim=1)
        r, z = (x_r + h_r).sigmoid(), (x_z + h_z).sigmoid()
        new = (x_n + r * h_n).tanh()
        return [r, z], new + z * (hidden - new), cell

    return step


def _use(titles: Sequence[str], step: Step, size: int, corpus: Corpus, rows: Rows, *, backwards: bool) -> list[GateUse]:
    """All names side by side, the longest first, so that at each letter those that have one are the first ones."""
    names = corpus.names
    chosen = np.asarray(rows, dtype=np.int64)
    chosen = chosen[np.argsort(-names.lengths[chosen].astype(np.int64), kind="stable")]
    lengths, starts = names.lengths[chosen].astype(np.int64), names.starts[chosen].astype(np.int64)
    if not len(chosen) or lengths[0] < 2:
        return []
    hidden = cell = torch.zeros(len(chosen), size)
    sums = torch.zeros(len(titles), 3, dtype=torch.float64)  # activation, shut, open
    seen = 0
    for t in range(int(lengths[0])):
        left = int(np.searchsorted(-lengths, -t))  # names with more than t letters
        at = starts[:left] + (lengths[:left] - 1 - t if backwards else t)
        gates, hidden, cell = step(torch.from_numpy(names.letters[at].astype(np.int64)), hidden[:left], cell[:left])
        if not t:
            continue
        seen += left * size
        for own, gate in zip(sums, gates, strict=True):
            own += torch.stack([gate.sum(), (gate < SHUT).sum(), (gate > OPEN).sum()]).double()
    return [
        GateUse(gate=title, mean=finite(mean / seen), shut=finite(shut / seen), open=finite(opened / seen))
        for title, (mean, shut, opened) in zip(titles, sums.tolist(), strict=True)
    ]
