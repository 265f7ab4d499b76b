"""Tables in cells of a terminal: aligned whatever the letters, and as wide as there is room for."""

from __future__ import annotations

import json
import re

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from namestui.runs.differences import differences, recorded_differences
from namestui.runs.events import ClassScore, Prediction
from namestui.runs.recipes import make_config
from namestui.runs.store import RunStore
from namestui.runs.summary import Summary
from namestui.runs.text import inert
from namestui.tui.plain.output import escaped
from namestui.tui.state.name_question import Answer
from namestui.tui.state.run_state import RunState
from namestui.tui.words.about import about
from namestui.tui.words.event_lines import event_line
from namestui.tui.words.runs import runs_table
from namestui.tui.words.score_tables import class_table
from namestui.tui.words.table import aligned, pad, shorten
from tests.any_events import nasty_text
from tests.command_line import Call
from tests.fake_engine import EventMaker
from tests.test_predictions import lines_of

WIDE = ["Müller", "日本語", "e\u0301le\u0300ve", "👍🏽", "한국"]
texts = (st.sampled_from(WIDE) | nasty_text).map(inert)


def end_of(line: str, text: str) -> int:
    """The cell after the first ``text`` in ``line``."""
    return cell_len(line[: line.index(text) + len(text)])


@given(st.lists(st.tuples(texts, texts), min_size=1, max_size=8))
def test_columns_line_up_by_cells(rows: list[tuple[str, str]]) -> None:
    lines = aligned([(one, "|", other, "|") for one, other in rows], right=(2,))
    assert len({cell_len(line) for line in lines}) == 1
    width = max(cell_len(one) for one, _ in rows)
    assert all(line.startswith(pad(one, width) + "  |") for line, (one, _) in zip(lines, rows, strict=True))


@given(texts, st.integers(1, 30))
def test_what_is_shortened_fits_and_says_so(text: str, width: int) -> None:
    short = shorten(text, width)
    assert cell_len(short) <= width
    assert (short == text) == (cell_len(text) <= width) or short == "…"


def test_classes_in_any_script_are_aligned() -> None:
    one = ClassScore(precision=0.25, recall=0.5, support=7)
    lines = class_table(WIDE, [one] * len(WIDE))
    assert len({end_of(line, "50.0 %") for line in lines[1:]}) == 1


def test_predictions_of_runs_with_names_in_any_script_are_aligned() -> None:
    answers = [Answer(title, (Prediction(label="Sumo", probability=0.9999),)) for title in WIDE]
    lines = lines_of(answers, width=60, height=len(WIDE))
    assert len({end_of(line, "Sumo") for line in lines}) == 1
    assert all(line.endswith(">99.9%") for line in lines)


def cells_of(lines: list[str], row: int) -> dict[str, str]:
    """The cells of a line of a table, by the headings above them."""
    starts = [match.start() for match in re.finditer(r"\S+", lines[0])]
    ends = [*starts[1:], None]
    return {lines[0][a:b].strip(): lines[row][a:b].strip() for a, b in zip(starts, ends, strict=True)}


def summary(**changes: object) -> Summary:
    fields: dict[str, object] = {
        **{"run": "20261123-214207-wide-lstm-k3f9", "name": "", "tags": [], "note": "", "model": "wide-lstm"},
        **{"corpus": "bundled", "host": "gpu-box", "state": "interrupted", "epoch": 12, "epochs": 20, "seed": 0},
        **{"best_accuracy": 0.8312, "age": 100.0, "size": 12_345_678, "split": "grouped", "settings": {}},
    }
    return Summary(**{**fields, **changes})  # type: ignore[arg-type]


def test_a_wide_terminal_shows_all_and_an_80_column_one_what_matters() -> None:
    runs = [
        summary(settings={"learning_rate": 0.02, "dropout": 0.1}, seed=7, name="my best one", tags=["tried"]),
        summary(corpus="/home/me/a/long/way/to/names.csv", split="random", best_accuracy=None),
    ]
    wide = runs_table(runs)
    assert "learning_rate=0.02 dropout=0.1" in wide[1]
    assert "my best one #tried" in wide[1]
    assert (cells_of(wide, 1)["seed"], cells_of(wide, 2)["split"]) == ("7", "random")
    narrow = runs_table(runs, 80)
    assert max(map(cell_len, narrow)) <= 80
    assert narrow[0].split()[:2] == ["run", "state"]
    assert all(run.run in line and "interrupted" in line for run, line in zip(runs, narrow[1:], strict=True))
    assert "settings" in narrow[0]
    # AND the seed and the split are there, in columns or among the settings
    short = [summary(seed=7, split="random", settings={}), summary(name="tuesday")]
    assert runs_table(short, 80)[1].split()[-2:] == ["7", "random"]
    assert "seed=7" in runs_table([*short, *runs], 80)[1]
    # AND there only what differs is told, in short names, before what is known by the id
    alike = [
        summary(settings={"dropout": 0.1, "learning_rate": rate}, seed=7, name="a name of some length")
        for rate in (0.02, 0.03)
    ]
    assert ["rate=0.02" in line or "rate=0.03" in line for line in runs_table(alike, 80)] == [False, True, True]
    # AND what fits is not left away
    assert runs_table([summary()], 200) == runs_table([summary()])


@given(
    st.lists(st.builds(lambda name, corpus: summary(name=name, corpus=corpus), texts, texts), min_size=1, max_size=3)
)
def test_no_line_is_wider_than_80_cells(runs: list[Summary]) -> None:
    assert max(map(cell_len, runs_table(runs, 80))) <= 80


# What a run has otherwise than its recipe


def test_what_differs_from_the_recipe() -> None:
    assert differences(make_config("rnn")) == {}
    assert differences(make_config("rnn", seed=3, epochs=7, corpus="/x")) == {}  # columns of their own
    set_otherwise = make_config("rnn", settings=["learning_rate=.02", "hidden_size=64"], nproc=2)
    assert differences(set_otherwise) == {"learning_rate": 0.02, "hidden_size": 64, "nproc": 2}
    assert differences(make_config("lstm", recipe="report")) == {"recipe": "report"}
    assert recorded_differences({"epochs": [], "model": None}) == {}
    assert recorded_differences({"model": object()}) == {}


def test_three_networks_at_different_rates_can_be_told_apart(call: Call, store: RunStore) -> None:
    for learning_rate in (0.01, 0.02, 0.04):
        store.create(make_config("rnn", seed=3, split="random", settings=[f"learning_rate={learning_rate}"]))
    status, out, _ = call("runs")
    assert status == 0
    assert ["learning_rate=0.04" in out, "learning_rate=0.02" in out, "learning_rate=0.01" in out] == [
        True,
        True,
        False,
    ]
    assert [cells_of(out.splitlines(), at)[name] for at in (1, 2, 3) for name in ("seed", "split")] == [
        "3",
        "random",
    ] * 3
    objects = [json.loads(line) for line in call("runs", "--json")[1].splitlines()]
    assert [one["settings"] for one in objects] == [{"learning_rate": 0.04}, {"learning_rate": 0.02}, {}]
    assert {(one["split"], one["seed"]) for one in objects} == {("random", 3)}


def test_the_help_of_a_tab_and_the_first_line_say_what_differs() -> None:
    config = make_config("rnn", settings=["clip_norm=0.5"])
    started = EventMaker("20261123-214207-rnn-aaaa").run_started()
    changed = {name: getattr(config, name) for name in config.__struct_fields__}
    state = RunState(started.run, model="rnn")
    for fields, expected in ((changed, "clip_norm=0.5"), ({**changed, "clip_norm": 1.0}, "as in the recipe")):
        event = msgspec.structs.replace(started, config=fields)
        state.apply(event)
        assert any(line.startswith("settings ") and expected in line for line in about(state))
        assert ("clip_norm=0.5" in (event_line(event, state) or "")) == (expected == "clip_norm=0.5")


# JSON that is safe to look at


@given(nasty_text, st.sampled_from(["utf-8", "ascii", "latin-1", "cp1252"]))
def test_json_means_the_same_and_moves_no_terminal(text: str, encoding: str) -> None:
    line = escaped(json.dumps(text, ensure_ascii=False), encoding)
    assert json.loads(line) == text
    line.encode(encoding)
    assert not any("\x7f" <= letter <= "\x9f" or letter in "\u202e\u2066\u2028" for letter in line)


@pytest.mark.parametrize("letter", ["\x85", "\u202e", "\u2066", "\udcff"])
def test_the_letters_that_are_escaped(letter: str) -> None:
    assert escaped(f'"{letter}"', "utf-8") == f'"\\u{ord(letter):04x}"'
