"""The kernels for a CPU against torch's own modules, in double, single and bfloat16 products."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn
from torch.autograd import Function
from torch.nn import functional as F

from namestui.engine.nets.kernels.gru import GRUKernel
from namestui.engine.nets.kernels.lstm import LSTMKernel
from namestui.engine.nets.kernels.stepping import BLOCK, last_hidden
from namestui.engine.nets.kernels.tanh_rnn import TanhRNNKernel

SYMBOLS, HIDDEN, BATCH = 57, 32, 5
KERNELS: dict[type[nn.RNNBase], type[Function]] = {nn.LSTM: LSTMKernel, nn.GRU: GRUKernel, nn.RNN: TanhRNNKernel}

cells = pytest.mark.parametrize("cell", KERNELS, ids=lambda cell: cell.__name__)


def some_names(length: int, batch: int = BATCH) -> Tensor:
    """Letters (B, T) with some blank ones among them, where there is more than one name."""
    letters = torch.randint(0, SYMBOLS + 1, (batch, length))
    letters[-1, 0] = SYMBOLS
    return letters


def torchs_own(module: nn.RNNBase, letters: Tensor) -> Tensor:
    """The last hidden state (B, H) by torch's module; a blank letter is a column of zeros."""
    inputs = F.one_hot(letters.t(), SYMBOLS + 1)[..., :SYMBOLS].to(module.weight_hh_l0.dtype)
    state = module(inputs)[1]
    hidden: Tensor = (state[0] if isinstance(state, tuple) else state)[0]
    return hidden


def both_gradients(
    cell: type[nn.RNNBase], length: int, dtype: torch.dtype, *, bfloat16: bool
) -> tuple[list[Tensor], list[Tensor]]:
    """The last hidden state and all gradients of a loss of it: by torch's module and by the kernel."""
    torch.manual_seed(length)
    module = cell(SYMBOLS, HIDDEN).to(dtype)
    letters = some_names(length)
    wanted = torch.randn(BATCH, HIDDEN, dtype=dtype)
    found = []
    for kernel in (False, True):
        if kernel:
            hidden = last_hidden(KERNELS[cell], letters, module.parameters(), bfloat16=bfloat16)
        else:
            hidden = torchs_own(module, letters)
        module.zero_grad()
        (hidden - wanted).pow(2).sum().backward()
        gradients = [weight.grad for weight in module.parameters()]
        found.append([hidden.detach(), *(torch.zeros(()) if g is None else g.clone() for g in gradients)])
    return found[0], found[1]


@cells
@pytest.mark.parametrize("length", range(1, 21))
def test_it_equals_torch(cell: type[nn.RNNBase], length: int) -> None:
    for theirs, ours in zip(*both_gradients(cell, length, torch.float64, bfloat16=False), strict=True):
        torch.testing.assert_close(ours, theirs, rtol=0, atol=1e-10)
    for theirs, ours in zip(*both_gradients(cell, length, torch.float32, bfloat16=False), strict=True):
        torch.testing.assert_close(ours, theirs, rtol=1e-4, atol=2e-5)


@cells
@pytest.mark.parametrize("length", [1, 2, 7, 20])
def test_bfloat16_products_point_the_same_way(cell: type[nn.RNNBase], length: int) -> None:
    for theirs, ours in zip(*both_gradients(cell, length, torch.float32, bfloat16=True), strict=True):
        assert ours.dtype is torch.float32
        if theirs.norm() > 0:
            assert F.cosine_similarity(ours.flatten(), theirs.flatten(), dim=0) > 0.999


@cells
def test_without_gradients_it_reads_the_same_in_blocks(cell: type[nn.RNNBase]) -> None:
    module = cell(SYMBOLS, HIDDEN).double()
    letters = some_names(4, 2 * BLOCK + 3)
    with torch.no_grad():
        found = last_hidden(KERNELS[cell], letters, module.parameters(), bfloat16=False)
        torch.testing.assert_close(found, torchs_own(module, letters), rtol=0, atol=1e-12)


@cells
def test_two_graphs_at_once_do_not_share_memory(cell: type[nn.RNNBase]) -> None:
    module = cell(SYMBOLS, HIDDEN).double()
    batches = [some_names(length) for length in (6, 3, 9)]
    expected = [torch.autograd.grad(torchs_own(module, batch).sum(), list(module.parameters())) for batch in batches]
    # WHEN all forward passes come before the backward passes, as a bidirectional network has them
    sums = [last_hidden(KERNELS[cell], batch, module.parameters(), bfloat16=False).sum() for batch in batches]
    found = [torch.autograd.grad(total, list(module.parameters())) for total in sums]
    for ours, theirs in zip(found, expected, strict=True):
        torch.testing.assert_close(ours, theirs, rtol=0, atol=1e-10)


@cells
def test_a_second_backward_pass_is_refused_rather_than_wrong(cell: type[nn.RNNBase]) -> None:
    module = cell(SYMBOLS, HIDDEN)
    total = last_hidden(KERNELS[cell], some_names(3), module.parameters(), bfloat16=False).sum()
    total.backward(retain_graph=True)
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        total.backward()
