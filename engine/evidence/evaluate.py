"""How a run's best weights do on names that they were neither trained nor chosen on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import nn

from namestui.data.corpus import Corpus
from namestui.engine.training import metrics
from namestui.engine.training.batches import NameSet
from namestui.engine.training.trainer import EVALUATION_BATCH
from namestui.runs.events import ClassScore


@dataclass(frozen=True, slots=True)
class Score:
    """``low`` to ``high``: 95 % Wilson interval of ``accuracy``; ``by_class`` in the order of the network's classes."""

    rows: int
    accuracy: float
    low: float
    high: float
    macro_f1: float
    by_class: list[ClassScore]


@torch.no_grad()
def score(model: nn.Module, classes: list[str], corpus: Corpus, rows: list[int]) -> Score:
    """Score ``rows`` (at least one) of ``corpus``, whose labels are among ``classes``."""
    model.eval()
    numbers = torch.tensor([classes.index(label) for label in corpus.labels])
    matrix = np.zeros((len(classes), len(classes)), dtype=np.int64)
    for letters, targets in NameSet(corpus, rows, torch.device("cpu")).in_order(EVALUATION_BATCH):
        np.add.at(matrix, (numbers[targets].numpy(), model(letters).argmax(1).numpy()), 1)
    accuracy = metrics.accuracy(matrix)
    low, high = metrics.wilson_interval(accuracy, len(rows))
    return Score(len(rows), accuracy, low, high, metrics.macro_f1(matrix), metrics.by_class(matrix))
