"""Training as a generator: it yields at every batch boundary, where its caller may pause, save or ask."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from namestui.data.alphabet import ALPHABET
from namestui.data.corpus import Corpus
from namestui.data.splits import split_corpus
from namestui.engine.nets.building import initial_model
from namestui.engine.nets.devices import multiplies_bfloat16
from namestui.engine.nets.network import Network
from namestui.engine.training import metrics, optimiser
from namestui.engine.training.averaging import AveragedWeights, copies
from namestui.engine.training.batches import NameSet
from namestui.engine.training.boundaries import BatchDone, Boundary, EpochDone, LossNotFinite
from namestui.engine.training.evaluation import Evaluation, evaluate_names
from namestui.engine.training.loss import batch_loss, weights_by_class
from namestui.engine.training.recent import Recent
from namestui.engine.training.schedule import one_cycle
from namestui.engine.training.sums import EpochSums, whole_number
from namestui.runs.config import RunConfig

if TYPE_CHECKING:
    from namestui.engine.training.ranks import Ranks

NORM_EVERY = 16
"""Of so many batches the gradient of one is measured where none is clipped: it would cost the report's runs 2 % of
their time, and so costs 0.1 %."""


class Trainer:
    """One network, one corpus, one seed. ``epoch`` epochs are complete, and ``batch`` batches of the next one.

    ``model`` is trained. ``validated_model`` is what everything that is shown comes from, accuracy, matrix, probes and
    answers alike: the averaged weights where the config has them, else those of ``model``, as they are at this moment;
    after ``use_best_weights`` the best ones. It is a network of its own, so ``model`` is never changed but by training.
    """

    epoch: int
    batch: int
    best_epoch: int
    best_accuracy: float
    best_weights: dict[str, Tensor]
    validated_model: Network
    validation: Evaluation | None

    def run(self) -> Iterator[Boundary]:
        """Train until ``epochs`` epochs are complete, from wherever this trainer stands."""
        self.validated_model = self._newest_model
        while self.epoch < self.epochs:
            yield from self._train_epoch()
            yield self._finish_epoch()

    def _train_epoch(self) -> Iterator[Boundary]:
        # The order depends on seed and epoch alone, so that a resumed epoch continues where it was.
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
        # Elsewhere than on a CPU reading the loss would wait for the device; there the epoch's sum is read.
        if self.device.type == "cpu" and not math.isfinite(mean.item()):
            return False
        for weight in self._weights_trained:
            weight.grad = None
        loss.backward()  # type: ignore[no-untyped-call]
        if self.config.clip_norm:
            norm = optimiser.clip_gradients(self._weights_trained, self.config.clip_norm)
            known = norm.item() if self.device.type == "cpu" else norm
            if isinstance(known, float) and not math.isfinite(known):
                return False  # the loss was finite, its gradient is not: a step would poison the weights
            self._sums.norm, self._sums.norms = self._sums.norm + known, self._sums.norms + 1
        elif self.batch % NORM_EVERY == 0:
            self._sums.norm = self._sums.norm + optimiser.gradient_norm(self._weights_trained)
            self._sums.norms += 1
        optimiser.step(self.optimizer, self.learning_rate())
        if self.average is not None:
            self.average.follow()
        self._sums.loss += mean * len(targets)
        self._sums.correct += correct
        self._sums.names += len(targets)
        return True

    def _loss(self, letters: Tensor, targets: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """What to call ``backward`` on, the mean loss of the batch, and how many of it are classified right."""
        if self._ranks is not None and self._parallel is not None:
            return self._ranks.loss(self._parallel, letters, targets, self._class_weights)
        output = self.model(letters)
        loss = batch_loss(output, targets, self._class_weights)
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
            self.best_weights = copies(self._newest_model.state_dict())
        return EpochDone(
            epoch=self.epoch,
            train_loss=train_loss,
            validation_loss=validation.loss,
            train_accuracy=int(sums.correct) / sums.names,
            validation_accuracy=validation_accuracy,
            macro_f1=metrics.macro_f1(validation.matrix),
            learning_rate=rate,
            gradient_norm=sums.mean_norm(),
            seconds=sums.seconds,
            names_per_second=sums.speed(),
            matrix=validation.matrix,
            is_best=is_best,
        )

    def _begin_next_epoch(self) -> None:
        self.epoch += 1
        self.batch = 0
        self._sums = EpochSums.zero(self.device)

    def follow(self) -> Iterator[None]:
        """As ``run``, and as often, for the ranks above 0: validation is left to rank 0."""
        while self.epoch < self.epochs:
            for _ in self._train_epoch():
                yield
            self._begin_next_epoch()
            yield

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
        self._class_weights = weights_by_class(config, corpus, self.parts.train, device)
        self.average = AveragedWeights(self.model, config.ema) if config.ema else None
        self._newest_model: Network = self.model if self.average is None else self.average.model
        self.validated_model = self._newest_model
        self.optimizer = optimiser.make_optimizer(config, self.model)
        self._weights_trained = list(self.model.parameters())  # made once: it takes longer to make than to use
        self.epochs = config.epochs
        self.epoch = 0
        self.batch = 0
        self.batches = self.train_set.batch_count(config.batch_size)
        self.best_epoch = 0
        self.best_accuracy = -1.0
        self.best_weights = copies(self.model.state_dict())
        self.validation = None
        self._sums = EpochSums.zero(device)
        self._recent = Recent()

    def loss_so_far(self) -> float:
        """Mean training loss of the epoch in progress; NaN before its first batch. Waits for the device."""
        return self._sums.mean_loss()

    def recent_loss(self) -> float:
        """As ``loss_so_far``; of a GPU, which is not waited for, what it was when last asked, NaN at first."""
        if self.device.type != "cuda":
            return self.loss_so_far()
        return self._recent.mean(self._sums.loss, self._sums.names, self.epoch)

    def names_per_second(self) -> float:
        """Training speed of the epoch in progress; 0 before its first batch."""
        return self._sums.speed()

    def weights_are_finite(self) -> bool:
        """Whether no weight is NaN or infinite."""
        return all(bool(torch.isfinite(weight).all()) for weight in self.model.state_dict().values())

    def use_best_weights(self) -> None:
        """Let ``validated_model`` be the one with the best validation accuracy: for the test, and for answers after
        the run."""
        self.validated_model = self.model.with_weights(self.best_weights)

    def is_out_of_patience(self) -> bool:
        """Whether the last ``patience`` epochs have brought no better validation accuracy."""
        return 0 < self.config.patience <= self.epoch - self.best_epoch

    def learning_rate(self) -> float:
        """The rate of the next step."""
        if self.config.optimizer == "sgd":
            return self.config.learning_rate
        steps = self.config.epochs * self.batches
        return one_cycle(self.epoch * self.batches + self.batch, steps, self.config.learning_rate)

    def validated(self) -> Evaluation:
        """How the last epoch did on the validation part."""
        if self.validation is None:
            self.validation = evaluate_names(self._newest_model, self.validation_set, len(self.corpus.labels))
        return self.validation

    def test_matrix(self) -> metrics.Matrix:
        """Confusion matrix (C, C) of the test part by ``validated_model``."""
        names = NameSet(self.corpus, self.parts.test, self.device)
        return evaluate_names(self.validated_model, names, len(self.corpus.labels)).matrix

    def state(self) -> dict[str, Any]:
        """Everything needed to resume bit-identically: tensors, numbers and strings only."""
        return {
            "model": self.model.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "torch_rng": torch.get_rng_state(),
            "epoch": self.epoch,
            "batch": self.batch,
            "sums": self._sums.state(),
            "average": None if self.average is None else dict(self.average.model.state_dict()),
            "best_epoch": self.best_epoch,
            "best_accuracy": self.best_accuracy,
            "best_weights": self.best_weights,
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Go back to where ``state`` was taken.

        Raises:
            KeyError, TypeError, ValueError, RuntimeError: it is that of another network, or no state at all; part of
                it may have been taken.
        """
        self.model.load_state_dict(state["model"])
        optimiser.restore_optimizer(self.optimizer, state["optimizer"])
        if self.average is not None:
            self.average.model.load_state_dict(state["average"])
        best = self.model.with_weights(copies(self.model.state_dict()))
        best.load_state_dict(state["best_weights"])
        torch.set_rng_state(state["torch_rng"].cpu())
        self._sums = EpochSums.restored(state["sums"], self.device)
        self.validation = None
        self.validated_model = self._newest_model
        self.epoch, self.batch = whole_number(state["epoch"]), whole_number(state["batch"])
        self.best_epoch, self.best_accuracy = whole_number(state["best_epoch"]), float(state["best_accuracy"])
        self.best_weights = dict(best.state_dict())
