"""Evidence about a network: what it needs of a name, how far back it learns, and what its gates and letters do.

What one probe costs is bounded, whatever the corpus: see ``sample`` and the numbers below it.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import torch
from torch.nn import functional as F

from namestui.data.alphabet import ALPHABET
from namestui.data.corpus import Corpus
from namestui.data.name_array import NameArray, Rows
from namestui.engine.evidence.gate_use import gate_statistics
from namestui.engine.evidence.letters import ByDistance
from namestui.engine.nets.network import Network, one_hot
from namestui.engine.training.batches import NameSet
from namestui.runs.events import GateUse, finite

LENGTHS = ((1, 4), (5, 6), (7, 8), (9, 11), (12, 200))
"""Bands of name lengths, in letters, both ends included."""
SUFFIXES = (1, 2, 3, 4, 6, 8)
"""How many last letters a network is shown."""
REACH = 12
"""Letters that names must have for the gradient probe: one gradient for each distance from 0 to 11."""

SAMPLED = 2000
"""Validation names that a network is probed on while it trains, at most."""
CUT = 500
"""Of these, the names that networks that read step by step are shown the ends of, at most: most of a probe's cost."""
GATED = 256
"""Of these, the names on which gates are watched, at most."""
PROBED = 128
"""Of these, the names of 12 letters or more whose gradients are taken, at most."""

CPU = torch.device("cpu")


@dataclass(frozen=True, slots=True)
class Probe:
    """``correct`` (N,) says for each row whether it is classified correctly; ``by_suffix[k]`` the accuracy on the last
    k letters alone; ``gradients[k]`` the mean norm of d loss / d x at distance k from the last letter, as a share of
    that at distance 0, which is ``last_gradient`` (None where the network has no steps, or no name is long enough; a
    share that is not finite is None); ``spectral_radius`` of the hidden-to-hidden weights of a plain RNN: how much a
    step stretches the hidden state at most, in the long run; ``gates`` as ``gate_statistics`` and ``contributions``
    as ``ByDistance`` says, empty for networks without them."""

    correct: npt.NDArray[np.bool_]
    by_suffix: dict[int, float]
    gradients: list[float | None] | None
    spectral_radius: float | None
    last_gradient: float | None = None
    gates: list[GateUse] = field(default_factory=list)
    contributions: list[float | None] = field(default_factory=list)

    @property
    def accuracy(self) -> float:
        """Over all rows."""
        return float(self.correct.mean())


def sample(rows: Rows, size: int = SAMPLED) -> npt.NDArray[np.int64]:
    """The same ``size`` of ``rows`` at every probe and for every run with this split, in their order; all where there
    are no more."""
    chosen = np.asarray(rows, dtype=np.int64)
    if len(chosen) <= size:
        return chosen
    return chosen[np.sort(np.random.default_rng(0).permutation(len(chosen))[:size])]


def probe(
    model: Network,
    corpus: Corpus,
    rows: Rows,
    *,
    cut: int = CUT,
    correct: npt.NDArray[np.bool_] | None = None,
) -> Probe:
    """Probe ``model`` (on the CPU) on ``rows`` of ``corpus``; nothing of it is changed but that it is put into
    evaluation mode, and nothing random is drawn.

    A network that reads step by step is shown the ends of ``cut`` of the rows; gradients and gates are those of the
    ``sample`` of the rows. ``correct`` (N,) is computed where it is not given.
    """
    model.eval()
    contributions: list[float | None] = []
    with torch.no_grad():
        table = model.letter_scores(int(corpus.names.lengths[np.asarray(rows)].max(initial=1)))
    if table is not None:
        found = ByDistance(table, corpus, rows, SUFFIXES, REACH)
        correct, suffixes, contributions = found.correct, found.hits, found.contributions
    else:
        correct = _correct(model, corpus, rows) if correct is None else correct
        suffixes = _cut(model, _only(corpus, sample(rows, cut)))
    chosen = sample(rows)
    norms = gradient_norms(model, corpus, chosen)
    return Probe(
        correct=correct,
        by_suffix={letters: float(hits.mean()) for letters, hits in suffixes.items()},
        gradients=shares(norms) if norms else None,
        last_gradient=finite(norms[0]) if norms else None,
        spectral_radius=spectral_radius(model),
        gates=gate_statistics(model, corpus, sample(chosen, GATED)),
        contributions=contributions,
    )


def _only(corpus: Corpus, rows: Rows) -> Corpus:
    """``rows`` as a corpus of their own; the letters stay where they are."""
    chosen = np.asarray(rows, dtype=np.int64)
    names = corpus.names
    only = NameArray(names.letters, names.lengths[chosen], names.starts[chosen])
    return Corpus(corpus.labels, only, corpus.targets[chosen], corpus.cleaning)


def _cut(model: Network, corpus: Corpus) -> dict[int, npt.NDArray[np.bool_]]:
    """Whether each name is classified rightly by its last k letters."""
    found = {}
    for letters in SUFFIXES:
        ends = Corpus(corpus.labels, corpus.names.endings(letters), corpus.targets, corpus.cleaning)
        found[letters] = _correct(model, ends, range(len(ends.names)))
    return found


@torch.no_grad()
def _correct(model: Network, corpus: Corpus, rows: Rows) -> npt.NDArray[np.bool_]:
    """Whether each of ``rows``, in their order, is classified rightly."""
    names = NameSet(corpus, rows, CPU)
    hits = torch.cat([model(letters).argmax(1) == targets for letters, targets in names.in_order(4096)])
    order = np.argsort(names.rows)
    found: npt.NDArray[np.bool_] = hits.numpy()[order[np.searchsorted(names.rows, rows, sorter=order)]]
    return found


def gradient_norms(model: Network, corpus: Corpus, rows: Rows) -> list[float]:
    """Mean norm of d loss / d x, x a letter's one-hot input, by distance from the last letter: 0 to 11.

    Over the first ``PROBED`` of ``rows`` that have 12 letters; empty where none has, or the network does not read
    letter by letter.
    """
    chosen = np.asarray(rows)
    long = chosen[corpus.names.lengths[chosen] >= REACH][:PROBED]
    if not len(long):
        return []
    ends = _only(corpus, long).names.endings(REACH)
    letters = torch.from_numpy(ends.matrix(np.arange(len(long)), REACH).astype(np.int64))
    targets = torch.from_numpy(corpus.targets[long].astype(np.int64))
    inputs = one_hot(letters, len(ALPHABET), torch.float32).requires_grad_()  # (T, B, V)
    logits = model.logits_by_step(inputs)
    if logits is None:
        return []
    loss = F.cross_entropy(logits[-1], targets, reduction="sum")
    (gradient,) = torch.autograd.grad(loss, inputs)
    norms = gradient.norm(dim=2).mean(dim=1).flip(0)  # (T,), by distance
    return [float(norm) for norm in norms]


def shares(norms: list[float]) -> list[float | None]:
    """``norms`` by distance, as shares of that at distance 0; None where a share is not finite."""
    return [finite(norm / norms[0]) if norms[0] else None for norm in norms]


def spectral_radius(model: Network) -> float | None:
    """Largest absolute eigenvalue of the hidden-to-hidden weights, where the hidden state is carried by them alone."""
    weights = model.hidden_to_hidden()
    if weights is None or not torch.isfinite(weights).all():
        return None
    return finite(float(torch.linalg.eigvals(weights).abs().max()))
