"""The short way to a step of the optimiser against torch's own, to the bit."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from namestui.engine.training import optimiser as steps


def weights_with_gradients(seed: int) -> list[Tensor]:
    """Four weights; the last of them takes part in no loss."""
    torch.manual_seed(seed)
    weights = [torch.randn(shape, requires_grad=True) for shape in ((7, 5), (5,), (3, 3), (4,))]
    for weight in weights[:-1]:
        weight.grad = torch.randn_like(weight)
    return weights


@pytest.mark.parametrize("most", [0.01, 1.0, 5.0, 1000.0])
def test_clipping_is_torchs(most: float) -> None:
    mine, theirs = weights_with_gradients(1), weights_with_gradients(1)
    assert torch.equal(steps.clip_gradients(mine, most), torch.nn.utils.clip_grad_norm_(theirs, most))
    for one, other in zip(mine[:-1], theirs[:-1], strict=True):
        assert one.grad is not None and other.grad is not None
        assert torch.equal(one.grad, other.grad)
    assert mine[-1].grad is None


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_a_norm_that_is_not_finite_is_reported(value: float) -> None:
    weights = weights_with_gradients(1)
    assert weights[0].grad is not None
    weights[0].grad[0, 0] = value
    assert not torch.isfinite(steps.clip_gradients(weights, 1.0))


@pytest.mark.parametrize("decay", [0.0, 0.1])
@pytest.mark.parametrize("kind", [torch.optim.AdamW, torch.optim.SGD])
def test_steps_are_torchs(kind: type[torch.optim.Optimizer], decay: float) -> None:
    mine, theirs = weights_with_gradients(2), weights_with_gradients(2)
    ours, torchs = (kind(weights, lr=1e-9, weight_decay=decay, fused=True) for weights in (mine, theirs))  # type: ignore[call-arg]
    for number in range(4):
        rate = 0.1 / (1 + number)
        if number == 2:  # AND a weight that takes part for the first time
            for weights in (mine, theirs):
                weights[-1].grad = torch.ones_like(weights[-1])
        steps.step(ours, rate)
        torchs.param_groups[0]["lr"] = rate
        torchs.step()
        for one, other in zip(mine, theirs, strict=True):
            assert torch.equal(one, other)
    # THEN a checkpoint cannot tell them apart
    states = [optimizer.state_dict() for optimizer in (ours, torchs)]
    assert states[0]["param_groups"] == states[1]["param_groups"]
    torch.testing.assert_close(states[0]["state"], states[1]["state"], rtol=0, atol=0)
