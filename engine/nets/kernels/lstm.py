"""An LSTM over letters for one CPU core, forward and backward by hand, from letters to the last hidden state.

Beside ``nn.LSTM`` it saves: the one-hot product (a letter's row of the input weights is looked up); ``tanh``, by far
the slowest of the activations on a CPU (``tanh(x) = 2 sigmoid(2x) - 1``, so one pass does for all four gates); the
weight gradient step by step (one product over all steps); half of the products' time where the processor multiplies
bfloat16; page faults and slicing (``workspace``). Constant factors are folded into the weights once a batch.

Where a batch's time goes (128 names of 7 letters, bfloat16, one AVX-512 core, timed line by line): the three products
40 %, sigmoids 9 %, looking letters up and adding up their gradients 8 %, conversions from and to bfloat16 with the sum
of letters and states 14 %, the other element-wise operations 19 %, what is done once a batch 8 %.

Tried without improvement: gates as (4, B, H) or transposed as (4H, B), since strided operands cost nothing here and
their products are no faster; letters as part of the product, H + V wide (+45 us a step, against 26 for looking them
up); activations in bfloat16 (slower than in float32); float32 products that round to bfloat16 inside
(``fp32_precision``: no effect without AMX); large batches in blocks of 128 to 512 that fit the cache (-8 to -30 %);
``nn.LSTM`` in bfloat16 (oneDNN: faster at 32 names, equal at 128, a third slower at 1,024).
"""

from __future__ import annotations

from typing import Any, NamedTuple

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from namestui.engine.nets.kernels import workspace
from namestui.engine.nets.kernels.stepping import (
    letter_table,
    per_gate,
    recurrent_gradient,
    sigmoid_gradient,
    tanh_gradient,
)
from namestui.engine.nets.kernels.workspace import Spec


class _Step(NamedTuple):
    """One step's views: the activated ``gates`` (B, 4H) and each of them, twice the ``cell``, the ``tanh_cell``, the
    ``hidden`` state as it is multiplied, and the gradient of the gates' sums as it is multiplied."""

    gates: Tensor
    i: Tensor
    f: Tensor
    s: Tensor
    o: Tensor
    cell: Tensor
    tanh_cell: Tensor
    hidden: Tensor
    d_sums: Tensor


class _Views:
    """All that a batch needs: what lasts from forward to backward step by step, and scratch."""

    def __init__(self, tensors: list[Tensor]) -> None:
        gates, cell, tanh_cell, self.hidden, self.d_sums, *scratch = tensors
        parts = zip(gates, *gates.chunk(4, dim=2), cell, tanh_cell, self.hidden, self.d_sums, strict=True)
        self.steps = [_Step(*step) for step in parts]
        self.wide, self.product, self.d_hidden, self.d_cell, self.d_tanh, self.d_product = scratch
        self.d_gates = self.wide.chunk(4, dim=1)

    @staticmethod
    def specs(length: int, batch: int, size: int, dtype: torch.dtype, low: torch.dtype) -> list[Spec]:
        gates, state = (batch, 4 * size), (batch, size)
        kept: list[Spec] = [((length, *gates), dtype), ((length, *state), dtype), ((length, *state), dtype)]
        kept += [((length, *state), low), ((length, *gates), low)]
        return [*kept, (gates, dtype), (gates, low), (state, dtype), (state, dtype), (state, dtype), (state, low)]


class LSTMKernel(torch.autograd.Function):
    """For ``stepping.last_hidden``; w_ih (4H, V), w_hh (4H, H), gates in the order input, forget, cell, output."""

    @staticmethod
    def forward(
        ctx: Any, letters: Tensor, w_ih: Tensor, w_hh: Tensor, b_ih: Tensor, b_hh: Tensor, low: torch.dtype, keep: bool
    ) -> Tensor:
        """Hidden states (B, H) after the last of ``letters`` (B, T)."""
        (batch, length), size, dtype = letters.shape, w_hh.shape[1], w_hh.dtype
        letters = letters.t().contiguous()  # (T, B)
        doubled = per_gate(size, dtype, 1, 1, 2, 1)  # the cell gate is tanh(a) = 2 s - 1 with s = sigmoid(2 a)
        table = letter_table(w_ih, b_ih + b_hh, doubled)  # (V+1, 4H)
        w = (w_hh * doubled).to(low).t()  # (H, 4H)
        specs = _Views.specs(length if keep else 1, batch, size, dtype, low)
        space = workspace.take(specs)
        views = space.views(specs, _Views)
        before: _Step | None = None
        for step, letter in zip(views.steps if keep else views.steps * length, letters, strict=True):
            gates, i, f, s, o, cell, tanh_cell, hidden, _ = step
            torch.index_select(table, 0, letter, out=gates)
            if before is not None:
                gates.add_(views.wide.copy_(torch.mm(before.hidden, w, out=views.product)))
            gates.sigmoid_()
            # Twice the cell: sigmoid wants it for the tanh, and i g = i (2 s - 1).
            if before is None:
                torch.mul(i, s, out=cell).mul_(4)
            else:
                torch.mul(f, before.cell, out=cell).addcmul_(i, s, value=4)
            cell.sub_(i, alpha=2)
            torch.sigmoid(cell, out=tanh_cell).mul_(2).sub_(1)
            torch.mul(o, tanh_cell, out=views.d_hidden)
            hidden.copy_(views.d_hidden)
            before = step
        last = views.d_hidden.clone()
        if keep:
            ctx.save_for_backward(letters, w_hh, space.flat)
            ctx.space, ctx.views, ctx.symbols, ctx.low = space, views, w_ih.shape[1], low
        else:
            workspace.give_back(space)
        return last

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, d_last: Tensor) -> tuple[Tensor | None, ...]:
        """Gradients of the weights, from those of the hidden states (B, H)."""
        letters, w_hh, _ = ctx.saved_tensors  # raises where the workspace has been written to since
        views: _Views = ctx.views
        size, dtype = w_hh.shape[1], w_hh.dtype
        # The gradients of the gates' sums are computed over these constants, so that no step multiplies by them.
        constants = per_gate(size, dtype, 2, 0.5, 4, 1)
        w = (w_hh * constants).to(ctx.low)  # (4H, H)
        d_table = w_hh.new_zeros(ctx.symbols + 1, 4 * size)
        d_gates, d_hidden, d_cell, d_tanh = views.wide, views.d_hidden, views.d_cell, views.d_tanh
        d_i, d_f, d_s, d_o = views.d_gates
        d_hidden.copy_(d_last)
        d_cell.zero_()
        for t in range(len(letters) - 1, -1, -1):
            gates, i, f, s, o, _, tanh_cell, _, d_sums = views.steps[t]
            torch.mul(d_hidden, tanh_cell, out=d_o)
            torch.mul(d_hidden, o, out=d_tanh)
            d_cell.add_(tanh_gradient(d_tanh, tanh_cell, grad_input=d_tanh))
            torch.mul(d_cell, s, out=d_i).sub_(d_cell, alpha=0.5)
            torch.mul(d_cell, i, out=d_s)
            if t:
                torch.mul(d_cell, views.steps[t - 1].cell, out=d_f)
                d_cell.mul_(f)
            else:
                d_f.zero_()
            sigmoid_gradient(d_gates, gates, grad_input=d_gates)
            d_table.index_add_(0, letters[t], d_gates)
            if t:
                d_hidden.copy_(torch.mm(d_sums.copy_(d_gates), w, out=views.d_product))
        d_table.mul_(constants.t())
        d_w_hh = recurrent_gradient(views.d_sums, views.hidden, dtype).mul_(constants)
        workspace.give_back(ctx.space)
        d_bias = d_table.sum(0)
        return None, d_table[:-1].t(), d_w_hh, d_bias, d_bias, None, None
