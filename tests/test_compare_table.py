"""The table of compared runs: its columns, its order, and what of it fits."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from namestui.runs.text import Inert
from namestui.tui.state.compare import Compared, Configured
from namestui.tui.state.compare_view import CompareView
from namestui.tui.widgets.chart.plot import Reading
from namestui.tui.widgets.chart.series import Series
from namestui.tui.widgets.compare_columns import SETTING, VALUE, Shown, ordered, table_of
from namestui.tui.widgets.compare_layout import GAP, Column, Head, layout

RUNS = [
    Compared(number=1, run="run-a", title=Inert("RNN"), state="finished", best=0.7, seconds_to=(5.0, None)),
    Compared(number=2, run="run-b", title=Inert("LSTM"), state="running", best=0.8, seconds_to=(9.0, None)),
    Compared(number=3, run="run-c", title=Inert("GRU"), state="failed"),
]
CONFIGURED = Configured({"dropout": {1: None, 2: 0.4, 3: 0.1}}, [])


def test_measures_come_first_and_what_nobody_measured_is_left_away() -> None:
    table = table_of(RUNS, CONFIGURED, CompareView(focus="run-b"))
    cells = {column.heading: column.cells for column in table.columns}
    assert cells == {
        "best %": ("70.0", "80.0", ""),
        "to 73 %": ("5.00 s", "9.00 s", ""),
        "dropout": ("-", "0.4", "0.1"),
    }
    assert [column.best for column in table.columns] == [{1}, {0}, set()]
    assert (table.focus, table.column, table.sort) == (1, 0, None)
    assert table.note == "2 LSTM running  dropout=0.4  run-b"
    assert [head.number for head in table.heads] == [1, 2, 3]


def test_a_column_sorts_its_better_end_first_then_the_worse_then_as_the_tabs() -> None:
    names = ["best", "to 0.73", f"{SETTING}dropout"]
    view = CompareView(column="to 0.73")
    orders = []
    for _ in range(3):
        view = view.sorted(names)
        orders.append([one.number for one in ordered(RUNS, CONFIGURED, view)])
    assert orders == [[1, 2, 3], [2, 1, 3], [1, 2, 3]]
    assert view.sort == ""
    by_best = view.sorted(names, "best")
    assert [one.number for one in ordered(RUNS, CONFIGURED, by_best)] == [2, 1, 3]
    by_setting = view.sorted(names, names[2])
    assert [one.number for one in ordered(RUNS, CONFIGURED, by_setting)] == [3, 2, 1]


def test_an_order_by_a_setting_that_differs_no_more_is_that_of_the_tabs() -> None:
    view = CompareView(sort=f"{SETTING}gone", column="gone", focus="gone")
    table = table_of(RUNS, CONFIGURED, view)
    assert ([head.number for head in table.heads], table.sort, table.focus, table.column) == ([1, 2, 3], None, 0, 0)


@given(st.lists(st.integers(-3, 3), max_size=8))
def test_the_focus_stays_among_the_runs(steps: list[int]) -> None:
    view, ids, at = CompareView(), [one.run for one in RUNS], 0
    for step in steps:
        view, at = view.moved(step, ids), min(max(at + step, 0), 2)
        assert view.focus == ids[at]
    assert CompareView().moved(1, []) == CompareView()


def test_the_focus_goes_by_the_rows_as_they_stand_and_stays_on_its_run() -> None:
    view = CompareView(focus="run-a", sort="best")
    rows = [one.run for one in ordered(RUNS, CONFIGURED, view)]
    assert rows == ["run-b", "run-a", "run-c"]
    assert view.moved(-1, rows).focus == "run-b"
    faster = [replace(RUNS[0], best=0.9), *RUNS[1:]]
    assert table_of(faster, CONFIGURED, view).focus == 0  # it overtook


heads = st.lists(
    st.builds(Head, st.just("run"), st.integers(1, 99), st.text("ab漢", max_size=30).map(Inert), st.just("running"))
)
columns = st.lists(st.builds(Column, st.just(""), st.text("x", max_size=40).map(Inert), st.just(())), max_size=14)


@given(st.integers(0, 200), st.integers(0, 60), heads, columns, st.data())
def test_what_is_in_focus_is_in_view_and_nothing_overlaps(
    width: int, height: int, rows: list[Head], figures: list[Column], data: st.DataObject
) -> None:
    at = data.draw(st.integers(0, max(len(rows) - 1, 0))), data.draw(st.integers(0, max(len(figures) - 1, 0)))
    before = data.draw(st.tuples(st.integers(0, 40), st.integers(0, 40)))
    placed = layout((width, height), rows, figures, at, before)
    assert placed.first_row + placed.rows <= len(rows)
    if height > 1 and rows:
        assert placed.first_row <= at[0] < placed.first_row + placed.rows
    end = 0
    for index, left, wide in placed.columns:
        assert left >= end + GAP
        assert left + wide <= width
        assert all(placed.column_at(x) == index for x in range(left, left + wide))
        end = left + wide
    assert placed.columns == () or at[1] in [index for index, _, _ in placed.columns]
    # THEN nothing moves when it is laid out again
    assert layout((width, height), rows, figures, at, (placed.first_row, placed.first_column)) == placed


@pytest.mark.parametrize(("width", "shown"), [(78, 3), (198, 5)])
def test_as_many_columns_as_fit(width: int, shown: int) -> None:
    figures = [Column(str(n), Inert("x" * 14), ()) for n in range(5)]
    placed = layout((width, 9), [Head("run", 1, Inert("LSTM"), "running")], figures, (0, 0))
    assert len(placed.columns) == shown


def test_a_value_of_another_epoch_says_of_which() -> None:
    """A run that ended before the epoch that is looked at has none of it."""
    series = Series(Inert("x"), (1.0,), (0.5,), 1)
    shown = Shown({1: Reading(series, 0.5, 9), 2: Reading(series, None, 17)}, epoch=17)
    value = table_of(RUNS, CONFIGURED, CompareView(), shown).columns[0]
    assert (value.heading, value.cells) == ("epoch 17", ("0.5000 @9", "NaN", ""))
    stepping = Shown({1: Reading(series, 0.5, 0)}, epoch=17)
    assert table_of(RUNS[:1], CONFIGURED, CompareView(), stepping).columns[0].name != VALUE
    newest = table_of(RUNS, CONFIGURED, CompareView(), shown._replace(epoch=None)).columns[0]
    assert (newest.heading, newest.cells) == ("now", ("0.5000", "NaN", ""))
