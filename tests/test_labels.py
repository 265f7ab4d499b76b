"""Labels that look the same: one label where Unicode has two ways to write it, a warning where they may be two."""

from __future__ import annotations

from pathlib import Path

import pytest

from namestui.data.corpus import CorpusError, load_corpus
from namestui.data.labels import look_alikes

COMPOSED, DECOMPOSED = "Árabe", "A\u0301rabe"


def folder(place: Path, **names: str) -> Path:
    place.mkdir()
    for label, content in names.items():
        (place / f"{label}.txt").write_text(content)
    return place


def test_two_ways_to_write_a_label_are_one_class(tmp_path: Path) -> None:
    table = tmp_path / "names.csv"
    table.write_text(f"name,label\nAnna,{COMPOSED}\nBo,{DECOMPOSED}\nCid,Z\nDan, {COMPOSED} \n")
    files = folder(tmp_path / "folder", **{COMPOSED: "Anna\n", DECOMPOSED: "Bo\n", "Z": "Cid\n"})
    for corpus, targets in ((load_corpus(table), [1, 1, 0, 1]), (load_corpus(files), [0, 1, 1])):
        assert corpus.labels == ("Z", COMPOSED)
        assert corpus.targets.tolist() == targets
        assert corpus.cleaning.summary() == []


def test_two_files_of_one_label_are_no_two_labels(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match=f"only one label \\({COMPOSED}\\)"):
        load_corpus(folder(tmp_path / "folder", **{COMPOSED: "Anna\n", DECOMPOSED: "Bo\n"}))


def test_a_label_of_spaces(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match=r" \.txt: the label is empty; rename the file"):
        load_corpus(folder(tmp_path / "folder", **{" ": "Anna\n", "B": "Bo\n"}))


def test_runs_from_before_keep_their_labels(tmp_path: Path) -> None:
    files = folder(tmp_path / "folder", **{COMPOSED: "Anna\n", DECOMPOSED: "Bo\n", " Z": "Cid\n"})
    assert load_corpus(files, reading="legacy").labels == (" Z", DECOMPOSED, COMPOSED)


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        (["Irish", "Italian", "irish", "IRISH"], ["Irish, irish, IRISH"]),
        (["Abban", "Аbban"], [r"Abban, \u0410bban"]),
        (["Abban", "Ab\u200bban"], [r"Abban, Ab\u200bban"]),
        (["A b", "A\u00a0b"], [r"A b, A\xa0b"]),
        (["Ａ", "A", "B", "b"], [r"\uff21, A", "B, b"]),
        (["Ab", "Äb", "Abb"], []),
    ],
)
def test_labels_that_are_alike(labels: list[str], expected: list[str]) -> None:
    assert look_alikes(labels) == expected


def test_labels_that_are_alike_are_reported(tmp_path: Path) -> None:
    corpus = load_corpus(folder(tmp_path / "folder", Irish="Anna\n", irish="Bo\n"))
    assert corpus.cleaning.summary() == [
        "labels that look alike: Irish, irish; if they are one class, give them one name"
    ]
