"""What training yields at every batch boundary."""

from __future__ import annotations

from dataclasses import dataclass

from namestui.engine.training.metrics import Matrix


@dataclass(frozen=True, slots=True)
class BatchDone:
    """``batch`` of ``batches`` in ``epoch`` (both from 1) is trained."""

    epoch: int
    batch: int
    batches: int


@dataclass(frozen=True, slots=True)
class EpochDone:
    """What an epoch gave: losses in nats a name; ``matrix`` (C, C) of the validation part, rows true.

    ``gradient_norm`` is the mean over its batches, or over some of them, of the norm over all weights before clipping.
    """

    epoch: int
    train_loss: float
    validation_loss: float
    train_accuracy: float
    validation_accuracy: float
    macro_f1: float
    learning_rate: float
    gradient_norm: float
    seconds: float
    names_per_second: float
    matrix: Matrix
    is_best: bool


@dataclass(frozen=True, slots=True)
class LossNotFinite:
    """The loss of this batch, or its gradient, is NaN or infinite; no step was taken, and resuming tries it again."""

    epoch: int
    batch: int


Boundary = BatchDone | EpochDone | LossNotFinite
