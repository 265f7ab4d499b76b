"""Recall of every class over the epochs, thinned, from the matrices that a run has kept."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import NamedTuple

from namestui.runs.store import RunStore

MAX_EPOCHS = 256
"""Epochs of which the recall is read, about: more than a chart has columns."""
MAX_KNOWN = 3 * MAX_EPOCHS
"""Epochs whose recalls are kept: every epoch was the last one once."""


class Recalls(NamedTuple):
    """Of the epochs that have a matrix, ascending; ``values[i]`` are the recalls of all classes after ``epochs[i]``."""

    epochs: tuple[int, ...] = ()
    values: tuple[tuple[float | None, ...], ...] = ()

    def of(self, label: int) -> list[float | None]:
        """Of one class."""
        return [value[label] for value in self.values]


NO_RECALLS = Recalls()
"""Before any are known."""


class ClassHistory:
    """Reads what is not known yet, off the loop's thread; what is asked for again is not read again."""

    def __init__(self, store: RunStore, on_read: Callable[[], None]) -> None:
        """``on_read`` is called when more is known."""
        self._store = store
        self._on_read = on_read
        self._known: dict[str, dict[int, tuple[float | None, ...]]] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}

    def get(self, run: str, classes: int, last: int) -> Recalls:
        """What is known of the epochs to ``last``; the rest is read from now on."""
        known, wanted = self._known.setdefault(run, {}), thinned(last)
        if len(known) > MAX_KNOWN:
            known = self._known[run] = {epoch: known[epoch] for epoch in wanted if epoch in known}
        missing = [epoch for epoch in wanted if epoch not in known]
        task = self._tasks.get(run)
        if missing and (task is None or task.done()):
            self._tasks[run] = asyncio.create_task(self._read(run, classes, missing), name=f"recalls {run}")
        found = [epoch for epoch in wanted if known.get(epoch)]
        return Recalls(tuple(found), tuple(known[epoch] for epoch in found))

    async def _read(self, run: str, classes: int, epochs: list[int]) -> None:
        file = self._store.get(run).confusion(classes)
        found = await asyncio.to_thread(file.recalls, epochs)
        # What an epoch lacks now it lacks for good: the matrix is written before the epoch is logged.
        self._known.setdefault(run, {}).update({epoch: tuple(found.get(epoch, ())) for epoch in epochs})
        self._on_read()


def thinned(last: int) -> list[int]:
    """The first epoch, every n-th and the ``last``: at most about `MAX_EPOCHS`, most of which stay as epochs come."""
    step = 1
    while last // step > MAX_EPOCHS:
        step *= 2
    return sorted({1, *range(step, last + 1, step), last}) if last > 0 else []
