"""``namestui evaluate``: what the record says class by class, and names that the run has never seen."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from namestui.data.corpus import load_corpus
from namestui.data.splits import split_corpus
from namestui.runs import events
from namestui.runs.store import RunDirectory, RunError, RunStore
from namestui.tui.cli.evaluate import EvaluationReport, show_evaluation
from namestui.tui.words.score_tables import class_table
from tests.training_here import train_here
from tests.watching import Create, record_of


@pytest.fixture
def run(create: Create) -> RunDirectory:
    """A finished run on the small corpus."""
    run = create(30, "lstm")
    train_here(run)
    return run


def asked(
    store: RunStore, run: RunDirectory, capsys: pytest.CaptureFixture[str], corpus: str | None = None
) -> dict[str, object]:
    capsys.readouterr()
    show_evaluation(store, run, corpus, json=True)
    found: dict[str, object] = json.loads(capsys.readouterr().out)
    assert set(found) == set(EvaluationReport.__struct_fields__)
    return found


def test_the_test_part_as_it_was_scored(store: RunStore, run: RunDirectory, capsys: pytest.CaptureFixture[str]) -> None:
    scored = next(event for event in record_of(run) if isinstance(event, events.TestScored))
    found = asked(store, run, capsys)
    assert (found["accuracy"], found["macro_f1"], found["rows"]) == (scored.accuracy, scored.macro_f1, scored.rows)
    assert found["classes"] == ["Abban", "Kirik", "Sumo"]
    hits = sum((one.recall or 0) * one.support for one in scored.by_class)
    assert hits / scored.rows == pytest.approx(scored.accuracy)
    assert sum(one.support for one in scored.by_class) == scored.rows
    # AND for people: a line a class
    show_evaluation(store, run, None, json=False)
    out = capsys.readouterr().out.splitlines()
    assert out[0].startswith(f"{run.id} on its test part, scored at the end")
    assert [line.split()[0] for line in out[2:]] == ["class", "Abban", "Kirik", "Sumo"]


def test_on_its_own_corpus_only_the_test_part_is_left(
    store: RunStore, run: RunDirectory, small_corpus: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    recorded, again = asked(store, run, capsys), asked(store, run, capsys, str(small_corpus))
    parts = split_corpus(load_corpus(small_corpus), "grouped", 0)
    assert again["left_out"] == len(parts.train) + len(parts.validation)
    for name in ("rows", "accuracy", "low", "high", "macro_f1", "by_class"):
        assert again[name] == recorded[name]


def test_a_corpus_with_some_of_the_labels(
    store: RunStore, run: RunDirectory, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "new"
    folder.mkdir()
    (folder / "Sumo.txt").write_text("Sumosumosu\nOsumosu\nosumosu\n", encoding="utf-8")
    (folder / "Kirik.txt").write_text("Kirkirik\n", encoding="utf-8")
    found = asked(store, run, capsys, str(folder))
    assert found["left_out"] == 1  # a repeated one
    by_class = found["by_class"]
    assert isinstance(by_class, list)
    assert [one["support"] for one in by_class] == [0, 1, 2]
    # AND with a label that the run does not know
    (folder / "Zulu.txt").write_text("Zulu\n", encoding="utf-8")
    with pytest.raises(RunError, match=r"labels that run \S+ does not know: Zulu"):
        show_evaluation(store, run, str(folder), json=False)


def test_what_cannot_be_scored(store: RunStore, create: Create, run: RunDirectory, tmp_path: Path) -> None:
    # What is not finished says what it is, and both ways on
    with pytest.raises(RunError, match=r"is not finished \(interrupted, epoch 0 of 3\).*resume.*--corpus CORPUS"):
        show_evaluation(store, create(3), None, json=False)
    with pytest.raises(RunError, match="the corpus is empty"):
        show_evaluation(store, run, "", json=False)
    with pytest.raises(RunError, match="no such"):
        show_evaluation(store, run, str(tmp_path / "nowhere"), json=False)
    corpus = load_corpus(Path(run.config().corpus))
    train = split_corpus(corpus, "grouped", 0).train
    folder = tmp_path / "seen"
    folder.mkdir()
    for label in corpus.labels:
        names = [corpus.names[row] for row in train if corpus.labels[corpus.targets[row]] == label]
        (folder / f"{label}.txt").write_text("\n".join(names), encoding="utf-8")
    with pytest.raises(RunError, match="no name is left to score"):
        show_evaluation(store, run, str(folder), json=False)


def test_a_record_without_scores_by_class_and_names_that_are_no_text() -> None:
    assert class_table(["a"], []) == ["no scores by class: an older namestui recorded this run"]
    one = events.ClassScore(precision=None, recall=0.5, support=1234)
    assert class_table(["\x1b[31m"], [one])[1].split() == [r"\x1b[31m", "-", "50.0", "%", "1,234"]
