"""Confusion matrices of past epochs, read from a run's files while nothing waits for them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import NamedTuple

from namestui.runs.store import RunStore

KEPT = 8
"""Matrices that are kept after they were read: one of 1,000 classes has a million cells."""


class Key(NamedTuple):
    """Which matrix."""

    run: str
    classes: int
    epoch: int


class Past(NamedTuple):
    """The matrix of an epoch (rows true); None where the record has none."""

    epoch: int
    matrix: list[list[int]] | None


class PastMatrices:
    """Reads one matrix at a time, and of those wished for meanwhile the newest alone: held keys pile up no reads."""

    def __init__(self, store: RunStore, on_read: Callable[[], None]) -> None:
        """``on_read`` is called when a matrix that was wished for can be had."""
        self._store = store
        self._on_read = on_read
        self._known: dict[Key, Past] = {}
        self._wish: Key | None = None
        self._task: asyncio.Task[None] | None = None

    def get(self, key: Key) -> Past | None:
        """What is known of it; None while it is read, which begins now."""
        if key in self._known:
            self._wish = None
            return self._known[key]
        self._wish = key
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._read_wishes(), name="past matrices")
        return None

    async def _read_wishes(self) -> None:
        while (key := self._wish) is not None:
            file = self._store.get(key.run).confusion(key.classes)
            past = Past(key.epoch, await asyncio.to_thread(file.of, key.epoch))
            self._known = dict([*self._known.items(), (key, past)][-KEPT:])
            if self._wish == key:
                self._wish = None
                self._on_read()
