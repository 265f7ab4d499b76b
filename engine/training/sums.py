"""What the epoch in progress has added up."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Self

import torch
from torch import Tensor

from namestui.engine.training.evaluation import zero_loss


@dataclass(slots=True)
class EpochSums:
    """Tensors stay on the device until someone asks."""

    loss: Tensor
    correct: Tensor
    names: int = 0
    seconds: float = 0.0
    norm: Tensor | float = 0.0
    """Of the gradients that were measured, before clipping, ``norms`` of them."""
    norms: int = 0

    @classmethod
    def zero(cls, device: torch.device) -> Self:
        """Before the first batch."""
        return cls(zero_loss(device), torch.zeros((), dtype=torch.int64, device=device))

    def mean_loss(self) -> float:
        """In nats a name; NaN before the first batch. Waits for the device."""
        return float(self.loss) / self.names if self.names else math.nan

    def mean_norm(self) -> float:
        """Mean norm of the gradients that were measured; NaN where none was. Waits for the device."""
        return float(self.norm) / self.norms if self.norms else math.nan

    def speed(self) -> float:
        """Names a second; 0 before the first batch."""
        return self.names / self.seconds if self.seconds else 0.0

    def state(self) -> dict[str, Any]:
        """As a checkpoint keeps it."""
        return {
            **{"loss": self.loss, "correct": self.correct, "names": self.names, "seconds": self.seconds},
            **{"norm": float(self.norm), "norms": self.norms},
        }

    @classmethod
    def restored(cls, state: dict[str, Any], device: torch.device) -> Self:
        """From ``state``; an older namestui measured no gradients."""
        loss, correct = (state[name].to(device).reshape(()) for name in ("loss", "correct"))
        norm, norms = float(state.get("norm", 0.0)), whole_number(state.get("norms", 0))
        return cls(loss, correct, whole_number(state["names"]), float(state["seconds"]), norm, norms)


def whole_number(value: object) -> int:
    """A number of a checkpoint that counts something.

    Raises:
        ValueError: it counts nothing.
    """
    if not isinstance(value, int) or value < 0:
        raise ValueError(f"{value!r:.40} counts nothing")
    return value
