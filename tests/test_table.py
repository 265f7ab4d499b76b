"""Corpora in one .csv or .tsv: equal to a folder's, and one clear line for whatever cannot be used."""

from __future__ import annotations

import csv
import io
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from namestui.data import table
from namestui.data.corpus import Corpus, CorpusError, load_corpus
from namestui.data.labels import MAX_LABELS

letters = st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"])
names = st.text(st.sampled_from("abZ '-é,\"") | letters, max_size=8)
rows = st.lists(st.tuples(names, st.sampled_from(["Ab", "Ab-c", "Ä", "Cd"])), max_size=30)


def load(folder: Path, content: str | bytes, name: str = "names.csv") -> Corpus:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return load_corpus(path)


def refusal(folder: Path, content: str | bytes, name: str = "names.csv") -> str:
    """The text of the error; always one printable line that names the file."""
    with pytest.raises(CorpusError) as caught:
        load(folder, content, name)
    text = str(caught.value)
    assert text.isprintable()
    assert name in text
    return text


@given(rows, st.sampled_from([",", "\t"]), st.sampled_from(["\n", "\r\n"]), st.sampled_from([1, 3, 100_000]))
def test_a_table_is_read_as_a_folder_of_the_same_names(
    rows: list[tuple[str, str]], delimiter: str, line_end: str, block: int
) -> None:
    # GIVEN the same names as a table in the folder's order, quoted by Python's csv, and as a folder
    rows = [("Anna", "Ab"), ("Bo", "Cd"), *((name, label) for name, label in rows)]
    rows.sort(key=lambda row: f"{row[1]}.txt")
    text = io.StringIO()
    writer = csv.writer(text, delimiter=delimiter, lineterminator=line_end)
    writer.writerows([("id", "Label", "NAME"), *((i, label, name) for i, (name, label) in enumerate(rows))])
    with tempfile.TemporaryDirectory() as place, pytest.MonkeyPatch.context() as patch:
        patch.setattr(table, "_BLOCK", block)
        folder = Path(place) / "folder"
        folder.mkdir()
        for label in {label for _, label in rows}:
            lines = [name.lstrip(" ") for name, of in rows if of == label]  # a table may have spaces after commas
            (folder / f"{label}.txt").write_bytes("".join(f"{line}\n" for line in lines).encode())
        try:
            expected = load_corpus(folder)
        except CorpusError:  # a label of which nothing is left: then the table is refused too
            refusal(Path(place), text.getvalue(), "names.csv" if delimiter == "," else "names.tsv")
            return
        found = load(Path(place), text.getvalue(), "names.csv" if delimiter == "," else "names.tsv")
    assert found.labels == expected.labels
    assert found.names == expected.names
    assert found.targets.tolist() == expected.targets.tolist()
    assert found.cleaning == expected.cleaning
    assert found.fingerprint() == expected.fingerprint()


def test_rows_keep_the_order_of_the_file(tmp_path: Path) -> None:
    corpus = load(tmp_path, "name,label\nBo,Zz\nAnna,Aa\nCid,Zz\n")
    assert corpus.labels == ("Aa", "Zz")
    assert corpus.names == ("Bo", "Anna", "Cid")
    assert corpus.targets.tolist() == [1, 0, 1]


@pytest.mark.parametrize(
    "content",
    [
        "\ufeffname,label\nAnna,X\nBo,Y\n",
        "Name , LABEL\r\nAnna,X\r\nBo,Y",
        'label,name\nX,"Anna"\n"Y",Bo\n',
        'id,note,name,label\n1,"two\nlines",Anna,X\n2,,Bo,Y\n',
        "name,label\n\nAnna, X \n\nBo,Y\n\n",
    ],
    ids=["BOM", "CRLF and case", "quotes", "other columns", "blank lines and spaces"],
)
def test_what_is_accepted(tmp_path: Path, content: str) -> None:
    corpus = load(tmp_path, content)
    assert (corpus.labels, corpus.names) == (("X", "Y"), ["Anna", "Bo"])


@pytest.mark.parametrize(
    ("content", "line", "reason"),
    [
        ("", 1, "no column name and no column label"),
        ("surname,label\nAnna,X\n", 1, "no column name in"),
        ("name,language\nAnna,X\n", 1, "no column label in"),
        ("name,label\n", 1, "no row"),
        ("name,label\nAnna,X\nBo\n", 3, "only 1 column"),
        ('name,note,label\nAnna,"a\nb",X\n"Bo",c\n', 4, "only 2 columns"),
        ("name,label\nAnna,X\nBo,\n", 3, "the label is empty"),
        ("name,label\nAnna,X\nBo,a/b\n", 3, "path separator"),
        ("name,label\nAnna,X\nBo,a\\b\n", 3, "path separator"),
        ("name,label\nAnna,X\nBo,a\x1b[1m\n", 3, "control character"),
        (f"name,label\nAnna,X\nBo,{'y' * 201}\n", 3, "201 letters"),
        ("name,label\nAnna,X\nB\x07o,Y\n", 3, "control character U+0007"),
        ('name,label\nAnna,X\n\n"B\no",Y\n', 4, "control character U+000A"),
        ('name,label\nAnna,X\n"B\ro",Y\n', 3, "control character U+000D"),
        (f"name,label\nAnna,X\n{'a' * 201},Y\n", 3, "201 letters"),
        (f'name,label\nAnna,X\nBo,"{"y" * 140_000}', 3, "field larger"),
        ("name,label\rAnna,X\rBo,Y\r", 1, "end in CR alone"),
        ("name,label\nAnna,X\nBo,Y\n0,Z\n", 4, "no name of label Z"),
        (b"name,label\nAnna,X\nJos\xe9,Y\n", 3, "not UTF-8"),
    ],
)
def test_what_is_refused_names_the_line(tmp_path: Path, content: str | bytes, line: int, reason: str) -> None:
    text = refusal(tmp_path, content)
    assert f"names.csv:{line}: " in text
    assert reason in text


def test_one_label_only(tmp_path: Path) -> None:
    assert "only one label (X)" in refusal(tmp_path, "name,label\nAnna,X\nBo,X\n")


def test_no_such_table(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="No such file"):
        load_corpus(tmp_path / "nowhere.csv")


def test_a_column_of_something_else_is_not_taken_for_labels(tmp_path: Path) -> None:
    many = "".join(f"Anna,{number}\n" for number in range(MAX_LABELS + 1))
    assert "is label the right column" in refusal(tmp_path, f"name,label\n{many}")


def test_progress_ends_at_the_whole(tmp_path: Path) -> None:
    path = tmp_path / "names.csv"
    path.write_text("name,label\n" + "Anna,X\nBo,Y\n" * 200_000)
    told: list[tuple[int, int]] = []
    load_corpus(path, lambda done, total: told.append((done, total)))
    assert len(told) > 1
    assert told == sorted(told)
    assert told[-1] == (path.stat().st_size,) * 2
