"""The networks, exactly as in the report, with state dict keys and ``print`` text as its own classes have them.

All take letters ``(B, T)`` (alphabet positions, int64, all names of a batch of one length T) and return
log-probabilities ``(B, C)`` after the last letter.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from namestui.engine.lstm_cpu import last_hidden


class RNN(nn.Module):
    """The report's RNN: ``h_t = i2h([x_t, h_(t-1)])``, ``logits = i2o([x_T, h_(T-1)])``, no nonlinearity.

    Since nothing in it bends, its logits are a sum over letters of a score that depends only on the letter and
    its distance k from the end. With i2h = [W_x | W_h], b and i2o = [O_x | O_h], c:

        logits = c + O_x[x_T] + sum over k = 1..T-1 of O_h W_h^(k-1) (W_x[x_(T-k)] + b)

    ``forward`` computes this closed form (of the same parameters) instead of stepping: one table of scores a
    batch, then a gather and a sum.
    """

    def __init__(self, symbols: int, hidden: int, classes: int) -> None:
        super().__init__()
        self.i2h = nn.Linear(symbols + hidden, hidden)
        self.i2o = nn.Linear(symbols + hidden, classes)
        self.softmax = nn.LogSoftmax(dim=1)
        self._symbols = symbols

    def scores(self, length: int) -> Tensor:
        """What a letter at distance k from the end adds to each logit: ``(length, symbols, C)``; row 0 without c."""
        x_to_h, h_to_h = self.i2h.weight.tensor_split([self._symbols], dim=1)  # (H, V), (H, H)
        x_to_o, h_to_o = self.i2o.weight.tensor_split([self._symbols], dim=1)  # (C, V), (C, H)
        if length == 1:
            return x_to_o.t().unsqueeze(0)
        powers = [h_to_o]  # O_h W_h^(k-1): (C, H)
        for _ in range(length - 2):
            powers.append(powers[-1] @ h_to_h)
        letters = (x_to_h + self.i2h.bias.unsqueeze(1)).t()  # (V, H)
        earlier = letters @ torch.stack(powers).transpose(1, 2)  # (K-1, V, C)
        return torch.cat([x_to_o.t().unsqueeze(0), earlier])

    def forward(self, letters: Tensor) -> Tensor:
        """Log-probabilities ``(B, C)`` of names ``(B, T)``."""
        length = letters.shape[1]
        table = self.scores(length).flatten(0, 1)  # (T*V, C)
        distance = torch.arange(length - 1, -1, -1, device=letters.device)
        summed = F.embedding_bag(letters + distance * self._symbols, table, mode="sum")
        log_probabilities: Tensor = self.softmax(summed + self.i2o.bias)
        return log_probabilities


class LSTM(nn.Module):
    """The report's LSTM: one layer, read out after the last letter; i2o starts Xavier-uniform.

    ``low_precision`` makes the products on a processor bfloat16 ones while training (see ``lstm_cpu``).
    The forget gate's bias starts at 1 (Jozefowicz et al. 2015), so that early letters are not forgotten at first.
    """

    def __init__(self, symbols: int, hidden: int, classes: int) -> None:
        super().__init__()
        self.lstm = nn.LSTM(symbols, hidden)
        self.i2o = nn.Linear(hidden, classes)
        self.softmax = nn.LogSoftmax(dim=1)
        self.low_precision = False
        nn.init.xavier_uniform_(self.i2o.weight)
        biases = dict(self.lstm.named_parameters())
        with torch.no_grad():  # gates lie in the order input, forget, cell, output; the two biases add up
            biases["bias_ih_l0"][hidden : 2 * hidden].fill_(1.0)
            biases["bias_hh_l0"][hidden : 2 * hidden].zero_()

    def forward(self, letters: Tensor) -> Tensor:
        """Log-probabilities ``(B, C)`` of names ``(B, T)``."""
        if letters.device.type == "cpu":
            hidden = last_hidden(letters, *self.lstm.parameters(), bfloat16=self.low_precision and self.training)
        else:  # cuDNN
            one_hot = F.one_hot(letters.t(), self.lstm.input_size).to(self.i2o.weight.dtype)  # (T, B, V)
            hidden = self.lstm(one_hot)[1][0][0]
        log_probabilities: Tensor = self.softmax(self.i2o(hidden))
        return log_probabilities


def build(model: str, symbols: int, hidden: int, classes: int) -> nn.Module:
    """A freshly initialised network; draws from torch's global generator."""
    return {"rnn": RNN, "lstm": LSTM}[model](symbols, hidden, classes)
