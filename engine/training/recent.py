"""A number on a GPU, read without waiting for it."""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Tensor

Sent = tuple[Tensor, Callable[[], bool]]
"""A tensor on the host, and whether its value has arrived there."""


def send(value: Tensor) -> Sent:
    """A copy on the host that arrives when the GPU gets there."""
    copy = torch.empty_like(value, device="cpu", pin_memory=True).copy_(value, non_blocking=True)
    event = torch.cuda.Event()  # type: ignore[no-untyped-call]
    event.record()
    return copy, event.query


class Recent:
    """The mean of a sum that grows on the device: what it was when last asked and already there."""

    def __init__(self, send: Callable[[Tensor], Sent] = send) -> None:
        self._send = send
        self._epoch = -1
        self._value = math.nan
        self._sent: tuple[Sent, int] | None = None

    def mean(self, total: Tensor, count: int, epoch: int) -> float:
        """``total / count`` as of an earlier call in the same epoch; NaN where there is none that has arrived."""
        if epoch != self._epoch:
            self._epoch, self._value, self._sent = epoch, math.nan, None
        if self._sent is not None and self._sent[0][1]():
            (copy, _), then = self._sent
            self._value, self._sent = copy.item() / then, None
        if self._sent is None and count:
            self._sent = self._send(total), count
        return self._value
