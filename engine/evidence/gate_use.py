"""What the gates of a network do while it reads names."""

from __future__ import annotations

import numpy as np
import torch

from namestui.data.corpus import Corpus
from namestui.data.name_array import Rows
from namestui.engine.nets.gates import GateLayer
from namestui.engine.nets.network import Network
from namestui.runs.events import GateUse, finite

SHUT, OPEN = 0.1, 0.9
"""An activation below the first counts as shut, one above the second as open."""


@torch.no_grad()
def gate_statistics(model: Network, corpus: Corpus, rows: Rows) -> list[GateUse]:
    """For each gate, its mean activation and the shares of activations that are below .1 and above .9.

    Over all hidden units and all letters of the names in ``rows`` but the first that is read: before it there is
    nothing to keep or forget. A BiLSTM has its gates twice, those of the direction that reads backwards second. Empty
    for networks without gates, and where no name has two letters.
    """
    return [use for layer in model.gate_layers() for use in _use(layer, corpus, rows)]


def _use(layer: GateLayer, corpus: Corpus, rows: Rows) -> list[GateUse]:
    """All names side by side, the longest first, so that at each letter those that have one are the first ones."""
    names = corpus.names
    chosen = np.asarray(rows, dtype=np.int64)
    chosen = chosen[np.argsort(-names.lengths[chosen].astype(np.int64), kind="stable")]
    lengths, starts = names.lengths[chosen].astype(np.int64), names.starts[chosen].astype(np.int64)
    if not len(chosen) or lengths[0] < 2:
        return []
    hidden = cell = torch.zeros(len(chosen), layer.hidden)
    sums = torch.zeros(len(layer.gates), 3, dtype=torch.float64)  # activation, shut, open
    seen = 0
    for t in range(int(lengths[0])):
        left = int(np.searchsorted(-lengths, -t))  # names with more than t letters
        at = starts[:left] + (lengths[:left] - 1 - t if layer.backwards else t)
        letters = torch.from_numpy(names.letters[at].astype(np.int64))
        gates, hidden, cell = layer.step(letters, hidden[:left], cell[:left])
        if not t:
            continue
        seen += left * layer.hidden
        for own, gate in zip(sums, gates, strict=True):
            own += torch.stack([gate.sum(), (gate < SHUT).sum(), (gate > OPEN).sum()]).double()
    titles = [f"{gate}, backwards" if layer.backwards else gate for gate in layer.gates]
    return [
        GateUse(gate=title, mean=finite(mean / seen), shut=finite(shut / seen), open=finite(opened / seen))
        for title, (mean, shut, opened) in zip(titles, sums.tolist(), strict=True)
    ]
