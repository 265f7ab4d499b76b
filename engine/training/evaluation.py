"""How a network does on names: its loss, its confusion matrix, and what it says of each."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from namestui.engine.nets.network import Network
from namestui.engine.training.batches import NameSet
from namestui.engine.training.metrics import Matrix

EVALUATION_BATCH = 4096


@dataclass(frozen=True, slots=True)
class Evaluation:
    """``loss`` in nats a name; ``matrix`` (C, C), rows true; for each name in the order of the set's ``rows`` the
    ``predicted`` class (N,) and its probability, ``confidence`` (N,)."""

    loss: float
    matrix: Matrix
    predicted: Tensor
    confidence: Tensor


@torch.no_grad()
def evaluate_names(model: Network, names: NameSet, classes: int) -> Evaluation:
    """How ``model``, which is put into evaluation mode, does on ``names`` (at least one)."""
    model.eval()
    device = next(model.parameters()).device
    loss = zero_loss(device)
    cells = torch.zeros(classes * classes, dtype=torch.int64, device=device)
    predicted: list[Tensor] = []
    confidence: list[Tensor] = []
    for letters, targets in names.in_order(EVALUATION_BATCH):
        output = model(letters)  # (B, C)
        loss += F.nll_loss(output, targets, reduction="sum")
        best = output.max(dim=1)
        cells += torch.bincount(targets * classes + best.indices, minlength=classes * classes)
        predicted.append(best.indices)
        confidence.append(best.values.exp())
    return Evaluation(
        loss=float(loss) / len(names),
        matrix=cells.cpu().numpy().astype(np.int64).reshape(classes, classes),
        predicted=torch.cat(predicted),
        confidence=torch.cat(confidence),
    )


def zero_loss(device: torch.device) -> Tensor:
    """Where losses are added up; MPS has no float64."""
    return torch.zeros((), dtype=torch.float64 if device.type != "mps" else torch.float32, device=device)
