"""What is minimised: the mean over the names of a batch, those of rare classes weighted more where that is wanted."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from namestui.data.corpus import Corpus
from namestui.data.name_array import Rows
from namestui.runs.config import RunConfig


def batch_loss(output: Tensor, targets: Tensor, class_weights: Tensor | None) -> Tensor:
    """Of log-probabilities ``output`` (B, C), targets (B,) and weights (C,)."""
    if class_weights is None:
        return F.nll_loss(output, targets)
    return F.nll_loss(output, targets, class_weights, reduction="sum") / len(targets)


def weights_by_class(config: RunConfig, corpus: Corpus, rows: Rows, device: torch.device) -> Tensor | None:
    """Weights (C,) of the loss by class, 1 in the mean over the training names; None where all are equal."""
    if not config.class_weight:
        return None
    names = np.bincount(corpus.targets[np.asarray(rows)], minlength=len(corpus.labels)).astype(np.float64)
    weights = names**-config.class_weight
    weights *= names.sum() / (names * weights).sum()
    return torch.from_numpy(weights).to(dtype=torch.float32, device=device)
