"""Matrices and recalls of past epochs: read off the loop, the newest wish alone, and thinned."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable

import pytest

from namestui.runs.confusion import ConfusionFile
from namestui.runs.recipes import make_config
from namestui.runs.store import RunDirectory, RunStore
from namestui.tui.state.class_history import MAX_EPOCHS, MAX_KNOWN, ClassHistory, thinned
from namestui.tui.state.past_matrices import KEPT, Key, PastMatrices

PATIENCE = 10.0


async def until(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not condition():
            await asyncio.sleep(0.005)


@pytest.fixture
def run(store: RunStore) -> RunDirectory:
    """With a matrix of every epoch to 40 but the 7th: 2 classes, epoch names right of the first, 40 of it."""
    run = store.create(make_config("rnn"))
    for epoch in range(1, 41):
        if epoch != 7:
            run.confusion(2).put(epoch, [[epoch, 40 - epoch], [0, 0]])
    return run


async def test_a_matrix_is_read_once_and_an_epoch_without_one_says_so(store: RunStore, run: RunDirectory) -> None:
    reads = 0

    def on_read() -> None:
        nonlocal reads
        reads += 1

    past = PastMatrices(store, on_read)
    assert past.get(Key(run.id, 2, 3)) is None
    await until(lambda: reads == 1)
    assert past.get(Key(run.id, 2, 3)) == (3, [[3, 37], [0, 0]])
    assert past.get(Key(run.id, 2, 7)) is None
    await until(lambda: reads == 2)
    assert past.get(Key(run.id, 2, 7)) == (7, None)
    assert reads == 2


async def test_held_keys_pile_up_no_reads(store: RunStore, run: RunDirectory, monkeypatch: pytest.MonkeyPatch) -> None:
    # GIVEN a disk that is slow to answer the first read
    read, begun, goes_on = list[int](), threading.Event(), threading.Event()
    original = ConfusionFile.of

    def slow(file: ConfusionFile, epoch: int) -> list[list[int]] | None:
        read.append(epoch)
        begun.set()
        goes_on.wait(PATIENCE)
        return original(file, epoch)

    monkeypatch.setattr(ConfusionFile, "of", slow)
    shown = list[int]()
    past = PastMatrices(store, lambda: shown.append(read[-1]))
    past.get(Key(run.id, 2, 1))
    await until(begun.is_set)
    # WHEN a key is held meanwhile THEN of all that it passed only the last is read
    for epoch in range(2, 31):
        assert past.get(Key(run.id, 2, epoch)) is None
    goes_on.set()
    await until(lambda: shown)
    assert (read, shown) == ([1, 30], [30])
    for epoch in range(1, KEPT + 3):
        past.get(Key(run.id, 2, epoch))
        await until(lambda epoch=epoch: past.get(Key(run.id, 2, epoch)))
    assert len(past._known) == KEPT


async def test_recalls_are_read_once_each_and_grow_with_the_run(store: RunStore, run: RunDirectory) -> None:
    reads = list[int]()
    history = ClassHistory(store, lambda: reads.append(1))
    assert history.get(run.id, 2, 10).epochs == ()
    await until(lambda: reads)
    found = history.get(run.id, 2, 10)
    assert found.epochs == (1, 2, 3, 4, 5, 6, 8, 9, 10)
    assert found.of(0) == [epoch / 40 for epoch in found.epochs]
    assert found.of(1) == [None] * 9
    assert len(reads) == 1
    history.get(run.id, 2, 12)
    await until(lambda: len(reads) == 2)
    assert history.get(run.id, 2, 12).epochs[-2:] == (11, 12)
    # in a replay nothing of what is still to come is shown
    assert history.get(run.id, 2, 4).epochs == (1, 2, 3, 4)


@pytest.mark.parametrize("last", [0, 1, 2, 255, 256, 257, 1000, 200_000])
def test_thinned_epochs_are_few_and_mostly_stay(last: int) -> None:
    epochs = thinned(last)
    assert epochs == sorted(set(epochs))
    assert len(epochs) <= MAX_EPOCHS + 2
    assert not last or (epochs[0], epochs[-1]) == (1, last)
    assert len(set(thinned(last + 1)) - set(epochs)) <= 1


async def test_recalls_that_are_kept_do_not_grow_with_the_run(store: RunStore, run: RunDirectory) -> None:
    reads = list[int]()
    history = ClassHistory(store, lambda: reads.append(1))
    kept = list[int]()
    for last in range(20, 5000, 3):
        history.get(run.id, 2, last)
        await until(lambda: history._tasks[run.id].done())
        kept.append(len(history._known[run.id]))
    assert max(kept) <= MAX_KNOWN + MAX_EPOCHS
    # and what is shown is all still known
    count = len(reads)
    assert history.get(run.id, 2, last).epochs == tuple(epoch for epoch in thinned(last) if epoch <= 40)
    assert len(reads) == count
