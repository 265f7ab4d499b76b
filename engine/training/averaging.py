"""The weights that are validated and kept: an average over the steps of those that are trained."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor

from namestui.engine.nets.network import Network


class AveragedWeights:
    """``model`` is a network of its own, whose weights follow those of the trained one: w += (1 - decay) (trained - w)
    after every step. Nothing ever has to be put into the trained network, or taken out again."""

    def __init__(self, trained: Network, decay: float) -> None:
        """It begins with the weights that ``trained`` has."""
        self.model = trained.with_weights(copies(trained.state_dict()))
        # Made once: they take longer to make than to use, and load_state_dict copies into these tensors.
        self._own = list(self.model.state_dict().values())
        self._trained = list(trained.state_dict().values())
        self._share = 1 - decay

    def follow(self) -> None:
        """A step was taken."""
        torch._foreach_lerp_(self._own, self._trained, self._share)


def copies(weights: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Tensors of their own with the same values."""
    return {name: weight.detach().clone() for name, weight in weights.items()}
