"""The report's RNN, in closed form."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from namestui.engine.nets.network import LetterTable, Network


class RNN(Network, model="rnn"):
    """``h_t = i2h([x_t, h_(t-1)])``, ``logits = i2o([x_T, h_(T-1)])``, no nonlinearity.

    Since nothing in it bends, its logits are a sum over letters of a score that depends only on the letter and
    its distance k from the end. With i2h = [W_x | W_h], b and i2o = [O_x | O_h], c:

        logits = c + O_x[x_T] + sum over k = 1..T-1 of O_h W_h^(k-1) (W_x[x_(T-k)] + b)

    ``forward`` computes this closed form (of the same parameters) instead of stepping: one table of scores a
    batch, then a gather and a sum. It has no last hidden state to drop parts of.
    """

    IDLE_AT_ONE_LETTER = True  # i2h, which AdamW must then leave alone

    def __init__(self, symbols: int, hidden: int, classes: int) -> None:
        super().__init__()
        self.i2h = nn.Linear(symbols + hidden, hidden)
        self.i2o = nn.Linear(symbols + hidden, classes)
        self.softmax = nn.LogSoftmax(dim=1)
        self._symbols = symbols

    def forward(self, letters: Tensor) -> Tensor:
        """Log-probabilities ``(B, C)`` of names ``(B, T)``."""
        length = letters.shape[1]
        table = self._scores(length).flatten(0, 1)  # (T*(V+1), C)
        distance = torch.arange(length - 1, -1, -1, device=letters.device)
        summed = F.embedding_bag(letters + distance * (self._symbols + 1), table, mode="sum")
        log_probabilities: Tensor = self.softmax(summed + self.i2o.bias)
        return log_probabilities

    def letter_scores(self, length: int) -> LetterTable:
        """The table that ``forward`` sums up. What the bias of i2h adds counts as the letter's; c is the bias."""
        return LetterTable(self._scores(length), self.i2o.bias)

    def logits_by_step(self, inputs: Tensor) -> Tensor:
        """The report's loop: both layers see a letter beside the hidden state before it."""
        hidden = inputs.new_zeros(inputs.shape[1], self.i2h.out_features)
        found = []
        for step in inputs:
            combined = torch.cat([step, hidden], dim=1)
            found.append(self.i2o(combined))
            hidden = self.i2h(combined)
        return torch.stack(found)

    def hidden_to_hidden(self) -> Tensor:
        """W_h."""
        return self.i2h.weight.detach()[:, -self.i2h.out_features :]

    def _scores(self, length: int) -> Tensor:
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
