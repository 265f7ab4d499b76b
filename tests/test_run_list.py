"""The list of runs without a screen: what is filtered, sorted, grouped and marked, and which columns fit."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from namestui.runs.filter_completion import completions, without_last_part
from namestui.runs.filter_values import FilterError
from namestui.runs.notes import Notes, retagged
from namestui.runs.recipes import make_config
from namestui.runs.run_fields import FIELDS
from namestui.runs.run_filter import parse_filter
from namestui.runs.run_groups import Group, group_runs, sort_runs
from namestui.runs.summary import Summary
from namestui.tui.dialogs.run_columns import GAP, MARKS, columns_of
from namestui.tui.dialogs.run_list import WITH_SPLIT, Row, RunList, rows_of


def run(name: str, model: str = "lstm", best: float | None = 0.8, **changes: Any) -> Summary:
    plain: dict[str, Any] = {
        **{"run": f"id-{name}", "name": name, "tags": [], "note": "", "model": model, "corpus": "bundled", "host": "h"},
        **{"state": "finished", "epoch": 20, "epochs": 20, "best_accuracy": best, "age": 60.0, "size": 1000, "seed": 0},
        **{"split": "grouped", "config": make_config(model)},
    }
    return Summary(**{**plain, **changes})


RUNS = [
    run("e", "gru", None),
    run("d", "rnn", 0.7, tags=["x"]),
    run("c", "lstm", 0.9),
    run("b", "rnn", 0.7, settings={"dropout": 0.1}),
    run("a", "lstm", 0.8, tags=["x", "two words"], seed=3),
]


def listed(runs: list[Summary] = RUNS) -> RunList:
    found = RunList()
    found.load(rows_of(runs))
    return found


def names(one: RunList) -> str:
    return "".join(run.name for run in one.shown())


def test_it_is_sorted_by_column_after_column() -> None:
    one = listed()
    assert (names(one), one.sort) == ("edcba", "")
    headings = ["name", "model", "best", "seed"]
    # WHEN it is sorted, first by the best accuracy: equal ones stay as they were, those without one come last
    one.move_sort(1, headings)
    assert (names(one), one.sort) == ("cadbe", "best")
    one.reverse()
    assert names(one) == "dbace"
    one.move_sort(1, headings)
    assert (names(one), one.sort, one.is_reversed) == ("edcba", "seed", False)
    one.move_sort(1, headings)
    assert (names(one), one.sort) == ("abcde", "name")
    one.move_sort(-2, headings)
    assert one.sort == "best"
    # AND by a heading that is clicked, again in reverse
    one.sort_by("name")
    one.sort_by("name")
    assert names(one) == "edcba"
    one.sort_by("name")
    assert names(one) == "abcde"
    one.move_sort(1, ["model"])
    assert one.sort == "model"


def test_groups_come_in_the_order_of_their_first_runs() -> None:
    one = listed()
    one.sort_by("best")
    one.next_grouping()
    assert one.group_by == "model"
    lines = [line.run.name if isinstance(line, Row) else f"{line.value}:" for line in one.lines]
    assert lines == ["lstm:", "c", "a", "rnn:", "d", "b", "gru:", "e"]
    groups = {line.value: line for line in one.lines if isinstance(line, Group)}
    assert (groups["lstm"].best, groups["lstm"].mean) == (0.9, pytest.approx(0.85))
    assert (groups["gru"].best, groups["gru"].mean) == (None, None)
    # AND only what tells runs apart is offered: here seeds and tags
    seen = [one.group_by]
    while one.group_by:
        one.next_grouping()
        seen.append(one.group_by)
    assert seen[:3] == ["model", "seed", "tag"]
    assert seen[-1] == ""
    assert "corpus" not in seen


def test_the_filter_narrows_it_and_a_bad_last_part_does_not_empty_it() -> None:
    one = listed()
    one.filter("model:rnn")
    assert names(one) == "db"
    with pytest.raises(FilterError):
        one.filter("model:lstm best>")
    assert names(one) == "ca"
    with pytest.raises(FilterError):
        one.filter("quagga:1 model:")
    assert names(one) == "ca"
    one.filter("")
    assert names(one) == "edcba"


def test_marks_stay_on_runs_that_the_filter_hides_and_leave_those_that_are_gone() -> None:
    one = listed()
    one.toggle_mark("id-a")
    one.toggle_mark("id-e")
    one.toggle_mark("id-e")
    one.filter("model:rnn")
    one.toggle_all()
    assert [run.name for run in one.marked_runs()] == ["d", "b", "a"]
    one.toggle_all()
    assert [run.name for run in one.marked_runs()] == ["a"]
    one.load(rows_of(RUNS[:-1]))
    assert one.marked_runs() == []
    assert names(one) == "db"


def test_a_list_without_runs_takes_every_key() -> None:
    one = listed([])
    one.move_sort(1, list(columns_of(one.rows, 80)))
    one.reverse()
    one.next_grouping()
    one.toggle_all()
    one.filter("model:lstm x")
    assert (one.lines, one.marked_runs(), one.group_by) == ([], [], "")
    assert one.completed("mod") == "model:"


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("mod", "model:"),
        ("-mod", "-model:"),
        ("best>.8 se", "best>.8 seed>"),
        ("learning_", "learning_rate>"),
        ("model:g", "model:gru"),
        ("-model!=gru,r", "-model!=gru,rnn"),
        ("state:fin", "state:finished"),
        ("split:r", "split:random"),
        ("tag:t", 'tag:"two words"'),
        ("name:c", None),
        ("quagga", None),
        ("quagga:x", None),
        ("best>", None),
        ("note:x", None),
        ('"mod', None),
    ],
)
def test_what_is_offered_while_typing(typed: str, first: str | None) -> None:
    assert listed().completed(typed) == first


@given(st.text(max_size=20))
def test_what_is_offered_goes_on_with_what_is_typed(typed: str) -> None:
    before = without_last_part(typed)
    assert typed.startswith(before)
    assert all(offered.startswith(before) and offered != typed for offered in completions(typed, RUNS))


@pytest.mark.parametrize("typed", ["model:", "-tag:", "state!=", "split:r", "run=id", "name:", 'x model:"l'])
def test_every_value_that_is_offered_can_be_read(typed: str) -> None:
    offered = completions(typed, RUNS)
    assert offered
    for text in offered:
        parse_filter(text)


@given(st.lists(st.sampled_from([None, 0.1, 0.5, 0.9]), max_size=8), st.booleans())
def test_sorting_is_stable_and_loses_nothing(shares: list[float | None], is_reversed: bool) -> None:
    runs = [run(str(number), best=share) for number, share in enumerate(shares)]
    found = sort_runs(runs, FIELDS["best"], is_reversed=is_reversed)
    there = [(one.best_accuracy, int(one.name)) for one in found if one.best_accuracy is not None]
    assert there == sorted(there, key=lambda pair: (pair[0] if is_reversed else -pair[0], pair[1]))
    assert [int(one.name) for one in found[len(there) :]] == [i for i, share in enumerate(shares) if share is None]


@given(st.lists(st.sampled_from(["rnn", "lstm", "gru"]), max_size=8))
def test_groups_hold_every_run_once(models: list[str]) -> None:
    runs = [run(str(number), model) for number, model in enumerate(models)]
    groups = group_runs(runs, FIELDS["model"])
    assert [group.value for group in groups] == list(dict.fromkeys(models))
    assert sorted(one.name for group in groups for one in group.runs) == sorted(one.name for one in runs)
    assert all(one.model == group.value for group in groups for one in group.runs)


@given(st.integers(1, 260), st.lists(st.text("abx é", max_size=40), min_size=1, max_size=4))
def test_columns_never_take_more_than_there_is(width: int, texts: list[str]) -> None:
    runs = [run(text, settings={"recipe": text}, seed=len(text)) for text in texts]
    columns = columns_of(rows_of(runs), width)
    assert sum(cells + GAP for cells in columns.values()) + MARKS <= max(width, 1 + GAP + MARKS)
    assert all(cells > 0 for cells in columns.values())


def test_at_80_columns_the_least_telling_ones_go_first() -> None:
    runs = [
        run(name, "wide-lstm", settings={"learning_rate": rate, "hidden_size": 64, "dropout": 0.1}, state="interrupted")
        for name, rate in (("tuesday", 0.0025), ("wednesday", 0.03))
    ]
    runs.append(run("friday", settings={"hidden_size": 64}, seed=3, split="random"))
    rows = rows_of(runs)
    assert list(columns_of(rows, 74)) == ["name", "model", "state", "best", "seed", "settings"]
    assert list(columns_of(rows, 200))[-5:] == ["age", "corpus", "run", "host", "size"]
    # AND what all have alike is not repeated in each row; a split is there, with or without a column
    told = [row.cells["settings"] for row in rows.by_id.values()]
    assert told == ["rate=0.0025 dropout=0.1", "rate=0.03 dropout=0.1", ""]
    assert [row.cells[WITH_SPLIT] for row in rows.by_id.values()] == [*told[:2], "split=random"]


@pytest.mark.parametrize(
    ("tags", "add", "remove", "found"),
    [
        (["a"], ["b"], [], ["a", "b"]),
        (["a"], ["A"], [], ["A"]),
        (["a", "b"], ["a"], [], ["a", "b"]),
        (["a", "b"], [], ["B"], ["a"]),
        (["a"], ["b", "b"], ["a"], ["b"]),
        (["a"], ["x"], ["x"], ["a", "x"]),
        ([], [], ["x"], []),
    ],
)
def test_tags_are_added_and_taken_away(tags: list[str], add: list[str], remove: list[str], found: list[str]) -> None:
    before = Notes(name="n", tags=tags, note="text")
    assert retagged(before, add=add, remove=remove) == Notes(name="n", tags=found, note="text")


def test_a_word_after_a_quoted_text_is_completed() -> None:
    assert without_last_part('"two words" mod') == '"two words" '
    assert without_last_part('-"two words') == ""
    assert completions('"two words" mod', RUNS) == ['"two words" model:']


def test_a_value_that_steers_a_terminal_is_not_offered() -> None:
    found = [run("\x1b[2Ja", tags=["two\nlines", "plain"]), run("bed")]
    assert completions("name:", found) == ["name:bed"]
    assert completions("tag:", found) == ["tag:plain"]
