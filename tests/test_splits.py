"""Splits: nothing leaks, nothing moves, and too little to split is said in one line."""

from __future__ import annotations

import random
from collections.abc import Iterable
from itertools import product
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from namestui.data.corpus import Cleaning, Corpus, CorpusError, load_corpus
from namestui.data.splits import Parts, grouped_split, hash_share, random_split, split_corpus

Row = tuple[str, int]
names = st.text("abAB", min_size=1, max_size=3)
rows = st.lists(st.tuples(names, st.integers(0, 2)), max_size=40)


def corpus_of(rows: Iterable[Row]) -> Corpus:
    pairs = list(rows)
    return Corpus(("a", "b", "c"), tuple(name for name, _ in pairs), tuple(target for _, target in pairs), Cleaning())


def part_of_each(corpus: Corpus, parts: Parts) -> dict[str, set[str]]:
    """In which parts each case-folded name occurs."""
    found: dict[str, set[str]] = {}
    for part in ("train", "validation", "test"):
        for row in getattr(parts, part):
            found.setdefault(corpus.names[row].casefold(), set()).add(part)
    return found


@given(rows, st.integers(0, 2**32 - 1))
def test_grouped_leaks_nothing_and_loses_nothing(rows: list[Row], seed: int) -> None:
    corpus = corpus_of(rows)
    parts = grouped_split(corpus, seed)
    # THEN each case-folded name has one part, and each distinct (name, label) one row
    assert all(len(found) == 1 for found in part_of_each(corpus, parts).values())
    kept = [(corpus.names[row].casefold(), corpus.targets[row]) for row in parts.train + parts.validation + parts.test]
    assert sorted(kept) == sorted({(name.casefold(), target) for name, target in rows})
    assert parts == grouped_split(corpus, seed)


@given(rows, rows, st.integers(0, 100))
def test_adding_names_moves_none(rows: list[Row], more: list[Row], seed: int) -> None:
    before, after = corpus_of(rows), corpus_of([*more, *rows])
    old = part_of_each(before, grouped_split(before, seed))
    new = part_of_each(after, grouped_split(after, seed))
    assert {name: new[name] for name in old} == old


@given(rows, st.integers(0, 2**32 - 1))
def test_each_row_has_the_part_of_its_hash(rows: list[Row], seed: int) -> None:
    # As it is defined, a name at a time: runs of earlier versions find their own parts again.
    parts: dict[str, list[int]] = {"train": [], "validation": [], "test": []}
    seen = set()
    for row, (name, target) in enumerate(rows):
        if (name.casefold(), target) not in seen:
            seen.add((name.casefold(), target))
            share = hash_share(name.casefold(), seed)
            parts["train" if share < 0.8 else "validation" if share < 0.9 else "test"].append(row)
    found = grouped_split(corpus_of(rows), seed)
    assert {part: list(getattr(found, part)) for part in parts} == parts


@given(st.integers(2, 60), st.integers(0, 2**32 - 1))
def test_the_random_split_is_pythons_shuffle(count: int, seed: int) -> None:
    rows = list(range(count))
    random.Random(seed).shuffle(rows)
    assert [*(found := random_split(corpus_of([("a", 0)] * count), seed)).train, *found.test] == rows


def test_hash_share_never_changes() -> None:
    # Written down: a run of last year must find its own test part again.
    assert hash_share("satoshi", 0) == pytest.approx(0.6345594422446885, abs=1e-12)
    assert hash_share("satoshi", 1) == pytest.approx(0.5601775248296526, abs=1e-12)


def test_grouped_is_about_80_10_10(classic: Path) -> None:
    corpus = load_corpus(classic)
    parts = split_corpus(corpus, "grouped", 0)
    total = len(parts.train) + len(parts.validation) + len(parts.test)
    assert total < len(corpus.names)  # the repeats
    assert len(parts.train) / total == pytest.approx(0.8, abs=0.015)
    assert len(parts.validation) / total == pytest.approx(0.1, abs=0.015)
    assert len(parts.test) / total == pytest.approx(0.1, abs=0.015)
    assert split_corpus(corpus, "grouped", 1) != parts


def test_random_is_the_reports(classic: Path) -> None:
    corpus = load_corpus(classic)
    parts = split_corpus(corpus, "random", 7)
    assert parts.validation == parts.test
    assert len(parts.train) == round(0.8 * len(corpus.names))
    assert sorted(parts.train + parts.validation) == list(range(len(corpus.names)))  # every row, repeats included
    assert list(parts.train) != sorted(parts.train)
    assert parts == split_corpus(corpus, "random", 7)
    assert parts != split_corpus(corpus, "random", 8)
    # AND it leaks, as the README says
    assert {corpus.names[row] for row in parts.train} & {corpus.names[row] for row in parts.test}


@pytest.mark.parametrize("split", ["grouped", "random"])
def test_too_few_names(split: str) -> None:
    with pytest.raises(CorpusError, match="too few to split") as caught:
        split_corpus(corpus_of([("a", 0), ("b", 1)]), split, 0)
    assert "\n" not in str(caught.value)


def test_a_label_that_is_not_in_the_training_part() -> None:
    # GIVEN a label whose only name falls into the test part
    out = next(name for name in (f"x{a}{b}" for a in "abcdefgh" for b in "abcdefgh") if hash_share(name, 0) >= 0.9)
    rows = [(f"n{a}{b}", i % 2) for i, (a, b) in enumerate(product("abcdefgh", repeat=2))] + [(out, 2)]
    with pytest.raises(CorpusError, match="no name of c") as caught:
        split_corpus(corpus_of(rows), "grouped", 0)
    assert "\n" not in str(caught.value)
