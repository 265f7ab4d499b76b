"""A GRU over letters for one CPU core, in the manner of ``lstm.py``.

As ``nn.GRU`` has it (x the letter, ' the step before): r = sigmoid(W_ir x + W_hr h' + b_ir + b_hr), z likewise,
m = W_hn h' + b_hn, n = tanh(W_in x + b_in + r m), h = n + z (h' - n).
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
    """One step's views: ``gates`` (B, 3H), both sigmoid ones, each; ``m`` doubled; the state ``exact`` and ``hidden``,
    as it is multiplied; the gradient of the recurrent sums (B, 3H) and its parts, as it is multiplied."""

    gates: Tensor
    rz: Tensor
    r: Tensor
    z: Tensor
    n: Tensor
    m: Tensor
    exact: Tensor
    hidden: Tensor
    d_sums: Tensor
    d_sums_rz: Tensor
    d_sums_m: Tensor


class _Views:
    """All that a batch needs: what lasts from forward to backward step by step, and scratch."""

    def __init__(self, tensors: list[Tensor]) -> None:
        gates, m, exact, self.hidden, self.d_sums, *scratch = tensors
        size = m.shape[2]
        parts = zip(
            gates,
            gates[..., : 2 * size],
            *gates.chunk(3, dim=2),
            m,
            exact,
            self.hidden,
            self.d_sums,
            self.d_sums[..., : 2 * size],
            self.d_sums[..., 2 * size :],
            strict=True,
        )
        self.steps = [_Step(*step) for step in parts]
        self.wide, self.product, self.d_hidden, self.d_carried, self.d_m_sum, self.d_m, self.d_product = scratch
        self.wide_rz, self.wide_m = self.wide[:, : 2 * size], self.wide[:, 2 * size :]
        self.d_r, self.d_z, self.d_n = self.wide.chunk(3, dim=1)

    @staticmethod
    def specs(length: int, batch: int, size: int, dtype: torch.dtype, low: torch.dtype) -> list[Spec]:
        gates, state = (batch, 3 * size), (batch, size)
        kept: list[Spec] = [((length, *gates), dtype), ((length, *state), dtype), ((length, *state), dtype)]
        kept += [((length, *state), low), ((length, *gates), low)]
        return [*kept, (gates, dtype), (gates, low), *[(state, dtype)] * 4, (state, low)]


class GRUKernel(torch.autograd.Function):
    """For ``stepping.last_hidden``; w_ih (3H, V), w_hh (3H, H), gates in the order r, z, n."""

    @staticmethod
    def forward(
        ctx: Any, letters: Tensor, w_ih: Tensor, w_hh: Tensor, b_ih: Tensor, b_hh: Tensor, low: torch.dtype, keep: bool
    ) -> Tensor:
        """Hidden states (B, H) after the last of ``letters`` (B, T)."""
        (batch, length), size, dtype = letters.shape, w_hh.shape[1], w_hh.dtype
        letters = letters.t().contiguous()  # (T, B)
        doubled = per_gate(size, dtype, 1, 1, 2)  # n = tanh(a) = 2 sigmoid(2 a) - 1
        bias = torch.cat([b_ih[: 2 * size] + b_hh[: 2 * size], b_ih[2 * size :]])
        bias_m = b_hh[2 * size :] * 2
        table = letter_table(w_ih, bias, doubled)  # (V+1, 3H)
        w = (w_hh * doubled).to(low).t()  # (H, 3H)
        specs = _Views.specs(length if keep else 1, batch, size, dtype, low)
        space = workspace.take(specs)
        views = space.views(specs, _Views)
        before: _Step | None = None
        for step, letter in zip(views.steps if keep else views.steps * length, letters, strict=True):
            gates, rz, r, z, n, m, exact, hidden, *_ = step
            torch.index_select(table, 0, letter, out=gates)
            if before is None:
                m.copy_(bias_m)
            else:
                views.wide.copy_(torch.mm(before.hidden, w, out=views.product))
                rz.add_(views.wide_rz)
                torch.add(views.wide_m, bias_m, out=m)
            rz.sigmoid_()
            n.addcmul_(r, m).sigmoid_().mul_(2).sub_(1)
            if before is None:
                torch.addcmul(n, n, z, value=-1, out=exact)
            else:
                torch.lerp(n, before.exact, z, out=exact)
            hidden.copy_(exact)
            before = step
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
        size, dtype = w_hh.shape[1], w_hh.dtype
        halved = per_gate(size, dtype, 0.5, 1, 1)  # m is doubled, so the gradient of r is computed twice as large
        w = (w_hh * halved).to(ctx.low)  # (3H, H)
        d_table = w_hh.new_zeros(ctx.symbols + 1, 3 * size)
        d_hidden = views.d_hidden.copy_(d_last)
        views.d_m_sum.zero_()
        for t in range(len(letters) - 1, -1, -1):
            _, rz, r, z, n, m, _, _, d_sums, d_sums_rz, d_sums_m = views.steps[t]
            torch.mul(d_hidden, z, out=views.d_carried)
            torch.sub(d_hidden, views.d_carried, out=views.d_n)
            tanh_gradient(views.d_n, n, grad_input=views.d_n)
            torch.mul(views.d_n, r, out=views.d_m)
            torch.mul(views.d_n, m, out=views.d_r)
            if t:
                torch.sub(views.steps[t - 1].exact, n, out=views.d_z).mul_(d_hidden)
            else:
                torch.mul(n, d_hidden, out=views.d_z).neg_()
            sigmoid_gradient(views.wide_rz, rz, grad_input=views.wide_rz)
            views.d_m_sum.add_(views.d_m)
            d_table.index_add_(0, letters[t], views.wide)
            if t:
                # The sums of letters had the gradients of r, z, n; the recurrent ones have those of r, z, m.
                d_sums_rz.copy_(views.wide_rz)
                d_sums_m.copy_(views.d_m)
                d_hidden.copy_(torch.mm(d_sums, w, out=views.d_product)).add_(views.d_carried)
        d_w_hh = recurrent_gradient(views.d_sums, views.hidden, dtype).mul_(halved)
        d_b_ih = d_table.mul_(halved.t()).sum(0)
        d_b_hh = torch.cat([d_b_ih[: 2 * size], views.d_m_sum.sum(0)])
        workspace.give_back(ctx.space)
        return None, d_table[:-1].t(), d_w_hh, d_b_ih, d_b_hh, None, None
