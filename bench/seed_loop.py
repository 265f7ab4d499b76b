"""The report's own training, as SEED.md describes it: one name a step, a Python loop over the RNN's letters.

This is the denominator of ``bench.throughput``. Nothing of namestui's engine is used, so that no later speed-up of
ours can leak into it. SEED.md has "a Python loop over its letters" for both networks; an LSTM can also be given the
whole name in one call, which is some four times as fast, so both are here and both ratios are reported.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence

import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader

from namestui.data.alphabet import ALPHABET
from namestui.data.corpus import Corpus

HIDDEN = 128
RATES = {"rnn": 0.005, "lstm": 0.05}
"""SGD learning rates that reproduce the report's accuracies."""

Sample = tuple[Tensor, Tensor]


class SeedRNN(nn.Module):
    """``i2h`` and ``i2o`` on the concatenation of the one-hot letter and the hidden state; no nonlinearity."""

    def __init__(self, classes: int) -> None:
        super().__init__()
        self.i2h = nn.Linear(len(ALPHABET) + HIDDEN, HIDDEN)
        self.i2o = nn.Linear(len(ALPHABET) + HIDDEN, classes)
        self.softmax = nn.LogSoftmax(dim=1)

    def forward(self, letter: Tensor, hidden: Tensor) -> tuple[Tensor, Tensor]:
        """One letter (1, 57) and the state (1, 128) to log-probabilities (1, C) and the next state."""
        combined = torch.cat((letter, hidden), 1)
        hidden = self.i2h(combined)
        output = self.softmax(self.i2o(combined))
        return output, hidden

    def read(self, name: Tensor) -> Tensor:
        """The output at the last letter of a name (T, 1, 57)."""
        hidden = torch.zeros(1, HIDDEN)
        for letter in name:
            output, hidden = self(letter, hidden)
        last: Tensor = output
        return last


class SeedLSTM(nn.Module):
    """One-layer ``nn.LSTM`` on the one-hot name, read out after the last letter.

    ``whole``: one call with the name (T, 1, 57); else one call a letter (1, 1, 57), with a read-out each.
    """

    def __init__(self, classes: int, *, whole: bool) -> None:
        super().__init__()
        self._whole = whole
        self.lstm = nn.LSTM(len(ALPHABET), HIDDEN)
        self.i2o = nn.Linear(HIDDEN, classes)
        nn.init.xavier_uniform_(self.i2o.weight)
        self.softmax = nn.LogSoftmax(dim=1)

    def read(self, name: Tensor) -> Tensor:
        """Log-probabilities (1, C) after the last letter of a name (T, 1, 57)."""
        state = (torch.zeros(1, 1, HIDDEN), torch.zeros(1, 1, HIDDEN))
        for part in [name] if self._whole else torch.split(name, 1):
            _, state = self.lstm(part, state)
            output: Tensor = self.softmax(self.i2o(state[0][0]))
        return output


class SeedLoop:
    """Trains on ``rows`` of ``corpus`` name by name for the seconds it is given, continuing where it was.

    ``loader``: read through a ``DataLoader`` with the report's zero-padding ``collate_fn``; without it the one-hot
    tensors lie ready, which favours the report. ``whole``: see SeedLSTM.
    """

    def __init__(
        self, model: str, corpus: Corpus, rows: Sequence[int], *, loader: bool = False, whole: bool = False
    ) -> None:
        torch.manual_seed(0)
        classes = len(corpus.labels)
        self._net: SeedRNN | SeedLSTM = SeedRNN(classes) if model == "rnn" else SeedLSTM(classes, whole=whole)
        self._optimizer = torch.optim.SGD(self._net.parameters(), lr=RATES[model])
        self._samples = [(one_hot(corpus.names[row]), torch.tensor([int(corpus.targets[row])])) for row in rows]
        self._order = self._loaded() if loader else self._ready()

    def names_per_second(self, seconds: float) -> float:
        """Train for about ``seconds``; names a second of wall time."""
        loss_function, total, names = nn.NLLLoss(), 0.0, 0
        started = time.perf_counter()
        while (elapsed := time.perf_counter() - started) < seconds:
            for _ in range(10):
                name, target = next(self._order)
                self._optimizer.zero_grad()
                loss = loss_function(self._net.read(name), target)
                loss.backward()
                self._optimizer.step()
                total += loss.item()
                names += 1
        return names / elapsed

    def _ready(self) -> Iterator[Sample]:
        while True:
            for index in torch.randperm(len(self._samples)).tolist():
                yield self._samples[index]

    def _loaded(self) -> Iterator[Sample]:
        while True:
            yield from DataLoader(self._samples, batch_size=1, shuffle=True, collate_fn=_collate)  # type: ignore[arg-type]


def one_hot(name: str) -> Tensor:
    """``name`` as (T, 1, 57) zeros and ones."""
    tensor = torch.zeros(len(name), 1, len(ALPHABET))
    for position, letter in enumerate(name):
        tensor[position, 0, ALPHABET.index(letter)] = 1
    return tensor


def _collate(batch: list[Sample]) -> Sample:
    names = nn.utils.rnn.pad_sequence([name.squeeze(1) for name, _ in batch])
    return names, torch.cat([target for _, target in batch])
