"""Metrics against values worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from namestui.engine.training.metrics import Matrix, accuracy, by_class, macro_f1, wilson_interval


def matrix(*rows: list[int]) -> Matrix:
    return np.array(rows, dtype=np.int64)


def test_accuracy() -> None:
    assert accuracy(matrix([3, 1], [2, 4])) == pytest.approx(0.7)
    assert accuracy(matrix([5, 0], [0, 5])) == 1.0
    assert accuracy(matrix([0, 5], [5, 0])) == 0.0


def test_macro_f1() -> None:
    # Class 0: precision 3/5, recall 3/4, F1 2/3. Class 1: precision 4/5, recall 4/6, F1 8/11.
    assert macro_f1(matrix([3, 1], [2, 4])) == pytest.approx((2 / 3 + 8 / 11) / 2)
    assert macro_f1(matrix([1, 0], [0, 9])) == 1.0
    assert macro_f1(matrix([0, 5], [5, 0])) == 0.0


def test_macro_f1_leaves_out_classes_that_do_not_occur() -> None:
    assert macro_f1(matrix([3, 1, 0], [2, 4, 0], [0, 0, 0])) == pytest.approx((2 / 3 + 8 / 11) / 2)
    # One that is only predicted counts, as 0.
    assert macro_f1(matrix([3, 0, 1], [0, 4, 0], [0, 0, 0])) == pytest.approx((6 / 7 + 1 + 0) / 3)


def test_scores_by_class() -> None:
    first, second, third = by_class(matrix([3, 1, 0], [2, 4, 0], [0, 0, 0]))
    assert (first.precision, first.recall, first.support) == pytest.approx((3 / 5, 3 / 4, 4))
    assert (second.precision, second.recall, second.support) == pytest.approx((4 / 5, 4 / 6, 6))
    # Never predicted, and none there: neither share is known.
    assert (third.precision, third.recall, third.support) == (None, None, 0)
    assert by_class(matrix([0, 2], [0, 3]))[0].precision is None
    assert by_class(matrix([0, 2], [0, 3]))[0].recall == 0.0


def test_metrics_are_plain_numbers() -> None:
    assert type(accuracy(matrix([1, 0], [0, 1]))) is float
    assert type(macro_f1(matrix([1, 0], [0, 1]))) is float


@pytest.mark.parametrize(
    ("hits", "count", "low", "high"),
    [  # Newcombe 1998, table I, method 3
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0000, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_wilson_interval(hits: int, count: int, low: float, high: float) -> None:
    assert wilson_interval(hits / count, count) == pytest.approx((low, high), abs=5e-5)


@given(st.integers(1, 10_000), st.floats(0, 1))
def test_wilson_interval_holds_the_share(count: int, share: float) -> None:
    low, high = wilson_interval(share, count)
    assert 0 <= low <= share + 1e-12
    assert share - 1e-12 <= high <= 1
    mirrored = wilson_interval(1 - share, count)
    assert mirrored == pytest.approx((1 - high, 1 - low), abs=1e-9)
