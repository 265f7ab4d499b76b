"""How a run's best weights do on names that they were neither trained nor chosen on."""

from __future__ import annotations

import numpy as np
import torch
from torch import nn

from namestui.data.corpus import Corpus
from namestui.engine.training import metrics
from namestui.engine.training.batches import NameSet
from namestui.engine.training.trainer import EVALUATION_BATCH
from namestui.runs.scores import Scores


@torch.no_grad()
def score(model: nn.Module, classes: list[str], corpus: Corpus, rows: list[int]) -> Scores:
    """Score ``rows`` (at least one) of ``corpus``, whose labels are among ``classes``."""
    model.eval()
    numbers = torch.tensor([classes.index(label) for label in corpus.labels])
    matrix = np.zeros((len(classes), len(classes)), dtype=np.int64)
    for letters, targets in NameSet(corpus, rows, torch.device("cpu")).in_order(EVALUATION_BATCH):
        np.add.at(matrix, (numbers[targets].numpy(), model(letters).argmax(1).numpy()), 1)
    accuracy = metrics.accuracy(matrix)
    low, high = metrics.wilson_interval(accuracy, len(rows))
    return Scores(
        rows=len(rows),
        accuracy=accuracy,
        low=low,
        high=high,
        macro_f1=metrics.macro_f1(matrix),
        by_class=metrics.by_class(matrix),
    )
