"""What the CPU kernels of LSTM, GRU and tanh-RNN share: one step's products, and the weights as the steps want them.

G is the number of gates of the cell. ``low`` is the type that matrix products are computed in: that of the weights, or
bfloat16 where the processor multiplies it (twice as fast on an AVX-512 one); sums and states stay in full precision.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

import torch
from torch import Tensor
from torch.autograd import Function

BLOCK = 512
"""Names taken at a time where nothing is kept for a backward pass, so that validation needs little memory."""

sigmoid_gradient = torch.ops.aten.sigmoid_backward.grad_input
"""``(g, s, grad_input=out)``: out = g s (1 - s) in one pass."""
tanh_gradient = torch.ops.aten.tanh_backward.grad_input
"""``(g, y, grad_input=out)``: out = g (1 - y^2) in one pass."""


def last_hidden(kernel: type[Function], letters: Tensor, weights: Iterable[Tensor], *, bfloat16: bool) -> Tensor:
    """The hidden state (B, H) after the last letter of ``letters`` (B, T), T at least 1; letter V is blank.

    ``kernel`` takes letters, ``weights`` (w_ih, w_hh, b_ih, b_hh as torch's module has them), ``low``, and whether to
    keep what a backward pass needs.
    """
    w_ih, w_hh, b_ih, b_hh = weights
    low = torch.bfloat16 if bfloat16 else w_hh.dtype
    keep = torch.is_grad_enabled()
    blocks = [letters] if keep else [letters[at : at + BLOCK] for at in range(0, max(len(letters), 1), BLOCK)]
    found = [kernel.apply(block, w_ih, w_hh, b_ih, b_hh, low, keep) for block in blocks]  # type: ignore[no-untyped-call]
    return found[0] if len(found) == 1 else torch.cat(found)


@cache
def per_gate(size: int, dtype: torch.dtype, *factors: float) -> Tensor:
    """``factors``, one a gate, as a column (GH, 1): constants that scale the rows of weights (GH, H)."""
    return torch.tensor(factors, dtype=dtype).repeat_interleave(size).unsqueeze(1)


def letter_table(w_ih: Tensor, bias: Tensor, factors: Tensor) -> Tensor:
    """What each letter adds to a cell's sums (V+1, GH): w_ih (GH, V) and ``bias`` (GH,), scaled by ``factors`` (GH, 1);
    the blank letter, which is last, adds the bias alone."""
    table = w_ih.new_empty(w_ih.shape[1] + 1, w_ih.shape[0])
    torch.add(w_ih.t(), bias, out=table[:-1])
    table[-1] = bias
    return table.mul_(factors.t())


def recurrent_gradient(d_sums: Tensor, hidden: Tensor, dtype: torch.dtype) -> Tensor:
    """Gradient (GH, H) of w_hh in one product over all steps, from ``d_sums`` (T, B, GH) and the states (T, B, H);
    zeros where there was but one step."""
    before, after = hidden[:-1].flatten(0, 1), d_sums[1:].flatten(0, 1)
    return (after.t() @ before).to(dtype)
