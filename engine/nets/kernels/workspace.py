"""Memory of the CPU kernels that outlives a batch, with the views of it that their steps need.

What a kernel keeps from forward to backward is some megabytes a batch. Once freed, the allocator hands it
back to the system, and every page of it is faulted in and zeroed again: 50,000 to 150,000 faults a second, a fifth of
the LSTM's time at batch 512. Here a backward pass gives its workspace back, and the next forward pass takes it. Making
the views of all steps again (slices, gates) would take another 5 % at batch 128.

A second backward pass through one graph is refused by autograd, which sees that the memory was written to meanwhile.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence
from math import prod
from threading import Lock
from typing import TypeVar

import torch
from torch import Tensor

Spec = tuple[tuple[int, ...], torch.dtype]
"""Shape and type of one tensor in a workspace."""
Views = TypeVar("Views")

_ALIGNED = 64  # bytes: a cache line, and the widest vector
_REMEMBERED = 64  # shapes of batches whose views are kept: a corpus of names has some 20 to 40
_free: list[Workspace] = []
_lock = Lock()


class Workspace:
    """``flat`` bytes, undefined at first, and views of them."""

    def __init__(self, size: int) -> None:
        with torch.inference_mode(False):
            self.flat = torch.empty(size, dtype=torch.uint8)
        self._views: OrderedDict[Hashable, object] = OrderedDict()

    def views(self, specs: Sequence[Spec], build: Callable[[list[Tensor]], Views]) -> Views:
        """What ``build`` makes of tensors of ``specs``, which lie one after the other; remembered."""
        key = (build, tuple(specs))
        found = self._views.get(key)
        if found is None:
            with torch.inference_mode(False):  # else only inference could use them later
                found = self._views[key] = build(self._carved(specs))
            if len(self._views) > _REMEMBERED:
                self._views.popitem(last=False)
        return found  # type: ignore[return-value]  # the key holds build

    def _carved(self, specs: Sequence[Spec]) -> list[Tensor]:
        tensors, start = [], 0
        for shape, dtype in specs:
            end = start + prod(shape) * dtype.itemsize
            tensors.append(self.flat[start:end].view(dtype).view(shape))
            start += _bytes(shape, dtype)
        return tensors


def take(specs: Sequence[Spec]) -> Workspace:
    """A workspace for tensors of ``specs``: one given back earlier, where that is large enough.

    One that is too small makes way for a new one, so there are never more than were in use at once.
    """
    size = sum(_bytes(shape, dtype) for shape, dtype in specs)
    with _lock:
        for at, space in enumerate(_free):
            if space.flat.numel() >= size:
                return _free.pop(at)
        if _free:
            _free.pop()
    return Workspace(size)


def give_back(space: Workspace) -> None:
    """Let the next ``take`` have it."""
    with _lock:
        _free.append(space)


def _bytes(shape: tuple[int, ...], dtype: torch.dtype) -> int:
    return -(-prod(shape) * dtype.itemsize // _ALIGNED) * _ALIGNED
