"""The optimiser, and its step without what ``torch.optim`` and ``clip_grad_norm_`` do around it, with the same bits.

Their kernels are called as they call them, on lists made here: groups by device and type, checks, hooks and profiler
entries took a tenth of the RNN's training time and 6 % of the LSTM's.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn

from namestui.runs.config import RunConfig


def make_optimizer(config: RunConfig, model: nn.Module) -> torch.optim.Optimizer:
    """Of all weights of ``model``; all on one call a step where the device has fused optimisers."""
    rate, decay = config.learning_rate, config.weight_decay
    if config.optimizer == "sgd":
        return torch.optim.SGD(model.parameters(), lr=rate, weight_decay=decay, fused=True)
    return torch.optim.AdamW(model.parameters(), lr=rate, weight_decay=decay, fused=True)


def restore_optimizer(optimizer: torch.optim.Optimizer, state: dict[str, Any]) -> None:
    """Go back to ``state``.

    Raises:
        ValueError: it is that of other weights, which torch would notice only at the next step.
    """
    optimizer.load_state_dict(state)
    for weight, moments in optimizer.state.items():
        for value in moments.values():
            if isinstance(value, Tensor) and value.dim() and value.shape != weight.shape:
                raise ValueError(f"the optimiser's state is of shape {tuple(value.shape)}, not {tuple(weight.shape)}")


@torch.no_grad()
def gradient_norm(weights: Sequence[Tensor]) -> Tensor:
    """The norm of the gradients of ``weights`` over all of them. Does not wait for a GPU."""
    return _norm_over([weight.grad for weight in weights if weight.grad is not None])


def _norm_over(gradients: list[Tensor]) -> Tensor:
    norm: Tensor = torch.linalg.vector_norm(torch.stack(torch._foreach_norm(gradients)))
    return norm


@torch.no_grad()
def clip_gradients(weights: Sequence[Tensor], most: float) -> Tensor:
    """Scale the gradients of ``weights`` down to a norm of at most ``most`` over all of them; the norm before.

    Nothing here waits for a GPU.
    """
    gradients = [weight.grad for weight in weights if weight.grad is not None]
    norm = _norm_over(gradients)
    scale = most / (norm + 1e-6)
    if norm.device.type != "cpu":
        torch._foreach_mul_(gradients, scale.clamp(max=1.0))
    elif scale.item() < 1:
        torch._foreach_mul_(gradients, scale)
    return norm


@torch.no_grad()
def step(optimizer: torch.optim.Optimizer, rate: float) -> None:
    """One step at learning rate ``rate``; a fused AdamW of one group, not amsgrad, takes the short way."""
    for group in optimizer.param_groups:
        group["lr"] = rate
    group = optimizer.param_groups[0]
    trained = [weight for weight in group["params"] if weight.grad is not None]
    # The first step of a weight makes its state.
    if not (isinstance(optimizer, torch.optim.AdamW) and group["fused"]) or any(
        weight not in optimizer.state for weight in trained
    ):
        optimizer.step()
        return
    states = [optimizer.state[weight] for weight in trained]
    steps = [state["step"] for state in states]
    torch._foreach_add_(steps, 1)
    torch._fused_adamw_(
        trained,
        [weight.grad for weight in trained],
        [state["exp_avg"] for state in states],
        [state["exp_avg_sq"] for state in states],
        [],
        steps,
        lr=rate,
        beta1=group["betas"][0],
        beta2=group["betas"][1],
        weight_decay=group["weight_decay"],
        eps=group["eps"],
        amsgrad=False,
        maximize=False,
    )
