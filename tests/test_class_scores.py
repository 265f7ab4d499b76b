"""Precision, recall and F1 out of a matrix, the pairs that are confused most, and the table that shows them."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from namestui.runs.text import Inert
from namestui.tui.widgets.class_table import share_text
from namestui.tui.widgets.glyphs import ASCII, UNICODE
from namestui.tui.widgets.matrix.data import Matrix
from namestui.tui.widgets.matrix.scores import ClassScores, most_confused, scores_of
from namestui.tui.widgets.spark import spark

COUNTS = st.integers(1, 6).flatmap(
    lambda n: st.lists(st.lists(st.integers(0, 9), min_size=n, max_size=n), min_size=n, max_size=n)
)


def matrix_of(counts: list[list[int]]) -> Matrix:
    return Matrix.of([Inert(f"L{number}") for number in range(len(counts))], counts)


@given(COUNTS)
def test_scores_against_the_definitions(counts: list[list[int]]) -> None:
    names = [(true, named) for true, row in enumerate(counts) for named, n in enumerate(row) for _ in range(n)]
    for label, scores in enumerate(scores_of(matrix_of(counts))):
        of_class = [named for true, named in names if true == label]
        taken = [true for true, named in names if named == label]
        assert scores.support == len(of_class)
        if not of_class:
            assert scores[1:4] == (None, None, None)
            continue
        recall = of_class.count(label) / len(of_class)
        precision = taken.count(label) / len(taken) if taken else None
        assert (scores.recall, scores.precision) == (recall, precision)
        assert scores.f1 is not None
        expected = 2 * precision * recall / (precision + recall) if precision and recall else 0.0
        assert abs(scores.f1 - expected) < 1e-12


@given(COUNTS, st.integers(1, 8))
def test_most_confused_against_a_sort(counts: list[list[int]], count: int) -> None:
    errors = [
        (-n, row, column) for row, line in enumerate(counts) for column, n in enumerate(line) if row != column and n
    ]
    expected = [(f"L{row}", f"L{column}", -n, sum(counts[row])) for n, row, column in sorted(errors)[:count]]
    assert [tuple(pair) for pair in most_confused(matrix_of(counts), count)] == expected


def test_without_counts_nothing_is_said() -> None:
    assert scores_of(Matrix.of([Inert("A")], [])) == [ClassScores(Inert("A"), None, None, None, 0)]
    assert most_confused(Matrix(), 5) == []


def test_shares_in_stable_width_never_rounded_to_all() -> None:
    assert [share_text(share) for share in (None, 0.0, 0.842, 0.99999, 1.0)] == ["-", ".000", ".842", ".999", "1.00"]


def test_a_curve_in_one_line() -> None:
    assert spark([0.0, 0.5, 1.0], 5, UNICODE) == "▁▄█  "
    assert spark([None, 1.0], 2, ASCII) == f" {ASCII.levels[-1]}"
    assert spark([0.0, 1.0, 1.0, 1.0], 2, UNICODE) == "▄█"
    assert spark([], 3, UNICODE) == "   "
