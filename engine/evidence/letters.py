"""Networks whose scores are sums over letters taken apart, exactly: the report's RNN, since it bends nowhere."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from namestui.data.corpus import Corpus
from namestui.data.name_array import Rows
from namestui.engine.nets.network import LetterTable, Network
from namestui.runs.events import LetterScore, finite

AT_ONCE = 4096
"""Names that are added up at once."""


@torch.no_grad()
def letter_contributions(
    model: Network, letters: Tensor, read: str, label: int
) -> tuple[list[LetterScore], float | None]:
    """What each letter of ``read`` adds to the score of class ``label``, and what the output bias adds, in nats.

    A score is counted from the mean of all classes' scores, so letters and bias add up to
    ``log p(label) - mean over all classes of log p``: the normalisation of the softmax is the same for all and goes
    out. What the bias of i2h adds for there being a letter at all counts as that letter's. ``letters`` (1, T) is the
    name as the network reads it. ``([], None)`` where the network is no such sum, and where its numbers are not
    finite.
    """
    length = letters.shape[1]
    table = model.letter_scores(length)
    if table is None:
        return [], None
    distances = torch.arange(length - 1, -1, -1, device=letters.device)
    scores = table.scores[distances, letters[0]].cpu().double()  # (T, C); MPS has no float64
    own = (scores[:, label] - scores.mean(dim=1)).tolist()
    biases = table.bias.cpu().double()
    bias = float(biases[label] - biases.mean())
    if not all(map(math.isfinite, [*own, bias])):
        return [], None
    found = [LetterScore(letter=letter, score=score) for letter, score in zip(read, own, strict=True)]
    return found, bias


class ByDistance:
    """A corpus's ``rows`` (N,) read by a table of their letters from the last one back, a distance at a time.

    ``correct`` (N,): whether a name is classified rightly; ``hits[k]`` (N,): whether it is by its last k letters
    alone. ``contributions[d]``: the mean, over the names that have a letter at distance d from their last one, of the
    absolute value of what that letter adds to the score of the true class minus the mean score of the other classes
    (nats; None where no name is that long).
    """

    def __init__(
        self, table: LetterTable, corpus: Corpus, rows: Rows, endings: Sequence[int], contributions: int
    ) -> None:
        """``table`` is as long as the longest name; ``endings`` are the k of ``hits``; ``contributions`` says for how
        many distances these are wanted."""
        chosen = np.asarray(rows, dtype=np.int64)
        self.correct = np.zeros(len(chosen), dtype=np.bool_)
        self.hits = {letters: np.zeros(len(chosen), dtype=np.bool_) for letters in endings}
        self._sums, self._names = np.zeros(contributions), np.zeros(contributions, dtype=np.int64)
        for first in range(0, len(chosen), AT_ONCE):
            part = slice(first, first + AT_ONCE)
            self._read(table, corpus, chosen[part], part)

    @property
    def contributions(self) -> list[float | None]:
        """By distance."""
        return [
            finite(float(total / names)) if names else None
            for total, names in zip(self._sums, self._names, strict=True)
        ]

    @torch.no_grad()
    def _read(self, table: LetterTable, corpus: Corpus, rows: npt.NDArray[np.int64], part: slice) -> None:
        names = corpus.names
        last = names.starts[rows] + names.lengths[rows] - 1
        lengths = names.lengths[rows]
        targets = torch.from_numpy(corpus.targets[rows].astype(np.int64))
        logits = table.bias.repeat(len(rows), 1)  # (B, C)
        classes = logits.shape[1]
        for distance in range(max(len(table.scores), max(self.hits, default=0))):
            there = np.flatnonzero(lengths > distance)
            if len(there):
                at = torch.from_numpy(there)
                letters = torch.from_numpy(names.letters[last[there] - distance].astype(np.int64))
                added = table.scores[distance][letters]  # (B', C)
                logits[at] += added
                if distance < len(self._sums) and classes > 1:
                    own = added.gather(1, targets[at].unsqueeze(1)).squeeze(1)
                    others = (added.sum(dim=1) - own) / (classes - 1)
                    self._sums[distance] += float((own - others).abs().sum(dtype=torch.float64))
                    self._names[distance] += len(there)
            if distance + 1 in self.hits:
                self.hits[distance + 1][part] = (logits.argmax(1) == targets).numpy()
        self.correct[part] = (logits.argmax(1) == targets).numpy()
