"""What a corpus and its split allow and give away."""

from __future__ import annotations

from pathlib import Path

import pytest

from namestui.data.corpus import Cleaning, Corpus, load_corpus
from namestui.data.facts import facts
from namestui.data.splits import Parts, split_corpus


def test_counted_by_hand() -> None:
    names = ("Ann", "ann", "Bo", "Bo", "Bo", "Cy", "Di")
    corpus = Corpus(("X", "Y"), names, (0, 1, 0, 0, 1, 1, 0), Cleaning())
    parts = Parts(train=[0, 5, 6], validation=[1, 2, 3, 4], test=[1, 2, 3, 4])
    found = facts(corpus, parts)
    assert (found.rows, found.distinct, found.ambiguous) == (7, 4, 2)
    assert found.leak == 1 / 4  # ann
    assert found.ceiling == 3 / 4  # of Bo, Bo, Bo two can be had at most
    assert found.majority == 2 / 4  # X is the commonest in training


@pytest.mark.parametrize(("split", "leaks"), [("grouped", False), ("random", True)])
def test_the_grouped_split_leaks_nothing_and_the_reports_does(classic: Path, split: str, leaks: bool) -> None:
    corpus = load_corpus(classic)
    found = facts(corpus, split_corpus(corpus, split, 0))
    assert found.rows == 20_050
    assert (found.leak > 0.1) == leaks
    assert (found.leak == 0) != leaks
    assert found.majority < found.ceiling < 1
