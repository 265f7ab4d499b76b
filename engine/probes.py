"""Evidence about a trained network: what it needs of a name, and how far back it learns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from namestui.data.alphabet import ALPHABET
from namestui.data.corpus import Corpus
from namestui.engine.batches import NameSet
from namestui.engine.models import RNN, NGram, one_hot

LENGTHS = ((1, 4), (5, 6), (7, 8), (9, 11), (12, 200))
"""Bands of name lengths, in letters, both ends included."""
SUFFIXES = (1, 2, 3, 4, 6, 8)
"""How many last letters a network is shown."""
REACH = 12
"""Letters that names must have for the gradient probe: one gradient for each distance from 0 to 11."""
PROBED = 256
"""Names that the gradient probe looks at, at most."""

CPU = torch.device("cpu")


@dataclass(frozen=True, slots=True)
class Probe:
    """``correct`` (N,) tells for each row whether it is classified rightly; ``by_suffix[k]`` the accuracy on the last
    k letters alone; ``gradients[k]`` the mean norm of d loss / d x at distance k from the last letter, as a share of
    that at distance 0 (None where the network has no steps, or no name is long enough); ``spectral_radius`` of the
    hidden-to-hidden weights of a plain RNN: how much a step stretches the hidden state at most, in the long run."""

    correct: npt.NDArray[np.bool_]
    by_suffix: dict[int, float]
    gradients: list[float] | None
    spectral_radius: float | None

    @property
    def accuracy(self) -> float:
        """Over all rows."""
        return float(self.correct.mean())


def probe(model: nn.Module, corpus: Corpus, rows: Sequence[int]) -> Probe:
    """Look at ``model`` on ``rows`` of ``corpus``; nothing of it is changed."""
    model.eval()
    by_suffix = {}
    for letters in SUFFIXES:
        cut = Corpus(corpus.labels, corpus.names.endings(letters), corpus.targets, corpus.cleaning)
        by_suffix[letters] = float(_correct(model, cut, rows).mean())
    return Probe(
        correct=_correct(model, corpus, rows),
        by_suffix=by_suffix,
        gradients=gradients_by_distance(model, corpus, rows),
        spectral_radius=spectral_radius(model),
    )


@torch.no_grad()
def _correct(model: nn.Module, corpus: Corpus, rows: Sequence[int]) -> npt.NDArray[np.bool_]:
    """Whether each of ``rows``, in their order, is classified rightly."""
    names = NameSet(corpus, rows, CPU)
    hits = torch.cat([model(letters).argmax(1) == targets for letters, targets in names.in_order(4096)])
    order = np.argsort(names.rows)
    found: npt.NDArray[np.bool_] = hits.numpy()[order[np.searchsorted(names.rows, rows, sorter=order)]]
    return found


def gradients_by_distance(model: nn.Module, corpus: Corpus, rows: Sequence[int]) -> list[float] | None:
    """Mean gradient norm of the loss at the letters at distance 0 to 11, as shares of that at distance 0."""
    if isinstance(model, NGram):
        return None
    chosen = np.asarray(rows)
    long = chosen[corpus.names.lengths[chosen] >= REACH][:PROBED]
    if not len(long):
        return None
    letters = torch.from_numpy(corpus.names.endings(REACH).matrix(long, REACH).astype(np.int64))
    targets = torch.from_numpy(corpus.targets[long].astype(np.int64))
    inputs = one_hot(letters, len(ALPHABET), torch.float32).requires_grad_()  # (T, B, V)
    loss = F.cross_entropy(_logits(model, inputs), targets, reduction="sum")
    (gradient,) = torch.autograd.grad(loss, inputs)
    norms = gradient.norm(dim=2).mean(dim=1).flip(0)  # (T,), by distance
    return [float(norm) for norm in norms / norms[0].clamp_min(1e-30)]


def _logits(model: nn.Module, inputs: Tensor) -> Tensor:
    """The network step by step on inputs (T, B, V), so that each letter has a gradient."""
    if isinstance(model, RNN):
        hidden = inputs.new_zeros(inputs.shape[1], model.i2h.out_features)
        for step in inputs[:-1]:
            hidden = model.i2h(torch.cat([step, hidden], dim=1))
        logits: Tensor = model.i2o(torch.cat([inputs[-1], hidden], dim=1))
        return logits
    layer = next(module for module in model.children() if isinstance(module, nn.RNNBase))
    found = layer(inputs)[1]
    last = found[0] if isinstance(found, tuple) else found  # (directions, B, H)
    read_out = model.get_submodule("i2o")
    out: Tensor = read_out(torch.cat(list(last), dim=1))
    return out


def spectral_radius(model: nn.Module) -> float | None:
    """Largest absolute eigenvalue of the hidden-to-hidden weights, where the hidden state is carried by them alone."""
    if isinstance(model, RNN):
        weights = model.i2h.weight.detach()[:, -model.i2h.out_features :]
    else:
        layers = [module for module in model.children() if type(module) is nn.RNN]
        if not layers:
            return None
        weights = dict(layers[0].named_parameters())["weight_hh_l0"].detach()
    return float(torch.linalg.eigvals(weights).abs().max())
