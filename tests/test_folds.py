"""Folds: means, intervals that count how much splits overlap, differences by seed."""

from __future__ import annotations

import math
from statistics import fmean, variance

import pytest
from hypothesis import given
from hypothesis import strategies as st

from namestui.runs.folds import FoldResult, estimate, student_t, summarise_folds
from namestui.tui.words.fold_table import fold_table

shares = st.floats(0, 1)


@pytest.mark.parametrize(
    ("freedom", "value"), [(1, 12.7062), (2, 4.3027), (4, 2.7764), (9, 2.2622), (30, 2.0423), (999, 1.9623)]
)
def test_quantiles_are_those_of_the_tables(freedom: int, value: float) -> None:
    assert student_t(freedom) == pytest.approx(value, abs=5e-5)


def test_an_interval_by_hand() -> None:
    # Nadeau and Bengio: t(2) * sqrt((1/3 + 1/8) * variance)
    found = estimate([0.80, 0.82, 0.84], share=1 / 8)
    spread = 4.302653 * math.sqrt((1 / 3 + 1 / 8) * 0.0004)
    assert found.low is not None
    assert found.high is not None
    assert (found.mean, found.low, found.high) == pytest.approx((0.82, 0.82 - spread, 0.82 + spread))


@given(st.lists(shares, min_size=2, max_size=20), shares)
def test_overlap_widens_the_interval(values: list[float], share: float) -> None:
    found = estimate(values, share)
    assert found.low is not None
    assert found.high is not None
    assert found.mean == fmean(values)
    usual = student_t(len(values) - 1) * math.sqrt(variance(values) / len(values))
    assert found.high - found.mean >= usual - 1e-12
    assert found.mean - found.low == pytest.approx(found.high - found.mean, abs=1e-9)


def test_one_fold_has_no_interval() -> None:
    assert estimate([0.5], 0.1).low is None


def score(model: str, seed: int, accuracy: float) -> FoldResult:
    return FoldResult(model=model, seed=seed, accuracy=accuracy, macro_f1=accuracy / 2, share=0.125)


def test_differences_are_taken_seed_by_seed_from_the_n_gram() -> None:
    scores = [score("lstm", 1, 0.80), score("lstm", 2, 0.90), score("ngram", 2, 0.85), score("ngram", 1, 0.75)]
    lstm, ngram = summarise_folds(2, scores).scores
    assert (lstm.than, ngram.minus) == ("ngram", None)
    # A constant difference: nothing is left to be unsure of.
    assert lstm.minus is not None
    assert lstm.minus.low is not None
    assert (lstm.minus.mean, lstm.minus.low) == pytest.approx((0.05, 0.05))
    assert lstm.accuracy.low is not None
    assert lstm.accuracy.low < 0.8


def test_without_an_n_gram_the_first_model_is_compared_with() -> None:
    rnn, gru = summarise_folds(1, [score("rnn", 0, 0.5), score("gru", 0, 0.6)]).scores
    assert (rnn.minus, gru.than) == (None, "rnn")


def test_what_has_not_finished_is_reported() -> None:
    table = fold_table(summarise_folds(3, [score("lstm", 1, 0.8), score("ngram", 1, 0.75), score("ngram", 2, 0.8)]))
    assert table[0] == "split seeds 1, 2; mean and 95 % interval"
    assert table[2].split() == ["LSTM", "1", "of", "3", "80.0", "%", "0.400", "+5.00"]
    assert "2 of 3" in table[3]
    assert fold_table(summarise_folds(3, [])) == ["none of 3 folds has finished: no mean"]


def test_no_share_is_shown_beyond_0_or_100_per_cent() -> None:
    table = fold_table(summarise_folds(2, [score("lstm", 0, 0.5), score("lstm", 1, 0.9)]))
    assert "70.0 % (0.0 to 100.0)" in table[2]
