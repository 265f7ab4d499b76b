"""The rules of alerts, against formulas that look at all epochs at once."""

from __future__ import annotations

import math
import statistics

from hypothesis import given
from hypothesis import strategies as st

from namestui.runs.alert_rules import (
    MAX_NAMED,
    Columns,
    EpochFacts,
    EpochRules,
    Finding,
    never_predicted,
    never_predicted_finding,
)

ROWS = 400
FALLING = [2.0, 1.6, 1.3, 1.1, 0.9]

losses = st.one_of(st.none(), st.sampled_from([0.0, 0.5, 0.52, 0.53, 0.6, 1.0, 2.0]), st.floats(0, 5))
epochs_lists = st.lists(st.tuples(losses, losses, st.sampled_from([0.5, 0.51, 0.52, 0.6])), max_size=40).map(
    lambda rows: [EpochFacts(index, *row) for index, row in enumerate(rows, 1)]
)


def run_of(validation: list[float | None], train: list[float | None] | None = None) -> list[EpochFacts]:
    """Epochs with these losses; the training loss falls unless it is given, the accuracy stays."""
    trained = train or [1 / (1 + index) for index in range(len(validation))]
    return [EpochFacts(index + 1, trained[index], loss, 0.5) for index, loss in enumerate(validation)]


def said(epochs: list[EpochFacts], rows: int = ROWS) -> list[tuple[int, str]]:
    """The epochs and the topics of all findings."""
    return [(epoch, finding.topic) for epoch, finding in found_in(epochs, rows)]


def found_in(epochs: list[EpochFacts], rows: int = ROWS) -> list[tuple[int, Finding]]:
    rules, found = EpochRules.of(rows), []
    for epoch in epochs:
        before, rules = rules, rules.after(epoch)
        found += [(epoch.epoch, finding) for finding in rules.findings(before, epoch)]
    return found


# Independent formulas


def overfits(epochs: list[EpochFacts]) -> bool:
    """Whether after these epochs the last five are above the best by 5 % and .01, and train below it."""
    finite = [one for one in epochs if one.train_loss is not None and one.validation_loss is not None]
    if len(epochs) < 6 or len(finite) < 6:
        return False
    best = min(finite, key=lambda one: one.validation_loss or 0.0)
    last = epochs[-5:]
    if best.validation_loss is None or best.train_loss is None or best.epoch >= last[0].epoch:
        return False
    if any(one.train_loss is None or one.validation_loss is None for one in last):
        return False
    limit = max(best.validation_loss * 1.05, best.validation_loss + 0.01)
    rises = all(one.validation_loss is not None and one.validation_loss > limit for one in last)
    return rises and statistics.fmean(one.train_loss or 0.0 for one in last) < best.train_loss


def last_improvement(epochs: list[EpochFacts], rows: int) -> int:
    """The newest epoch that is better than all it was compared with."""
    improved, loss, accuracy = 0, math.inf, -1.0
    for one in epochs:
        if one.validation_loss is None:
            continue
        error = math.sqrt(max(accuracy, 0) * (1 - max(accuracy, 0)) / rows)
        if one.validation_loss < 0.99 * loss or one.validation_accuracy > accuracy + error / 2:
            improved, loss = one.epoch, min(loss, one.validation_loss)
            accuracy = max(accuracy, one.validation_accuracy)
    return improved


@given(epochs_lists)
def test_over_fitting_is_said_when_it_begins_and_again_after_a_new_best(epochs: list[EpochFacts]) -> None:
    expected, is_said, lowest = [], False, math.inf
    for count in range(1, len(epochs) + 1):
        one = epochs[count - 1]
        if one.train_loss is not None and one.validation_loss is not None and one.validation_loss < lowest:
            lowest, is_said = one.validation_loss, False
        if not is_said and overfits(epochs[:count]):
            is_said = True
            expected.append(count)
    assert [epoch for epoch, topic in said(epochs) if topic == "over-fitting"] == expected


@given(epochs_lists)
def test_a_plateau_is_fifteen_epochs_without_improvement(epochs: list[EpochFacts]) -> None:
    expected, flat_since = [], -1
    for count in range(1, len(epochs) + 1):
        if epochs[count - 1].validation_loss is None:
            continue
        improved = last_improvement(epochs[:count], ROWS)
        if count - improved >= 15 and improved != flat_since:
            flat_since = improved
            expected.append(count)
    got = [epoch for epoch, topic in said(epochs) if topic == "plateau"]
    over_fitted = [epoch for epoch, topic in said(epochs) if topic == "over-fitting"]
    # An over-fitted run stands still: that is no news.
    assert [epoch for epoch in expected if epoch not in got] == [
        epoch for epoch in expected if any(before <= epoch for before in over_fitted) and epoch not in got
    ]
    assert [epoch for epoch in got if epoch not in expected] == []


@given(epochs_lists)
def test_a_validation_loss_that_becomes_not_finite_is_said_once(epochs: list[EpochFacts]) -> None:
    lost = [one.validation_loss is None and one.train_loss is not None for one in epochs]
    begins = [index + 1 for index, now in enumerate(lost) if now and not (index and lost[index - 1])]
    assert [epoch for epoch, topic in said(epochs) if topic == "not-finite"] == begins


def test_over_fitting_needs_five_epochs_in_a_row_well_above_the_best() -> None:
    assert said(run_of([*FALLING, *[1.0] * 5])) == [(10, "over-fitting")]
    assert said(run_of([*FALLING, *[1.0] * 4])) == []
    assert said(run_of([*FALLING, 1.0, 1.0, 0.91, 1.0, 1.0])) == []  # noise around the best
    assert said(run_of([*FALLING, *[0.94] * 5])) == []  # less than 5 %
    assert said(run_of([0.05, *[0.058] * 9])) == []  # 16 %, and nothing in nats
    rising = [*[0.3 + 0.1 * index for index in range(10)]]
    assert said(run_of([*FALLING, *[1.0] * 5], rising)) == []  # the training loss rises too: it diverges
    assert said(run_of([*FALLING, *[1.0] * 6, 0.8, *[1.0] * 5])) == [(10, "over-fitting"), (17, "over-fitting")]


def test_over_fitting_says_where_it_began_and_by_how_much() -> None:
    [(_, finding)] = found_in(run_of([*FALLING, *[1.0] * 5]))
    assert finding.level == "warning"
    assert "since epoch 5: the validation loss has risen from 0.9000 to 1.0000" in finding.message
    assert "the training loss has fallen from 0.2000 to 0.1000" in finding.message


def test_a_slow_but_steady_improvement_is_no_plateau() -> None:
    assert said(run_of([2 * 0.998**index for index in range(60)])) == []  # .2 % an epoch
    assert said(run_of([1.0] * 16)) == [(16, "plateau")]
    assert said(run_of([1.0] * 40)) == [(16, "plateau")]
    [(_, finding)] = found_in(run_of([1.0] * 16))
    assert (finding.level, "no improvement since epoch 1, 15 epochs ago" in finding.message) == ("info", True)


def test_a_better_accuracy_within_the_noise_is_no_improvement() -> None:
    def accuracies(step: float) -> list[EpochFacts]:
        return [EpochFacts(one, 1.0, 1.0, 0.5 + (step if one > 5 else 0)) for one in range(1, 18)]

    half_an_error = 0.5 * math.sqrt(0.25 / ROWS)
    assert said(accuracies(0.9 * half_an_error)) == [(16, "plateau")]
    assert said(accuracies(1.1 * half_an_error)) == []


def test_what_over_fits_is_not_called_flat_too() -> None:
    assert said(run_of([*FALLING, *[1.2] * 30])) == [(10, "over-fitting")]


# Classes that are never predicted


def matrices(predicted: list[list[int]], support: tuple[int, ...] = (9, 9)) -> list[Columns | None]:
    return [Columns(support, row) for row in predicted]


def never_in(columns: list[Columns | None]) -> list[tuple[int, list[int]]]:
    """The epochs, and the classes that each brings; the rule sees no more than the last eleven."""
    found = [(end, never_predicted(end, columns[max(0, end - 11) : end])) for end in range(1, len(columns) + 1)]
    return [(epoch, classes) for epoch, classes in found if classes]


@given(st.lists(st.lists(st.integers(0, 1), min_size=3, max_size=3), max_size=40))
def test_a_class_is_said_in_the_tenth_epoch_in_a_row_without_it(rows: list[list[int]]) -> None:
    expected = []
    for epoch in range(1, len(rows) + 1):
        missing = []
        for index in (0, 1):  # of the third there are no names
            streak = 0
            while streak < epoch and not rows[epoch - 1 - streak][index]:
                streak += 1
            if streak == 10:
                missing.append(index)
        if missing:
            expected.append((epoch, missing))
    assert never_in(matrices(rows, (5, 1, 0))) == expected


def test_unknown_matrices_say_nothing_rather_than_twice() -> None:
    never = matrices([[9, 0]] * 20)
    assert never_in(never) == [(10, [1])]
    lost: list[Columns | None] = [*never[:11], None, *never[12:]]
    assert never_in(lost) == [(10, [1])]  # it may have been predicted in the twelfth
    assert never_in([None, *never[1:]]) == []
    again = matrices([[9, 0]] * 12 + [[8, 1]] + [[9, 0]] * 11)
    assert never_in(again) == [(10, [1]), (23, [1])]


def test_the_message_names_classes_and_their_names() -> None:
    labels = [f"L{index}\x1b" for index in range(9)]
    finding = never_predicted_finding([1, 3], labels, range(9))
    assert finding.message == (
        "not predicted once in 10 epochs: L1\\x1b (1 validation name), L3\\x1b (3 validation names)"
    )
    many = never_predicted_finding(list(range(9)), labels, range(9)).message
    assert many.count("validation name") == MAX_NAMED
    assert many.endswith(" and 4 more classes")


def test_the_rules_remember_no_more_than_a_few_epochs() -> None:
    rules = EpochRules.of(ROWS)
    for one in run_of([0.5, *[1.0 + index % 7 for index in range(2000)]]):
        rules = rules.after(one)
    assert [one.epoch for one in rules.over_fitting.since] == [1997, 1998, 1999, 2000, 2001]
