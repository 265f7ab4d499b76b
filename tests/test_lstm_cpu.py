"""The LSTM kernel for a CPU against torch's own, in double, single and bfloat16 products."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from namestui.engine.lstm_cpu import last_hidden

SYMBOLS, HIDDEN, BATCH = 57, 32, 5


def both_gradients(length: int, dtype: torch.dtype, *, bfloat16: bool) -> tuple[list[Tensor], list[Tensor]]:
    """The last hidden state and all gradients of a loss of it: by torch's module and by the kernel."""
    torch.manual_seed(length)
    module = nn.LSTM(SYMBOLS, HIDDEN).to(dtype)
    letters = torch.randint(0, SYMBOLS, (BATCH, length))
    found = []
    for kernel in (False, True):
        if kernel:
            hidden = last_hidden(letters, *module.parameters(), bfloat16=bfloat16)
        else:
            hidden = module(F.one_hot(letters.t(), SYMBOLS).to(dtype))[1][0][0]
        module.zero_grad()
        hidden.pow(2).sum().backward()
        gradients = [weight.grad for weight in module.parameters()]
        found.append([hidden.detach(), *(torch.zeros(()) if g is None else g.clone() for g in gradients)])
    return found[0], found[1]


@pytest.mark.parametrize("length", range(1, 21))
def test_it_equals_torch(length: int) -> None:
    for theirs, ours in zip(*both_gradients(length, torch.float64, bfloat16=False), strict=True):
        torch.testing.assert_close(ours, theirs, rtol=0, atol=1e-10)
    for theirs, ours in zip(*both_gradients(length, torch.float32, bfloat16=False), strict=True):
        torch.testing.assert_close(ours, theirs, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("length", [1, 2, 7, 20])
def test_bfloat16_products_point_the_same_way(length: int) -> None:
    for theirs, ours in zip(*both_gradients(length, torch.float32, bfloat16=True), strict=True):
        assert ours.dtype is torch.float32
        if theirs.norm() > 0:
            assert F.cosine_similarity(ours.flatten(), theirs.flatten(), dim=0) > 0.999
