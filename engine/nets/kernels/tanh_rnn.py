"""A tanh RNN over letters for one CPU core, in the manner of ``lstm.py``: h' = tanh(table[letter] + W_hh h)."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from namestui.engine.nets.kernels import workspace
from namestui.engine.nets.kernels.stepping import letter_table, per_gate, recurrent_gradient, tanh_gradient
from namestui.engine.nets.kernels.workspace import Spec


class _Views:
    """What lasts from forward to backward: the states ``exact`` and as they are multiplied, and the gradients of the
    sums as they are multiplied, (T, B, H) each and step by step; then scratch (B, H)."""

    def __init__(self, tensors: list[Tensor]) -> None:
        self.exact, self.hidden, self.d_sums, self.wide, self.product = tensors
        self.steps = list(zip(self.exact, self.hidden, self.d_sums, strict=True))

    @staticmethod
    def specs(length: int, batch: int, size: int, dtype: torch.dtype, low: torch.dtype) -> list[Spec]:
        state, all_states = (batch, size), (length, batch, size)
        return [(all_states, dtype), (all_states, low), (all_states, low), (state, dtype), (state, low)]


class TanhRNNKernel(torch.autograd.Function):
    """For ``stepping.last_hidden``; w_ih (H, V), w_hh (H, H)."""

    @staticmethod
    def forward(
        ctx: Any, letters: Tensor, w_ih: Tensor, w_hh: Tensor, b_ih: Tensor, b_hh: Tensor, low: torch.dtype, keep: bool
    ) -> Tensor:
        """Hidden states (B, H) after the last of ``letters`` (B, T)."""
        (batch, length), size, dtype = letters.shape, w_hh.shape[1], w_hh.dtype
        letters = letters.t().contiguous()  # (T, B)
        doubled = per_gate(size, dtype, 2)  # tanh(a) = 2 sigmoid(2 a) - 1
        table = letter_table(w_ih, b_ih + b_hh, doubled)  # (V+1, H)
        w = (w_hh * doubled).to(low).t()  # (H, H)
        specs = _Views.specs(length if keep else 1, batch, size, dtype, low)
        space = workspace.take(specs)
        views = space.views(specs, _Views)
        before: Tensor | None = None
        for (exact, hidden, _), letter in zip(views.steps if keep else views.steps * length, letters, strict=True):
            torch.index_select(table, 0, letter, out=exact)
            if before is not None:
                exact.add_(views.wide.copy_(torch.mm(before, w, out=views.product)))
            hidden.copy_(exact.sigmoid_().mul_(2).sub_(1))
            before = hidden
        last: Tensor = exact.clone()
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
        w = w_hh.to(ctx.low)  # (H, H)
        d_table = w_hh.new_zeros(ctx.symbols + 1, w_hh.shape[1])
        d_hidden = views.wide.copy_(d_last)
        for t in range(len(letters) - 1, -1, -1):
            exact, _, d_sums = views.steps[t]
            tanh_gradient(d_hidden, exact, grad_input=d_hidden)
            d_table.index_add_(0, letters[t], d_hidden)
            if t:
                d_hidden.copy_(torch.mm(d_sums.copy_(d_hidden), w, out=views.product))
        d_w_hh = recurrent_gradient(views.d_sums, views.hidden, w_hh.dtype)
        workspace.give_back(ctx.space)
        d_bias = d_table.sum(0)
        return None, d_table[:-1].t(), d_w_hh, d_bias, d_bias, None, None
