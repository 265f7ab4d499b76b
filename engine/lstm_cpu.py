"""An LSTM over letters for one CPU core, forward and backward by hand, from letters to the last hidden state.

Beside ``nn.LSTM`` it saves: the one-hot product (a letter's row of the input weights is looked up), ``tanh`` (by far
the slowest of the activations on a CPU; ``tanh(x) = 2 sigmoid(2x) - 1`` takes one pass over all four gates, the factor
2 folded into the weights once a batch), the weight gradient step by step (one product over all steps), and, where the
processor multiplies bfloat16, half of the products' time; sums and states stay in full precision.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable
from torch.nn import functional as F


def last_hidden(
    letters: Tensor, w_ih: Tensor, w_hh: Tensor, b_ih: Tensor, b_hh: Tensor, *, bfloat16: bool = False
) -> Tensor:
    """The hidden state (B, H) after the last letter of ``letters`` (B, T), T at least 1.

    Letter V is blank: it has no input weights.
    Weights as ``nn.LSTM`` has them: w_ih (4H, V), w_hh (4H, H), gates in the order input, forget, cell, output.
    """
    hidden: Tensor = _LastHidden.apply(letters, w_ih, w_hh, b_ih, b_hh, bfloat16)  # type: ignore[no-untyped-call]
    return hidden


def _tanh_(x: Tensor) -> Tensor:
    """tanh of x in place, given 2x."""
    return x.sigmoid_().mul_(2).sub_(1)


class _LastHidden(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any, letters: Tensor, w_ih: Tensor, w_hh: Tensor, b_ih: Tensor, b_hh: Tensor, bfloat16: bool
    ) -> Tensor:
        (batch, length), size = letters.shape, w_hh.shape[1]
        steps = letters.t().contiguous()  # (T, B)
        doubled = w_hh.new_ones(4 * size, 1)
        doubled[2 * size : 3 * size] = 2  # the cell gate goes through sigmoid(2x)
        bias = (b_ih + b_hh).unsqueeze(1)
        table = (torch.cat([w_ih + bias, bias], dim=1) * doubled).t().contiguous()  # (V+1, 4H), the blank letter last
        w = (w_hh * doubled).t().contiguous()  # (H, 4H)
        if bfloat16:
            w = w.bfloat16()
        gates = F.embedding(steps, table)  # (T, B, 4H): pre-activations first, then the activated gates
        hidden, cell, tanh_cell = w_hh.new_empty(3, length, batch, size).unbind()
        for t in range(length):
            now = gates[t]
            if t:
                if bfloat16:
                    now += hidden[t - 1].bfloat16() @ w
                else:
                    now.addmm_(hidden[t - 1], w)
            i, f, g, o = now.sigmoid_().chunk(4, dim=1)  # (B, H) each
            g.mul_(2).sub_(1)
            torch.mul(i, g, out=cell[t])
            if t:
                cell[t].addcmul_(f, cell[t - 1])
            _tanh_(torch.mul(cell[t], 2, out=tanh_cell[t]))
            torch.mul(o, tanh_cell[t], out=hidden[t])
        ctx.save_for_backward(steps, gates, hidden, cell, tanh_cell, w_ih, w_hh)
        ctx.bfloat16 = bfloat16
        return hidden[-1].clone()

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, d_hidden: Tensor) -> tuple[Tensor | None, ...]:
        steps, gates, hidden, cell, tanh_cell, w_ih, w_hh = ctx.saved_tensors
        (length, batch), size = steps.shape, w_hh.shape[1]
        w = w_hh.bfloat16() if ctx.bfloat16 else w_hh
        d_gates = torch.empty_like(gates)  # with respect to the pre-activations, before the doubling
        d_cell: Tensor | None = None
        for t in range(length - 1, -1, -1):
            i, f, g, o = gates[t].chunk(4, dim=1)
            d_i, d_f, d_g, d_o = d_gates[t].chunk(4, dim=1)
            torch.mul(d_hidden, tanh_cell[t], out=d_o)
            d_now = d_hidden * o
            d_now.addcmul_(d_now * tanh_cell[t], tanh_cell[t], value=-1)
            if d_cell is not None:
                d_now += d_cell
            torch.mul(d_now, g, out=d_i)
            torch.mul(d_now, i, out=d_g)
            d_g.addcmul_(d_g * g, g, value=-1)
            if t:
                torch.mul(d_now, cell[t - 1], out=d_f)
            else:
                d_f.zero_()
            for d_gate, gate in ((d_i, i), (d_f, f), (d_o, o)):  # sigmoid' = s (1 - s)
                d_gate.mul_(gate).addcmul_(d_gate, gate, value=-1)
            if t:
                d_cell = d_now * f
                d_hidden = (d_gates[t].bfloat16() @ w).to(w_hh.dtype) if ctx.bfloat16 else d_gates[t] @ w
        rows = d_gates.view(length * batch, 4 * size)
        d_table = w_ih.new_zeros(w_ih.shape[1] + 1, 4 * size).index_add_(0, steps.view(-1), rows)[:-1]
        d_bias = rows.sum(0)
        return None, d_table.t(), _weight_gradient(d_gates, hidden, bfloat16=ctx.bfloat16), d_bias, d_bias, None


def _weight_gradient(d_gates: Tensor, hidden: Tensor, *, bfloat16: bool) -> Tensor:
    """Gradient (4H, H) of w_hh over all steps at once; zeros where there was but one step."""
    before = hidden[:-1].reshape(-1, hidden.shape[2])
    after = d_gates[1:].reshape(-1, d_gates.shape[2])
    if bfloat16:
        return (after.bfloat16().t() @ before.bfloat16()).to(hidden.dtype)
    return after.t() @ before
