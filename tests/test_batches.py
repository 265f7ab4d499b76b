"""Batches: exact lengths, every row once an epoch, in an order that the generator decides."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from hypothesis import given
from hypothesis import strategies as st

from namestui.data.alphabet import ALPHABET
from namestui.data.corpus import Cleaning, Corpus
from namestui.engine.training.batches import Batch, NameSet

CPU = torch.device("cpu")
names = st.lists(st.text("abcXYZ '", min_size=1, max_size=6), min_size=1, max_size=60)


def corpus_of(names: list[str]) -> Corpus:
    return Corpus(("a", "b", "c"), tuple(names), tuple(i % 3 for i in range(len(names))), Cleaning())


def rows_of(batches: Sequence[Batch]) -> list[tuple[str, int]]:
    return [
        ("".join(ALPHABET[code] for code in letters), target)
        for batch in batches
        for letters, target in zip(batch.letters.tolist(), batch.targets.tolist(), strict=True)
    ]


def seeded(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


@given(names, st.integers(1, 20), st.integers(0, 1000), st.data())
def test_every_row_once_in_batches_of_one_length(names: list[str], size: int, seed: int, data: st.DataObject) -> None:
    corpus = corpus_of(names)
    rows = data.draw(st.lists(st.sampled_from(range(len(names))), unique=True, min_size=1))
    part = NameSet(corpus, rows, CPU)
    expected = sorted((corpus.names[row], corpus.targets[row]) for row in rows)
    assert len(part) == len(rows)
    for batches in (part.shuffled(size, seeded(seed)), part.in_order(size)):
        assert sorted(rows_of(batches)) == expected
        assert len(batches) == part.batch_count(size)
        for batch in batches:
            assert batch.letters.dtype == batch.targets.dtype == torch.int64
            assert batch.letters.dim() == 2
            assert 1 <= len(batch.letters) == len(batch.targets) <= size


@given(names, st.integers(1, 20))
def test_in_order_follows_rows(names: list[str], size: int) -> None:
    corpus = corpus_of(names)
    part = NameSet(corpus, range(len(names)), CPU)
    assert rows_of(part.in_order(size)) == [(corpus.names[row], corpus.targets[row]) for row in part.rows]


@given(names, st.integers(1, 20), st.integers(0, 1000))
def test_the_generator_alone_decides_the_order(names: list[str], size: int, seed: int) -> None:
    part = NameSet(corpus_of(names), range(len(names)), CPU)
    first = rows_of(part.shuffled(size, seeded(seed)))
    torch.manual_seed(seed + 1)  # the global generator has no say
    assert rows_of(part.shuffled(size, seeded(seed))) == first


def test_names_and_batches_are_shuffled() -> None:
    names = [a + b for a in "abcdefghij" for b in "abcdefghij"] + ["abc"] * 50
    part = NameSet(corpus_of(names), range(len(names)), CPU)
    first, second = part.shuffled(10, seeded(1)), part.shuffled(10, seeded(2))
    assert rows_of(first) != rows_of(second)
    assert [batch.letters.shape[1] for batch in first] != sorted(batch.letters.shape[1] for batch in first)


@given(st.integers(1, 300), st.integers(1, 50))
def test_a_length_is_divided_evenly(count: int, size: int) -> None:
    # No tiny batch of leftovers takes a full-sized step: the smallest is at most `number of batches` short.
    sizes = [len(batch.targets) for batch in NameSet(corpus_of(["ab"] * count), range(count), CPU).in_order(size)]
    assert sum(sizes) == count
    assert max(sizes) <= size
    assert max(sizes) - min(sizes) < max(2, len(sizes))


def as_it_was(part: NameSet, size: int, generator: torch.Generator) -> list[Batch]:
    """The epoch that earlier versions put together at once: checkpoints of theirs go on in it."""
    groups: dict[int, list[Batch]] = {}
    for batch in part.in_order(1):
        groups.setdefault(batch.letters.shape[1], []).append(batch)
    batches: list[Batch] = []
    for members in groups.values():
        letters, targets = (torch.cat(parts) for parts in zip(*members, strict=True))
        order = torch.randperm(len(targets), generator=generator)
        count = -(-len(targets) // size)
        batches += map(Batch, letters[order].chunk(count), targets[order].chunk(count))
    return [batches[i] for i in torch.randperm(len(batches), generator=generator).tolist()]


@given(names, st.integers(1, 20), st.integers(0, 1000))
def test_the_order_is_that_of_earlier_versions(names: list[str], size: int, seed: int) -> None:
    part = NameSet(corpus_of(names), range(len(names)), CPU)
    now, then = seeded(seed), seeded(seed)
    assert rows_of(part.shuffled(size, now)) == rows_of(as_it_was(part, size, then))
    assert now.get_state().equal(then.get_state())


@given(names, st.integers(1, 20), st.integers(0, 1000))
def test_batches_can_be_asked_for_one_at_a_time(names: list[str], size: int, seed: int) -> None:
    batches = NameSet(corpus_of(names), range(len(names)), CPU).shuffled(size, seeded(seed))
    assert rows_of([batches[i] for i in range(len(batches))]) == rows_of(list(batches))
    assert rows_of(batches[-1:]) == rows_of([batches[len(batches) - 1]])


@given(names)
def test_rows_are_grouped_by_length_in_their_order(names: list[str]) -> None:
    part = NameSet(corpus_of(names), range(len(names))[::-1], CPU)
    assert part.rows.tolist() == sorted(range(len(names)), key=lambda row: (len(names[row]), -row))
