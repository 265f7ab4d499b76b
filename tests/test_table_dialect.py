"""Tables as other programs write them: read where there is one way to, else one line that says what to do."""

from __future__ import annotations

import csv
import io
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from namestui.data.corpus import Corpus, CorpusError, load_corpus

# csv leaves a lone CR unquoted, and no reader knows whether it ends the line.
cells = st.text(st.sampled_from("abZ '-é,;|\t\"\n") | st.characters(codec="utf-8", exclude_characters="\r"), max_size=8)
names = st.text("abZ '.,;\"", min_size=1, max_size=8).filter(lambda name: any(map(str.isalpha, name)))
rows = st.lists(st.tuples(cells, names, st.sampled_from(["X", "Y", "Z, W", "V|U", "T;S"])), max_size=20)


def load(folder: Path, content: str, name: str = "names.csv") -> Corpus:
    path = folder / name
    path.write_bytes(content.encode())
    return load_corpus(path)


def refusal(folder: Path, content: str, name: str = "names.csv") -> str:
    with pytest.raises(CorpusError) as caught:
        load(folder, content, name)
    text = str(caught.value)
    assert text.isprintable()
    return text.removeprefix(f"{folder}/")


@given(
    rows,
    st.sampled_from(",;\t|"),
    st.sampled_from(["csv", "tsv"]),
    st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL, csv.QUOTE_NONNUMERIC]),
    st.sampled_from(["\n", "\r\n"]),
    st.sampled_from(["", "\ufeff", "sep", "\n"]),
    st.permutations(["note", "name", "label"]),
)
def test_whatever_csv_writes_is_read_back(
    written: list[tuple[str, str, str]],
    delimiter: str,
    suffix: str,
    quoting: int,
    line_end: str,
    above: str,
    order: list[str],
) -> None:
    written = [("", "Anna", "X"), ("", "Bo", "Y"), *written]
    text = io.StringIO(newline="")
    text.write(f"sep={delimiter}{line_end}" if above == "sep" else above)
    writer = csv.writer(text, delimiter=delimiter, lineterminator=line_end, quoting=quoting)  # type: ignore[arg-type]
    fields = {"note": 0, "name": 1, "label": 2}
    writer.writerow(order)
    writer.writerows([[row[fields[column]] for column in order] for row in written])
    with tempfile.TemporaryDirectory() as place:
        corpus = load(Path(place), text.getvalue(), f"names.{suffix}")
    expected = [(name.replace('"', "").strip(), label) for _, name, label in written]
    assert list(zip(corpus.names, [corpus.labels[at] for at in corpus.targets], strict=True)) == expected


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.csv", "name;label\nAnna;X\nBo;Y\n"),
        ("a.csv", "name\tlabel\nAnna\tX\nBo\tY\n"),
        ("a.csv", "name|label\nAnna|X\nBo|Y\n"),
        ("a.tsv", "name,label\nAnna,X\nBo,Y\n"),
        ("a.csv", "sep=;\nname;label\nAnna;X\nBo;Y\n"),
        ("a.csv", '\ufeff"sep=;"\r\nname;label\r\nAnna;X\r\nBo;Y\r\n'),
        ("a.csv", "SEP=|\nname|label|a,name,label,b\nAnna|X\nBo|Y\n"),
        ("a.csv", 'name, label\nAnna, "X"\n "Bo", "Y"\n'),
        ("a.csv", "\n  \nname,label\nAnna,X\n , \n,\n   \nBo,Y\n"),
        ("a.csv", '"na""me",name,label\n,Anna,X\n,Bo,Y\n'),
        ("a.csv", "name,label,note\nAnna,X\nBo,Y,\n"),
    ],
)
def test_what_is_read(tmp_path: Path, name: str, content: str) -> None:
    corpus = load(tmp_path, content, name)
    assert (corpus.labels, corpus.names, corpus.targets.tolist()) == (("X", "Y"), ("Anna", "Bo"), [0, 1])


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (
            "name,label\nAnna,X\nRossi,Mario,Italian\n",
            ":3: 3 columns where the header has 2; quote a name with a comma",
        ),
        ('name,label\nAnna,X\n"B,o", "Y", "Z"\n', ":3: 3 columns where"),
        ("name,label\nAnna,X\nRossi,Mario,\n", ":3: 3 columns where"),
        ("name;label\nAnna;X\nBo,Y\n", ":3: only 1 column;"),
        ("name;label;z|name|label|z\n", ":1: its columns may be divided by ; or |: say which in a line above"),
        ("sep=#\nname#label\n", ":1: sep=#: columns may be divided by ,, ;, a tab, |"),
        ("sep=;\nname,label\nAnna,X\nBo,Y\n", ":2: no column name and no column label"),
        ("name,label,Name\nAnna,X,Bo\n", ":1: 2 columns are called name"),
        ("label,name,label\nX,Anna,Y\n", ":1: 2 columns are called label"),
        ("Anna,X\nBo,Y\n", ":1: no column name and no column label in the header; the first line names the columns"),
        ("\n\n", ":1: empty"),
        ("name,label\n\n", ":1: no row below the header"),
        ('name,label,note\nAnna,X,"oops\nBo,Y,\nCid,Z,\n', ":2: a quote is opened here and never closed"),
        ('name,label\nAnna,X\n"Bo,Y\nCid,Z\n', ":3: a quote is opened here and never closed"),
        ("name,label\nAnna,X\nBo, \n", ":3: the label is empty"),
        ('name,label\nAnna,X\nBo,\t"Y"\n', ':3: the label "Y" begins with a quote'),
        ("name,label\nAnna,X\nB\0o,Y\n", ":3: control character U+0000"),
        ("name,label\nAnna,X\nBo,Y\0\n", r":3: the label Y\x00 holds a control character"),
        ("name,label\nAnna,X\nB\ro,Y\n", ":3: a line ends in CR alone; save the file with LF or CRLF"),
    ],
)
def test_what_is_refused_says_what_to_do(tmp_path: Path, content: str, reason: str) -> None:
    assert refusal(tmp_path, content).startswith(f"names.csv{reason}")


def test_names_of_spaces_are_blank(tmp_path: Path) -> None:
    corpus = load(tmp_path, 'name,label\nAnna,X\n" ",X\n,Y\nBo,Y\n')
    assert corpus.names == ("Anna", "Bo")
    assert corpus.cleaning.blank == 2


def test_many_blank_rows_do_not_end_the_table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("namestui.data.table._BLOCK", 2)
    assert load(tmp_path, "name,label\nAnna,X\n\n\n\n\n\nBo,Y\n").names == ("Anna", "Bo")


def test_runs_from_before_read_their_tables_as_they_did(tmp_path: Path) -> None:
    path = tmp_path / "names.csv"
    path.write_text('name,label,name\nRossi,Mario,Italian,\nAnna, "X",\n')
    corpus = load_corpus(path, reading="legacy")
    assert (corpus.labels, corpus.names) == (('"X"', "Mario"), ("Rossi", "Anna"))
