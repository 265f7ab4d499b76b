"""What every network is to those that train it, ask it and inspect it."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import ClassVar, NamedTuple, Self

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from namestui.engine.nets.gates import GateLayer


class Share(NamedTuple):
    """The ``rows`` that a network gets of a batch of ``names`` names, where several processes train together."""

    rows: slice
    names: int


class LetterTable(NamedTuple):
    """Logits that are sums over letters: what a letter at distance k from the last one adds, ``scores`` (T, V+1, C)
    with the blank letter last, and the ``bias`` (C,)."""

    scores: Tensor
    bias: Tensor


NETWORKS: dict[str, type[Network]] = {}
"""The class of each model, by the name that ``runs/models.py`` has for it."""


class Network(nn.Module):
    """A network for letters ``(B, T)``, whose ``forward`` gives log-probabilities ``(B, C)`` after the last one.

    A class that bears the name of a model, ``class GRU(Network, model="gru")``, is made from the number of symbols V,
    of hidden units H and of classes C. Parameters that belong to the classes are those of modules that are called
    ``i2o...``. Trainers may set: ``dropout`` of the last hidden state; bfloat16 products on a CPU while training; the
    ``share`` of the batch that comes next, so that all processes draw the masks that one would.
    """

    HEAD: ClassVar[str] = "i2o"
    IDLE_AT_ONE_LETTER: ClassVar[bool] = False
    """Whether some parameters take no part, and get no gradient, where names have but one letter."""

    def __init_subclass__(cls, *, model: str = "") -> None:
        super().__init_subclass__()
        if model:
            NETWORKS[model] = cls

    def __init__(self) -> None:
        super().__init__()
        self.dropout = 0.0
        self.low_precision = False
        self.share: Share | None = None

    def open_forget_gate(self, bias: float) -> None:
        """Let the bias of a forget gate start at ``bias``, where there is such a gate."""

    def letter_scores(self, length: int) -> LetterTable | None:  # noqa: ARG002
        """What each letter adds to each logit in names of ``length`` letters; None where logits are no such sums."""
        return None

    def logits_by_step(self, inputs: Tensor) -> Tensor | None:  # noqa: ARG002
        """Logits ``(T, B, C)`` as if the name ended after each letter, of letters as numbers ``inputs`` (T, B, V), by
        which they can be differentiated; None where the network does not read such numbers letter by letter."""
        return None

    def gate_layers(self) -> list[GateLayer]:
        """The layers with gates, a direction each; none in most networks."""
        return []

    def hidden_to_hidden(self) -> Tensor | None:
        """The weights (H, H) from one hidden state to the next, where they alone carry it on."""
        return None

    def dropped(self, hidden: Tensor) -> Tensor:
        """Last hidden states with parts of them dropped, while training."""
        if self.share is None or not (self.dropout and self.training):
            return F.dropout(hidden, self.dropout, self.training)
        mask = F.dropout(hidden.new_ones(self.share.names, *hidden.shape[1:]), self.dropout)
        return hidden * mask[self.share.rows]

    def with_weights(self, weights: Mapping[str, Tensor]) -> Self:
        """A network like this one whose parameters are the tensors ``weights``, in evaluation mode; no gradient of
        theirs is taken. Nothing is copied, and this network stays as it is.

        Raises:
            RuntimeError: they do not fit.
        """
        held = {id(tensor): tensor for tensor in (*self.parameters(), *self.buffers())}
        other = copy.deepcopy(self, held)  # the modules are copied, the tensors are not
        other.load_state_dict({name: weight.detach() for name, weight in weights.items()}, assign=True)
        for layer in other.modules():
            if isinstance(layer, nn.RNNBase):
                layer.flatten_parameters()  # cuDNN wants them in one piece; elsewhere this does nothing
        return other.requires_grad_(False).eval()


def one_hot(letters: Tensor, symbols: int, dtype: torch.dtype) -> Tensor:
    """Letters (B, T) as (T, B, V) of ``dtype``; the blank letter is all zeros.

    By comparison: ``F.one_hot`` checks the letters' range first, and on some devices would wait for them.
    """
    return (letters.t().unsqueeze(2) == torch.arange(symbols, device=letters.device)).to(dtype)
