"""The networks, those of the report exactly as there, with state dict keys and ``print`` text as its classes have them.

All take letters ``(B, T)`` (alphabet positions, int64, all names of a batch of one length T; the position after the
last symbol is a blank letter, which stands for one that augmentation dropped) and return log-probabilities ``(B, C)``
after the last letter. Dropout is no module, so that ``print`` shows what the report's shows.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.autograd import Function
from torch.nn import functional as F

from namestui.engine.nets.kernels.gru import GRUKernel
from namestui.engine.nets.kernels.lstm import LSTMKernel
from namestui.engine.nets.kernels.stepping import last_hidden
from namestui.engine.nets.kernels.tanh_rnn import TanhRNNKernel


class Share(NamedTuple):
    """The ``rows`` that a network gets of a batch of ``names`` names, where several processes train together."""

    rows: slice
    names: int


class Network(nn.Module):
    """What trainers may set: ``dropout`` of the last hidden state; bfloat16 products on a CPU while training; the
    ``share`` of the batch that comes next, so that all processes draw the masks that one would."""

    def __init__(self) -> None:
        super().__init__()
        self.dropout = 0.0
        self.low_precision = False
        self.share: Share | None = None

    def dropped(self, hidden: Tensor) -> Tensor:
        """Last hidden states with parts of them dropped, while training."""
        if self.share is None or not (self.dropout and self.training):
            return F.dropout(hidden, self.dropout, self.training)
        mask = F.dropout(hidden.new_ones(self.share.names, *hidden.shape[1:]), self.dropout)
        return hidden * mask[self.share.rows]


class RNN(Network):
    """The report's RNN: ``h_t = i2h([x_t, h_(t-1)])``, ``logits = i2o([x_T, h_(T-1)])``, no nonlinearity.

    Since nothing in it bends, its logits are a sum over letters of a score that depends only on the letter and
    its distance k from the end. With i2h = [W_x | W_h], b and i2o = [O_x | O_h], c:

        logits = c + O_x[x_T] + sum over k = 1..T-1 of O_h W_h^(k-1) (W_x[x_(T-k)] + b)

    ``forward`` computes this closed form (of the same parameters) instead of stepping: one table of scores a
    batch, then a gather and a sum. It has no last hidden state to drop parts of.
    """

    def __init__(self, symbols: int, hidden: int, classes: int) -> None:
        super().__init__()
        self.i2h = nn.Linear(symbols + hidden, hidden)
        self.i2o = nn.Linear(symbols + hidden, classes)
        self.softmax = nn.LogSoftmax(dim=1)
        self._symbols = symbols

    def scores(self, length: int) -> Tensor:
        """What a letter at distance k from the end adds to each logit: ``(length, V+1, C)``; row 0 without c."""
        x_to_h, h_to_h = self.i2h.weight.tensor_split([self._symbols], dim=1)  # (H, V), (H, H)
        x_to_o, h_to_o = self.i2o.weight.tensor_split([self._symbols], dim=1)  # (C, V), (C, H)
        nearest = F.pad(x_to_o, (0, 1)).t().unsqueeze(0)  # (1, V+1, C); the blank letter adds nothing
        if length == 1:
            return nearest
        powers = [h_to_o]  # O_h W_h^(k-1): (C, H)
        for _ in range(length - 2):
            powers.append(powers[-1] @ h_to_h)
        letters = (F.pad(x_to_h, (0, 1)) + self.i2h.bias.unsqueeze(1)).t()  # (V+1, H)
        earlier = letters @ torch.stack(powers).transpose(1, 2)  # (K-1, V+1, C)
        return torch.cat([nearest, earlier])

    def forward(self, letters: Tensor) -> Tensor:
        """Log-probabilities ``(B, C)`` of names ``(B, T)``."""
        length = letters.shape[1]
        table = self.scores(length).flatten(0, 1)  # (T*(V+1), C)
        distance = torch.arange(length - 1, -1, -1, device=letters.device)
        summed = F.embedding_bag(letters + distance * (self._symbols + 1), table, mode="sum")
        log_probabilities: Tensor = self.softmax(summed + self.i2o.bias)
        return log_probabilities


class LSTM(Network):
    """The report's LSTM: one layer, read out after the last letter; i2o starts Xavier-uniform."""

    def __init__(self, symbols: int, hidden: int, classes: int, *, bidirectional: bool = False) -> None:
        super().__init__()
        self.lstm = nn.LSTM(symbols, hidden, bidirectional=bidirectional)
        self.i2o = nn.Linear(hidden * (1 + bidirectional), classes)
        self.softmax = nn.LogSoftmax(dim=1)
        nn.init.xavier_uniform_(self.i2o.weight)

    def open_forget_gate(self, bias: float) -> None:
        """Let the forget gate's bias start at ``bias``; 0 leaves torch's small random one.

        At 1 (Jozefowicz et al. 2015) early letters are not forgotten from the start.
        """
        if not bias:
            return
        size = self.lstm.hidden_size
        with torch.no_grad():  # gates lie in the order input, forget, cell, output; the two biases add up
            for name, weights in self.lstm.named_parameters():
                if name.startswith("bias"):
                    weights[size : 2 * size] = bias if name.startswith("bias_ih") else 0.0

    def forward(self, letters: Tensor) -> Tensor:
        """Log-probabilities ``(B, C)`` of names ``(B, T)``."""
        log_probabilities: Tensor = self.softmax(self.i2o(self.dropped(self.last_hidden(letters))))
        return log_probabilities

    def last_hidden(self, letters: Tensor) -> Tensor:
        """The hidden states ``(B, H)`` after the last letter; those of two directions side by side, ``(B, 2H)``."""
        if letters.device.type != "cpu":  # cuDNN
            _, (last, _) = self.lstm(one_hot(letters, self.lstm.input_size, self.i2o.weight.dtype))
            return torch.cat(list(last), dim=1)
        directions = [letters, letters.flip(1)] if self.lstm.bidirectional else [letters]
        weights = list(self.lstm.parameters())
        low = self.low_precision and self.training
        hidden = [
            last_hidden(LSTMKernel, way, weights[4 * i : 4 * i + 4], bfloat16=low) for i, way in enumerate(directions)
        ]
        return torch.cat(hidden, dim=1)


class BiLSTM(LSTM):
    """Two LSTMs, one reading backwards; their last hidden states side by side, ``i2o`` (2H -> C)."""

    def __init__(self, symbols: int, hidden: int, classes: int) -> None:
        super().__init__(symbols, hidden, classes, bidirectional=True)


class WideLSTM(LSTM):
    """An LSTM and the scores of n-grams, added up before the softmax and trained together ("wide and deep", Cheng et
    al. 2016): the table remembers endings that occur, the LSTM has to say of names only what it does not."""

    SCALE = 3.0
    """By how much faster the table learns than at scale 1: AdamW's steps are of one size for all weights."""

    def __init__(self, symbols: int, hidden: int, classes: int) -> None:
        super().__init__(symbols, hidden, classes)
        self.i2o_grams = nn.EmbeddingBag(NGram.BUCKETS, classes, mode="sum")
        nn.init.zeros_(self.i2o_grams.weight)
        self._symbols = symbols

    def forward(self, letters: Tensor) -> Tensor:
        """Log-probabilities ``(B, C)`` of names ``(B, T)``."""
        grams = hashed_grams(letters, self._symbols, NGram.BUCKETS)
        wide = self.i2o_grams(grams) * (self.SCALE / grams.shape[1] ** 0.5)
        deep = self.i2o(self.dropped(self.last_hidden(letters)))
        log_probabilities: Tensor = self.softmax(deep + wide)
        return log_probabilities


class Gated(Network):
    """A GRU, or a plain RNN with tanh, read out after the last letter as the LSTM is."""

    def __init__(self, name: str, layer: nn.GRU | nn.RNN, kernel: type[Function], classes: int) -> None:
        super().__init__()
        self._layer, self._kernel = name, kernel
        self.add_module(name, layer)
        self.i2o = nn.Linear(layer.hidden_size, classes)
        self.softmax = nn.LogSoftmax(dim=1)
        nn.init.xavier_uniform_(self.i2o.weight)

    def forward(self, letters: Tensor) -> Tensor:
        """Log-probabilities ``(B, C)`` of names ``(B, T)``."""
        layer = self.get_submodule(self._layer)
        assert isinstance(layer, nn.RNNBase)
        if letters.device.type != "cpu":  # cuDNN
            hidden = layer(one_hot(letters, layer.input_size, self.i2o.weight.dtype))[1][0]
        else:
            low = self.low_precision and self.training
            hidden = last_hidden(self._kernel, letters, layer.parameters(), bfloat16=low)
        log_probabilities: Tensor = self.softmax(self.i2o(self.dropped(hidden)))
        return log_probabilities


class GRU(Gated):
    """Module names: ``gru``, ``i2o``, ``softmax``."""

    def __init__(self, symbols: int, hidden: int, classes: int) -> None:
        super().__init__("gru", nn.GRU(symbols, hidden), GRUKernel, classes)


class TanhRNN(Gated):
    """The report's RNN with the nonlinearity that it lacks. Module names: ``rnn``, ``i2o``, ``softmax``."""

    def __init__(self, symbols: int, hidden: int, classes: int) -> None:
        super().__init__("rnn", nn.RNN(symbols, hidden), TanhRNNKernel, classes)


class NGram(Network):
    """The bar to beat: a linear layer on hashed character 1- to 4-grams, the edges of the name marked.

    Its logits are a sum of scores of n-grams, divided by the square root of their number. ``hidden`` has no use here.
    """

    BUCKETS = 1 << 16

    def __init__(self, symbols: int, hidden: int, classes: int) -> None:  # noqa: ARG002
        super().__init__()
        self.i2o = nn.EmbeddingBag(self.BUCKETS, classes, mode="sum")
        self.bias = nn.Parameter(torch.zeros(classes))
        self.softmax = nn.LogSoftmax(dim=1)
        nn.init.zeros_(self.i2o.weight)
        self._symbols = symbols

    def forward(self, letters: Tensor) -> Tensor:
        """Log-probabilities ``(B, C)`` of names ``(B, T)``."""
        grams = hashed_grams(letters, self._symbols, self.BUCKETS)
        kept = self.dropped(torch.ones_like(grams, dtype=self.bias.dtype))
        summed = self.i2o(grams, per_sample_weights=kept) / grams.shape[1] ** 0.5
        log_probabilities: Tensor = self.softmax(summed + self.bias)
        return log_probabilities


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


def one_hot(letters: Tensor, symbols: int, dtype: torch.dtype) -> Tensor:
    """Letters (B, T) as (T, B, V) of ``dtype``; the blank letter is all zeros.

    By comparison: ``F.one_hot`` looks at the letters' range first, and on some devices would wait for them.
    """
    return (letters.t().unsqueeze(2) == torch.arange(symbols, device=letters.device)).to(dtype)


def build(model: str, symbols: int, hidden: int, classes: int) -> Network:
    """A freshly initialised network; draws from torch's global generator."""
    makers: dict[str, type[RNN | LSTM | BiLSTM | WideLSTM | GRU | TanhRNN | NGram]] = {
        "rnn": RNN,
        "lstm": LSTM,
        "bilstm": BiLSTM,
        "wide-lstm": WideLSTM,
        "gru": GRU,
        "tanh-rnn": TanhRNN,
        "ngram": NGram,
    }
    return makers[model](symbols, hidden, classes)
