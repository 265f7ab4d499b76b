"""How a run's best weights do on names that they were neither trained nor chosen on."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch

from namestui.data.corpus import Corpus
from namestui.data.name_array import Rows
from namestui.engine.nets.network import Network
from namestui.engine.training import metrics
from namestui.engine.training.batches import NameSet
from namestui.engine.training.evaluation import EVALUATION_BATCH
from namestui.runs.scores import Scores


@torch.no_grad()
def score_names(model: Network, classes: Sequence[str], corpus: Corpus, rows: Rows) -> Scores:
    """Score ``rows`` (at least one) of ``corpus``, whose labels are among ``classes``."""
    model.eval()
    numbers = torch.tensor([classes.index(label) for label in corpus.labels])
    matrix = np.zeros((len(classes), len(classes)), dtype=np.int64)
    for letters, targets in NameSet(corpus, rows, torch.device("cpu")).in_order(EVALUATION_BATCH):
        np.add.at(matrix, (numbers[targets].numpy(), model(letters).argmax(1).numpy()), 1)
    return metrics.scores_of(matrix)
