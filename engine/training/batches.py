"""Batches of names of one length: no padding, no mask, and little left to compute between batches."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import accumulate
from typing import NamedTuple, overload

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from namestui.data.corpus import Corpus
from namestui.data.name_array import Rows


class Batch(NamedTuple):
    """``letters`` (B, T) and ``targets`` (B,), int64."""

    letters: Tensor
    targets: Tensor


class Group(NamedTuple):
    """All names of one length as they are kept: ``letters`` (N, T) uint8 and ``targets`` (N,) int32."""

    letters: Tensor
    targets: Tensor


class NameSet:
    """One part of a corpus on a device, grouped by length; ``rows`` are its corpus rows in the same order."""

    def __init__(self, corpus: Corpus, rows: Rows, device: torch.device) -> None:
        self._device = device
        chosen = np.asarray(rows, dtype=np.int32)
        lengths = corpus.names.lengths[chosen]
        order = np.argsort(lengths, kind="stable")
        self.rows: npt.NDArray[np.int32] = chosen[order]
        self._groups: list[Group] = []
        found, counts = np.unique(lengths, return_counts=True)
        for length, members in zip(found.tolist(), np.split(self.rows, np.cumsum(counts)[:-1]), strict=True):
            letters = torch.from_numpy(corpus.names.matrix(members, length))
            self._groups.append(Group(letters.to(device), torch.from_numpy(corpus.targets[members]).to(device)))

    def __len__(self) -> int:
        return len(self.rows)

    def in_order(self, batch_size: int) -> Sequence[Batch]:
        """All names in the order of ``rows``."""
        return _Batches(self._groups, batch_size)

    def shuffled(self, batch_size: int, generator: torch.Generator) -> Sequence[Batch]:
        """All names in batches of at most ``batch_size``, names and batches in random order (CPU generator).

        A length group is divided evenly, so that no tiny batch of leftovers takes a full-sized step.
        """
        sizes = [len(group.targets) for group in self._groups]
        order = torch.cat([torch.randperm(size, generator=generator).int() for size in sizes])
        if self._device.type == "cuda":
            order = order.pin_memory()  # else the host would wait for all that the GPU has yet to do
        orders = list(order.to(self._device, non_blocking=True).split(sizes))  # type: ignore[no-untyped-call]
        batches = _Batches(self._groups, batch_size, orders)
        batches.order = torch.randperm(len(batches), generator=generator)
        return batches

    def batch_count(self, batch_size: int) -> int:
        """How many batches ``in_order`` and ``shuffled`` give."""
        return sum(-(-len(group.targets) // batch_size) for group in self._groups)


class _Batches(Sequence[Batch]):
    """Batches that are put together when they are asked for: an epoch of a large corpus never lies there as a whole."""

    def __init__(self, groups: list[Group], batch_size: int, orders: list[Tensor] | None = None) -> None:
        counts = [-(-len(group.targets) // batch_size) for group in groups]
        self._groups, self._orders = groups, orders
        self._sizes = [-(-len(group.targets) // count) for group, count in zip(groups, counts, strict=True)]
        self._ends = list(accumulate(counts))
        self.order: Tensor | None = None

    def __len__(self) -> int:
        return self._ends[-1] if self._ends else 0

    @overload
    def __getitem__(self, number: int) -> Batch: ...
    @overload
    def __getitem__(self, number: slice) -> list[Batch]: ...
    def __getitem__(self, number: int | slice) -> Batch | list[Batch]:
        if isinstance(number, slice):
            return [self._batch(i) for i in range(*number.indices(len(self)))]
        return self._batch(range(len(self))[number])

    def __iter__(self) -> Iterator[Batch]:
        return map(self._batch, range(len(self)))

    def _batch(self, number: int) -> Batch:
        if self.order is not None:
            number = int(self.order[number])
        at = bisect_right(self._ends, number)
        group, size = self._groups[at], self._sizes[at]
        start = (number - (self._ends[at - 1] if at else 0)) * size
        if self._orders is None:
            letters, targets = group.letters[start : start + size], group.targets[start : start + size]
        else:
            chosen = self._orders[at][start : start + size]
            letters, targets = group.letters.index_select(0, chosen), group.targets.index_select(0, chosen)
        return Batch(letters.long(), targets.long())
