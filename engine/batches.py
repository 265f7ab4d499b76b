"""Batches of names of one length: no padding, no mask, and nothing left to compute between batches."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from namestui.data.corpus import Corpus
from namestui.data.encoding import encode_names


class Batch(NamedTuple):
    """``letters`` (B, T) and ``targets`` (B,), int64."""

    letters: Tensor
    targets: Tensor


class NameSet:
    """One part of a corpus on a device, grouped by length; ``rows`` are its corpus rows in the same order."""

    def __init__(self, corpus: Corpus, rows: Sequence[int], device: torch.device) -> None:
        by_length: dict[int, list[int]] = {}
        for row in rows:
            by_length.setdefault(len(corpus.names[row]), []).append(row)
        self.rows: list[int] = []
        self._groups: list[Batch] = []
        for length in sorted(by_length):
            members = by_length[length]
            letters = encode_names([corpus.names[row] for row in members])
            targets = np.array([corpus.targets[row] for row in members], dtype=np.int64)
            self._groups.append(
                Batch(torch.from_numpy(letters.astype(np.int64)).to(device), torch.from_numpy(targets).to(device))
            )
            self.rows.extend(members)

    def __len__(self) -> int:
        return len(self.rows)

    def in_order(self, batch_size: int) -> list[Batch]:
        """All names in the order of ``rows``."""
        return [batch for group in self._groups for batch in _chunks(group, batch_size)]

    def shuffled(self, batch_size: int, generator: torch.Generator) -> list[Batch]:
        """All names in batches of at most ``batch_size``, names and batches in random order (CPU generator).

        A length group is divided evenly, so that no tiny batch of leftovers takes a full-sized step.
        """
        batches: list[Batch] = []
        for group in self._groups:
            order = torch.randperm(len(group.targets), generator=generator).to(group.targets.device)
            batches.extend(_chunks(Batch(group.letters[order], group.targets[order]), batch_size))
        return [batches[i] for i in torch.randperm(len(batches), generator=generator).tolist()]

    def batch_count(self, batch_size: int) -> int:
        """How many batches ``in_order`` and ``shuffled`` give."""
        return sum(-(-len(group.targets) // batch_size) for group in self._groups)


def _chunks(group: Batch, batch_size: int) -> list[Batch]:
    count = -(-len(group.targets) // batch_size)
    return [
        Batch(letters, targets)
        for letters, targets in zip(group.letters.chunk(count), group.targets.chunk(count), strict=True)
    ]
