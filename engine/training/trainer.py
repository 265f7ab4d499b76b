"""Training as a generator: it yields at every batch boundary, where its caller may pause, save or ask."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from namestui.data.alphabet import ALPHABET
from namestui.data.corpus import Corpus
from namestui.data.name_array import Rows
from namestui.data.splits import split_corpus
from namestui.engine.nets import models
from namestui.engine.nets.devices import multiplies_bfloat16
from namestui.engine.training import metrics, optimiser
from namestui.engine.training.batches import NameSet
from namestui.engine.training.recent import Recent
from namestui.engine.training.schedule import one_cycle
from namestui.runs.config import RunConfig

if TYPE_CHECKING:
    from namestui.engine.training.ranks import Ranks

EVALUATION_BATCH = 4096


@dataclass(frozen=True, slots=True)
class BatchDone:
    """``batch`` of ``batches`` in ``epoch`` (both from 1) is trained."""

    epoch: int
    batch: int
    batches: int


@dataclass(frozen=True, slots=True)
class EpochDone:
    """What an epoch gave: losses in nats a name; ``matrix`` (C, C) of the validation part, rows true."""

    epoch: int
    train_loss: float
    validation_loss: float
    train_accuracy: float
    validation_accuracy: float
    macro_f1: float
    learning_rate: float
    seconds: float
    names_per_second: float
    matrix: metrics.Matrix
    is_best: bool


@dataclass(frozen=True, slots=True)
class LossNotFinite:
    """The loss of this batch, or its gradient, is NaN or infinite; no step was taken, and going on tries it again."""

    epoch: int
    batch: int


Step = BatchDone | EpochDone | LossNotFinite


@dataclass(frozen=True, slots=True)
class Evaluation:
    """``loss`` in nats a name; ``matrix`` (C, C), rows true; for each name in the order of the set's ``rows`` the
    ``predicted`` class (N,) and its probability, ``confidence`` (N,)."""

    loss: float
    matrix: metrics.Matrix
    predicted: Tensor
    confidence: Tensor


@dataclass(slots=True)
class _Sums:
    """What the epoch in progress has added up; tensors stay on the device until someone asks."""

    loss: Tensor
    correct: Tensor
    names: int = 0
    seconds: float = 0.0


class Trainer:
    """One network, one corpus, one seed. ``epoch`` epochs are complete, and ``batch`` batches of the next one."""

    def __init__(
        self,
        config: RunConfig,
        corpus: Corpus,
        device: torch.device,
        ranks: Ranks | None = None,
        *,
        weights: Mapping[str, Tensor] | None = None,
    ) -> None:
        """With ``ranks`` all of them build a trainer at once, and take every step together; rank 0's weights count.

        ``weights`` take the place of the random ones that have the same names.

        Raises:
            CorpusError: the corpus cannot be split.
            RuntimeError: ``weights`` do not fit the network.
        """
        self.config = config
        self.corpus = corpus
        self.device = device
        self.parts = split_corpus(corpus, config.split, config.split_seed)
        self.train_set = NameSet(corpus, self.parts.train, device)
        self.validation_set = NameSet(corpus, self.parts.validation, device)
        self.model = initial_model(config, len(corpus.labels)).to(device)
        self.model.load_state_dict({**self.model.state_dict(), **(weights or {})})
        self.model.dropout = config.dropout
        self.model.low_precision = config.precision == "bfloat16" or (
            config.precision == "auto" and multiplies_bfloat16(device)
        )
        self._ranks = ranks
        self._parallel = None
        if ranks is not None:
            self._parallel = ranks.parallel(self.model, device, one_letter=any(len(name) == 1 for name in corpus.names))
        self._class_weights = _class_weights(config, corpus, self.parts.train, device)
        self.average = self._weights() if config.ema else None
        self.optimizer = _optimizer(config, self.model)
        # Made once: both take longer to make than to use. load_state_dict copies into these tensors.
        self._weights_trained = list(self.model.parameters())
        self._weights_live = list(self.model.state_dict().values())
        self.epochs = config.epochs
        self.epoch = 0
        self.batch = 0
        self.batches = self.train_set.batch_count(config.batch_size)
        self.best_epoch = 0
        self.best_accuracy = -1.0
        self.best_weights: dict[str, Tensor] = self._weights()
        self.validation: Evaluation | None = None
        self._sums = self._new_sums()
        self._recent = Recent()

    def run(self) -> Iterator[Step]:
        """Train until ``epochs`` epochs are complete, from wherever this trainer stands."""
        while self.epoch < self.epochs:
            yield from self._epoch_batches()
            yield self._finish_epoch()

    def follow(self) -> Iterator[None]:
        """As ``run``, and as often, for the ranks above 0: validation is left to rank 0."""
        while self.epoch < self.epochs:
            for _ in self._epoch_batches():
                yield
            self._begin_next_epoch()
            yield

    def loss_so_far(self) -> float:
        """Mean training loss of the epoch in progress; NaN before its first batch. Waits for the device."""
        return float(self._sums.loss) / self._sums.names if self._sums.names else math.nan

    def recent_loss(self) -> float:
        """As ``loss_so_far``; of a GPU, which is not waited for, what it was when last asked, NaN at first."""
        if self.device.type != "cuda":
            return self.loss_so_far()
        return self._recent.mean(self._sums.loss, self._sums.names, self.epoch)

    def names_per_second(self) -> float:
        """Training speed of the epoch in progress; 0 before its first batch."""
        return self._sums.names / self._sums.seconds if self._sums.seconds else 0.0

    def weights_are_finite(self) -> bool:
        """Whether no weight is NaN or infinite."""
        return all(bool(torch.isfinite(weight).all()) for weight in self.model.state_dict().values())

    def use_best_weights(self) -> None:
        """Put the best validated weights into the model: for the test, and for predictions after the run."""
        self.model.load_state_dict(self.best_weights)

    def is_out_of_patience(self) -> bool:
        """Whether the last ``patience`` epochs have brought no better validation accuracy."""
        return 0 < self.config.patience <= self.epoch - self.best_epoch

    def learning_rate(self) -> float:
        """The rate of the next step."""
        if self.config.optimizer == "sgd":
            return self.config.learning_rate
        steps = self.config.epochs * self.batches
        return one_cycle(self.epoch * self.batches + self.batch, steps, self.config.learning_rate)

    def state(self) -> dict[str, Any]:
        """Everything needed to go on bit-identically: tensors, numbers and strings only."""
        return {
            "model": self.model.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "torch_rng": torch.get_rng_state(),
            "epoch": self.epoch,
            "batch": self.batch,
            "sums": {
                "loss": self._sums.loss,
                "correct": self._sums.correct,
                "names": self._sums.names,
                "seconds": self._sums.seconds,
            },
            "average": self.average,
            "best_epoch": self.best_epoch,
            "best_accuracy": self.best_accuracy,
            "best_weights": self.best_weights,
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Go back to where ``state`` was taken."""
        self.model.load_state_dict(state["model"])
        self.optimizer.load_state_dict(state["optimizer"])
        torch.set_rng_state(state["torch_rng"].cpu())
        self.validation = None
        self.epoch = state["epoch"]
        self.batch = state["batch"]
        sums = state["sums"]
        self._sums = _Sums(
            sums["loss"].to(self.device), sums["correct"].to(self.device), sums["names"], sums["seconds"]
        )
        average = state.get("average")
        self.average = None if average is None else {name: weight.to(self.device) for name, weight in average.items()}
        self.best_epoch = state["best_epoch"]
        self.best_accuracy = state["best_accuracy"]
        self.best_weights = {name: weight.to(self.device) for name, weight in state["best_weights"].items()}

    @torch.no_grad()
    def evaluate(self, names: NameSet) -> Evaluation:
        """How the weights of this moment do on ``names``."""
        self.model.eval()
        classes = len(self.corpus.labels)
        loss = torch.zeros((), dtype=self._sums.loss.dtype, device=self.device)
        cells = torch.zeros(classes * classes, dtype=torch.int64, device=self.device)
        predicted: list[Tensor] = []
        confidence: list[Tensor] = []
        for letters, targets in names.in_order(EVALUATION_BATCH):
            output = self.model(letters)  # (B, C)
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

    def validated(self) -> Evaluation:
        """How the last epoch did on the validation part, with the averaged weights where there are any."""
        if self.validation is None:
            with self._averaged():
                self.validation = self.evaluate(self.validation_set)
        return self.validation

    def test_matrix(self) -> metrics.Matrix:
        """Confusion matrix (C, C) of the test part by the weights of this moment."""
        return self.evaluate(NameSet(self.corpus, self.parts.test, self.device)).matrix

    def _epoch_batches(self) -> Iterator[Step]:
        # The order depends on seed and epoch alone, so that a resumed epoch goes on where it was.
        generator = torch.Generator().manual_seed(self.config.seed * 1_000_003 + self.epoch)
        started = time.perf_counter()
        batches = self.train_set.shuffled(self.config.batch_size, generator)
        while self.batch < self.batches:
            finite = self._train_batch(*batches[self.batch])
            self._sums.seconds += time.perf_counter() - started
            if finite:
                self.batch += 1
                yield BatchDone(self.epoch + 1, self.batch, self.batches)
            else:
                yield LossNotFinite(self.epoch + 1, self.batch + 1)
            started = time.perf_counter()

    def _train_batch(self, letters: Tensor, targets: Tensor) -> bool:
        """One step of the optimiser; False, and nothing changed, where the loss is not finite."""
        if not self.model.training:
            self.model.train()
        if self.config.letter_dropout:
            dropped = torch.rand(letters.shape, device=letters.device) < self.config.letter_dropout
            letters = letters.masked_fill(dropped, len(ALPHABET))
        loss, mean, correct = self._loss(letters, targets)
        # Elsewhere than on a CPU looking at the loss would wait for the device; there the epoch's sum is looked at.
        if self.device.type == "cpu" and not math.isfinite(mean.item()):
            return False
        for weight in self._weights_trained:
            weight.grad = None
        loss.backward()  # type: ignore[no-untyped-call]
        if self.config.clip_norm:
            norm = optimiser.clip_gradients(self._weights_trained, self.config.clip_norm)
            if self.device.type == "cpu" and not math.isfinite(norm.item()):
                return False  # the loss was finite, its gradient is not: a step would poison the weights
        optimiser.step(self.optimizer, self.learning_rate())
        if self.average is not None:
            torch._foreach_lerp_(list(self.average.values()), self._weights_live, 1 - self.config.ema)
        self._sums.loss += mean * len(targets)
        self._sums.correct += correct
        self._sums.names += len(targets)
        return True

    def _loss(self, letters: Tensor, targets: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """What to call ``backward`` on, the mean loss of the batch, and how many of it are classified right."""
        if self._ranks is not None and self._parallel is not None:
            return self._ranks.loss(self._parallel, letters, targets, self._class_weights)
        output = self.model(letters)
        if self._class_weights is None:
            loss = F.nll_loss(output, targets)
        else:
            loss = F.nll_loss(output, targets, self._class_weights, reduction="sum") / len(targets)
        return loss, loss.detach(), (output.argmax(1) == targets).sum()

    def _finish_epoch(self) -> EpochDone:
        started = time.perf_counter()
        train_loss = self.loss_so_far()  # waits for the device
        self._sums.seconds += time.perf_counter() - started
        sums, rate = self._sums, self.optimizer.param_groups[0]["lr"]
        self.validation = None
        validation = self.validated()
        validation_accuracy = metrics.accuracy(validation.matrix)
        is_best = validation_accuracy > self.best_accuracy and math.isfinite(validation.loss)
        self._begin_next_epoch()
        if is_best:
            self.best_epoch, self.best_accuracy = self.epoch, validation_accuracy
            self.best_weights = self._weights() if self.average is None else _copies(self.average)
        return EpochDone(
            epoch=self.epoch,
            train_loss=train_loss,
            validation_loss=validation.loss,
            train_accuracy=int(sums.correct) / sums.names,
            validation_accuracy=validation_accuracy,
            macro_f1=metrics.macro_f1(validation.matrix),
            learning_rate=rate,
            seconds=sums.seconds,
            names_per_second=sums.names / sums.seconds,
            matrix=validation.matrix,
            is_best=is_best,
        )

    def _begin_next_epoch(self) -> None:
        self.epoch += 1
        self.batch = 0
        self._sums = self._new_sums()

    def _weights(self) -> dict[str, Tensor]:
        return _copies(self.model.state_dict())

    @contextmanager
    def _averaged(self) -> Iterator[None]:
        """Within the block the model has the averaged weights, where there are any."""
        if self.average is None:
            yield
            return
        weights = self._weights()
        self.model.load_state_dict(self.average)
        yield
        self.model.load_state_dict(weights)

    def _new_sums(self) -> _Sums:
        return _Sums(
            torch.zeros((), dtype=torch.float64 if self.device.type != "mps" else torch.float32, device=self.device),
            torch.zeros((), dtype=torch.int64, device=self.device),
        )


def initial_model(config: RunConfig, classes: int) -> models.Network:
    """The network of a run before its first step; seeds torch's global generator."""
    torch.manual_seed(config.seed)
    model = models.build(config.model, len(ALPHABET), config.hidden_size, classes)
    if isinstance(model, models.LSTM):
        model.open_forget_gate(config.forget_bias)
    return model


def _optimizer(config: RunConfig, model: torch.nn.Module) -> torch.optim.Optimizer:
    """All on one call a step where the device has fused optimisers."""
    rate, decay = config.learning_rate, config.weight_decay
    if config.optimizer == "sgd":
        return torch.optim.SGD(model.parameters(), lr=rate, weight_decay=decay, fused=True)
    return torch.optim.AdamW(model.parameters(), lr=rate, weight_decay=decay, fused=True)


def _class_weights(config: RunConfig, corpus: Corpus, rows: Rows, device: torch.device) -> Tensor | None:
    """Weights (C,) of the loss by class, 1 in the mean over the training names; None where all are equal."""
    if not config.class_weight:
        return None
    names = np.bincount(corpus.targets[np.asarray(rows)], minlength=len(corpus.labels)).astype(np.float64)
    weights = names**-config.class_weight
    weights *= names.sum() / (names * weights).sum()
    return torch.from_numpy(weights).to(dtype=torch.float32, device=device)


def _copies(weights: Mapping[str, Tensor]) -> dict[str, Tensor]:
    return {name: weight.detach().clone() for name, weight in weights.items()}
