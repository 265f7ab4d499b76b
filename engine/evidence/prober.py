"""When a run's network is probed while it trains, and what its record keeps of that."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
from torch import Tensor

from namestui.engine.evidence.probes import LENGTHS, Probe, probe, sample
from namestui.runs.events import EndingScore, GateUse, LengthScore, Probed

if TYPE_CHECKING:
    from namestui.engine.training.trainer import Trainer

SHARE = 0.02
"""Of the seconds that training takes, the share that probes between the required ones may take together with these."""


class Budget:
    """``spent`` and ``trained`` seconds, over all workers that a run has had; ``last`` is what the last probe took."""

    def __init__(self, spent: float = 0.0, trained: float = 0.0, last: float = 0.0) -> None:
        self.spent, self.trained, self.last = spent, trained, last

    def allows_one_more(self, expected: float) -> bool:
        """Whether a probe that takes what the last one took stays within the share of what has been trained, and
        leaves room for the two at the end within that of the seconds ``expected`` in all."""
        return self.spent + self.last <= SHARE * self.trained and self.spent + 3 * self.last <= SHARE * expected

    def spend(self, seconds: float) -> None:
        """A probe has taken ``seconds``."""
        self.spent += seconds
        self.last = seconds


class Prober:
    """Probes a network before its first step, after its first epoch, at its end (the last epoch's weights and the
    best ones), and between as the budget allows; at each epoch once in the life of the run."""

    def __init__(
        self, probed: Iterable[Probed], trained: float, clock: Callable[[], float] = time.perf_counter
    ) -> None:
        """``probed`` is what the record holds; ``trained`` the seconds of the epochs in it."""
        self.budget = Budget(trained=trained)
        self._epochs: set[int] = set()
        self._clock = clock
        self._failed = False
        for one in probed:
            self.budget.spend(one.seconds)
            self._epochs.add(one.epoch)

    def is_due(self, epoch: int, planned: int, *, always: bool) -> bool:
        """Whether the network of ``epoch`` (of ``planned``) is to be probed; ``always`` where that is required.

        After a failure only what is required is tried again: a fault that stays is not to be reported every epoch.
        """
        if epoch in self._epochs or always:
            return epoch not in self._epochs
        return not self._failed and self.budget.allows_one_more(self.budget.trained * planned / max(epoch, 1))

    def probe(self, trainer: Trainer, epoch: int, weights: Mapping[str, Tensor] | None = None) -> dict[str, Any]:
        """The fields of ``probed`` for the weights that the last epoch was validated with, or for ``weights``.

        Nothing of the trainer is changed, and no random number drawn: training continues as if there were no probes.
        """
        started, self._failed = self._clock(), True
        try:
            rows = sample(trainer.parts.validation)
            known = None if weights is not None else _known(trainer, rows)
            if weights is None:
                weights = trainer.validated_model.state_dict()
            on_cpu = {name: weight.cpu() for name, weight in weights.items()}
            found = probe(trainer.model.with_weights(on_cpu), trainer.corpus, rows, correct=known)
        finally:
            self.budget.spend(self._clock() - started)
        self._epochs.add(epoch)
        self._failed = False
        measured = fields(found, trainer.corpus.names.lengths[rows])
        return {"epoch": epoch, "seconds": _rounded(self.budget.last), **measured}


def fields(found: Probe, lengths: npt.NDArray[np.integer[Any]]) -> dict[str, Any]:
    """What ``probed`` says of a probe on names of these ``lengths`` (N,), to five digits: the record stays small."""
    by_length = []
    for low, high in LENGTHS:
        chosen = (lengths >= low) & (lengths <= high)
        names = int(chosen.sum())
        accuracy = _rounded(float(found.correct[chosen].mean())) if names else None
        by_length.append(LengthScore(low=low, high=high, names=names, accuracy=accuracy))
    return {
        "names": len(found.correct),
        "accuracy": _rounded(found.accuracy),
        "by_length": by_length,
        "by_ending": [EndingScore(letters=k, accuracy=round(share, 5)) for k, share in found.by_suffix.items()],
        "gradients": [_rounded(share) for share in found.gradients or []],
        "last_gradient": _rounded(found.last_gradient),
        "spectral_radius": _rounded(found.spectral_radius),
        "gates": [
            GateUse(gate=use.gate, mean=_rounded(use.mean), shut=_rounded(use.shut), open=_rounded(use.open))
            for use in found.gates
        ],
        "contributions": [_rounded(nats) for nats in found.contributions],
    }


def _known(trainer: Trainer, rows: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_] | None:
    """Whether each of ``rows`` was classified rightly when the last epoch was validated, if that is at hand."""
    if trainer.validation is None:
        return None
    validated = trainer.validation_set.rows
    order = np.argsort(validated)
    predicted = trainer.validation.predicted.cpu().numpy()[order[np.searchsorted(validated, rows, sorter=order)]]
    hits: npt.NDArray[np.bool_] = predicted == trainer.corpus.targets[rows]
    return hits


def _rounded(value: float | None) -> float | None:
    return None if value is None or not math.isfinite(value) else float(f"{value:.5g}")
