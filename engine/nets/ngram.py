"""Networks that look up n-grams: alone, and beside an LSTM."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from namestui.engine.nets.network import Network
from namestui.engine.nets.recurrent import LSTM

BUCKETS = 1 << 16


class NGram(Network, model="ngram"):
    """The bar to beat: a linear layer on hashed character 1- to 4-grams, the edges of the name marked.

    Its logits are a sum of scores of n-grams, divided by the square root of their number. ``hidden`` has no use here.
    """

    def __init__(self, symbols: int, hidden: int, classes: int) -> None:  # noqa: ARG002
        super().__init__()
        self.i2o = nn.EmbeddingBag(BUCKETS, classes, mode="sum")
        self.bias = nn.Parameter(torch.zeros(classes))
        self.softmax = nn.LogSoftmax(dim=1)
        nn.init.zeros_(self.i2o.weight)
        self._symbols = symbols

    def forward(self, letters: Tensor) -> Tensor:
        """Log-probabilities ``(B, C)`` of names ``(B, T)``."""
        grams = hashed_grams(letters, self._symbols, BUCKETS)
        kept = self.dropped(torch.ones_like(grams, dtype=self.bias.dtype))
        summed = self.i2o(grams, per_sample_weights=kept) / grams.shape[1] ** 0.5
        log_probabilities: Tensor = self.softmax(summed + self.bias)
        return log_probabilities


class WideLSTM(LSTM, model="wide-lstm"):
    """An LSTM and the scores of n-grams, added up before the softmax and trained together ("wide and deep", Cheng et
    al. 2016): the table remembers endings that occur, the LSTM has to say of names only what it does not."""

    SCALE = 3.0
    """By how much faster the table learns than at scale 1: AdamW's steps are of one size for all weights."""

    def __init__(self, symbols: int, hidden: int, classes: int) -> None:
        super().__init__(symbols, hidden, classes)
        self.i2o_grams = nn.EmbeddingBag(BUCKETS, classes, mode="sum")
        nn.init.zeros_(self.i2o_grams.weight)
        self._symbols = symbols

    def forward(self, letters: Tensor) -> Tensor:
        """Log-probabilities ``(B, C)`` of names ``(B, T)``."""
        grams = hashed_grams(letters, self._symbols, BUCKETS)
        wide = self.i2o_grams(grams) * (self.SCALE / grams.shape[1] ** 0.5)
        deep = self.i2o(self.dropped(self.last_hidden(letters)))
        log_probabilities: Tensor = self.softmax(deep + wide)
        return log_probabilities

    def logits_by_step(self, inputs: Tensor) -> None:  # noqa: ARG002
        """None: n-grams have a part in the scores, and are looked up."""
        return


def hashed_grams(letters: Tensor, symbols: int, buckets: int) -> Tensor:
    """The buckets ``(B, N)`` of all n-grams, n from 1 to 4, of names ``(B, T)`` whose edges are marked."""
    edge = symbols + 1  # after the blank letter
    marked = F.pad(letters, (1, 1), value=edge)
    base, found = edge + 1, []
    code = torch.zeros_like(marked)
    for n in range(1, 5):
        if marked.shape[1] < n:
            break
        # Codes of n-grams are exact numbers below 60^4; Fibonacci hashing (Knuth 6.4) spreads them.
        code = code[:, : marked.shape[1] - n + 1] * base + marked[:, n - 1 :]
        found.append(((code * 4 + (n - 1)) * 2654435769 >> 8) % buckets)
    return torch.cat(found, dim=1)
