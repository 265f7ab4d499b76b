"""Contestants of ``bench.throughput`` below the recipes: exact-length kernels, padded batches, the machine's limit.

FLOP counts are what the arithmetic needs, multiplications and additions counted apart and the backward pass as twice
the forward one: letters are looked up (a one-hot product is waste) and the first step's zero state costs nothing.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterator, Sequence
from statistics import mean

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from bench.seed_loop import HIDDEN
from namestui.data.alphabet import ALPHABET
from namestui.data.corpus import Corpus
from namestui.data.encoding import encode_names
from namestui.engine.nets import building
from namestui.engine.nets.devices import multiplies_bfloat16
from namestui.engine.training.batches import Batch, NameSet

SYMBOLS = len(ALPHABET)
CPU = torch.device("cpu")
GATES = {"rnn": 1, "tanh-rnn": 1, "gru": 3, "lstm": 4, "bilstm": 4}
"""Products of the hidden state a step and direction."""


def stepped_flop(model: str, length: float, classes: int) -> float:
    """FLOP to train on one name of ``length`` letters, letter by letter."""
    gates, directions = GATES[model], 2 if model == "bilstm" else 1
    return 3 * 2 * HIDDEN * directions * (HIDDEN * gates * (length - 1) + classes)


def closed_flop(size: int, length: int, classes: int) -> float:
    """FLOP to train the closed-form RNN on one batch: powers, the table of scores, the sums."""
    powers = 2 * classes * HIDDEN * HIDDEN * max(length - 2, 0)
    table = 2 * SYMBOLS * HIDDEN * classes * (length - 1)
    return 3 * (powers + table) + 3 * size * length * classes


def flop_per_name(model: str, batches: Sequence[Batch], classes: int) -> float:
    """Mean FLOP a name of our form of ``model`` over these batches."""
    names = sum(len(batch.targets) for batch in batches)
    shapes = [(len(batch.targets), batch.letters.shape[1]) for batch in batches]
    if model == "rnn":
        return sum(closed_flop(size, length, classes) for size, length in shapes) / names
    return sum(size * stepped_flop(model, length, classes) for size, length in shapes) / names


def peak_flops(dtype: torch.dtype, seconds: float = 0.4, side: int = 2048) -> float:
    """FLOP/s of matrix products of ``side`` x ``side``, the best of those done in ``seconds``."""
    a, b = (torch.randn(side, side).to(dtype) for _ in range(2))
    best, finish = 0.0, time.perf_counter() + seconds
    while time.perf_counter() < finish:
        started = time.perf_counter()
        a @ b
        best = max(best, 2 * side**3 / (time.perf_counter() - started))
    return best


class Kernel:
    """Forward, backward and fused AdamW of our model on exact-length batches; no clipping, schedule or sums.

    Products are in bfloat16 where the recipes have them so.
    """

    def __init__(self, model: str, corpus: Corpus, rows: Sequence[int], batch_size: int) -> None:
        torch.manual_seed(0)
        self._net = building.build_network(model, SYMBOLS, HIDDEN, len(corpus.labels))
        self._net.low_precision = multiplies_bfloat16(CPU)
        generator = torch.Generator().manual_seed(0)
        batches = NameSet(corpus, rows, CPU).shuffled(batch_size, generator)
        self.flop = flop_per_name(model, batches, len(corpus.labels))
        self._train = trainer(self._net, itertools.cycle(batches), lambda batch: self._net(batch.letters))

    def names_per_second(self, seconds: float) -> float:
        """Train for about ``seconds``; names a second of wall time."""
        return self._train(seconds)


class Padded:
    """Plain mini-batches: rows at random, padded to the longest, read out at each name's last letter.

    The RNN is stepped letter by letter on one-hot letters; the others are one call of torch's module, the BiLSTM's on
    packed names, as its backward direction must not begin in the padding.
    """

    def __init__(self, model: str, corpus: Corpus, rows: Sequence[int], batch_size: int) -> None:
        torch.manual_seed(0)
        self._corpus, self._rows, self._size = corpus, list(rows), batch_size
        self._net = building.build_network(model, SYMBOLS, HIDDEN, len(corpus.labels))
        self.flop = stepped_flop(model, mean(len(corpus.names[row]) for row in rows), len(corpus.labels))
        read = {"rnn": self._read_rnn, "bilstm": self._read_bilstm}.get(model, self._read_layer)
        self._train = trainer(self._net, itertools.cycle(self._batches()), read)

    def names_per_second(self, seconds: float) -> float:
        """Train for about ``seconds``; names a second of wall time, encoding and padding not counted."""
        return self._train(seconds)

    def _batches(self) -> list[Batch]:
        order = [self._rows[i] for i in torch.randperm(len(self._rows)).tolist()]
        batches: list[Batch] = []
        for start in range(0, len(order), self._size):
            rows = order[start : start + self._size]
            codes = [torch.from_numpy(encode_names([self._corpus.names[row]])[0].astype("int64")) for row in rows]
            letters = nn.utils.rnn.pad_sequence(codes, batch_first=True, padding_value=-1)
            batches.append(Batch(letters, torch.from_numpy(self._corpus.targets[rows].astype("int64"))))
        return batches

    def _read_rnn(self, batch: Batch) -> Tensor:
        net, hidden, outputs = self._net, torch.zeros(len(batch.targets), HIDDEN), []
        for letter in _one_hot(batch.letters):
            combined = torch.cat((letter, hidden), 1)
            hidden = net.i2h(combined)  # type: ignore[operator]
            outputs.append(net.i2o(combined))  # type: ignore[operator]
        return _at_last_letter(torch.stack(outputs), batch.letters).log_softmax(1)

    def _read_layer(self, batch: Batch) -> Tensor:
        states, _ = self._layer()(_one_hot(batch.letters))
        return self._read_out(_at_last_letter(states, batch.letters))

    def _read_bilstm(self, batch: Batch) -> Tensor:
        lengths = (batch.letters >= 0).sum(1)
        packed = nn.utils.rnn.pack_padded_sequence(_one_hot(batch.letters), lengths, enforce_sorted=False)
        _, (hidden, _) = self._layer()(packed)
        return self._read_out(torch.cat(list(hidden), dim=1))

    def _layer(self) -> nn.RNNBase:
        return next(module for module in self._net.children() if isinstance(module, nn.RNNBase))

    def _read_out(self, hidden: Tensor) -> Tensor:
        logits: Tensor = self._net.i2o(hidden)  # type: ignore[operator]
        return logits.log_softmax(1)


def trainer(net: nn.Module, batches: Iterator[Batch], read: Callable[[Batch], Tensor]) -> Callable[[float], float]:
    """A function that trains ``net`` for some seconds, continuing where it was, and returns names a second."""
    optimizer = torch.optim.AdamW(net.parameters(), lr=1e-4, fused=True)

    def train(seconds: float) -> float:
        names, started = 0, time.perf_counter()
        while (elapsed := time.perf_counter() - started) < seconds:
            batch = next(batches)
            optimizer.zero_grad()
            F.nll_loss(read(batch), batch.targets).backward()  # type: ignore[no-untyped-call]
            optimizer.step()
            names += len(batch.targets)
        return names / elapsed

    return train


def _one_hot(letters: Tensor) -> Tensor:
    """(T, B, 57) floats of (B, T) codes; padding (-1) is all zeros."""
    return F.one_hot(letters.t() + 1, SYMBOLS + 1)[:, :, 1:].float()


def _at_last_letter(values: Tensor, letters: Tensor) -> Tensor:
    """(B, X) of (T, B, X) at each name's last letter."""
    return values[(letters >= 0).sum(1) - 1, torch.arange(len(letters))]
