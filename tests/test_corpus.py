"""Loading corpora: what is read, what is cleaned, and one clear line for whatever cannot be used."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from namestui.data import folder
from namestui.data.alphabet import ALPHABET, MAX_LETTERS, READINGS, Reading, fold, is_clean
from namestui.data.catalogue import load_by_name
from namestui.data.cleaning import Cleaning, clean_lines, clean_name
from namestui.data.corpus import CorpusError, load_corpus


def write(place: Path, **files: str | bytes) -> Path:
    """The folder ``place`` with one file a label."""
    place.mkdir(exist_ok=True)
    for label, content in files.items():
        data = content if isinstance(content, bytes) else content.encode()
        (place / f"{label}.txt").write_bytes(data)
    return place


def refusal(path: Path) -> str:
    """The text of the error that loading ``path`` gives; always one printable line."""
    with pytest.raises(CorpusError) as caught:
        load_corpus(path)
    text = str(caught.value)
    assert text.isprintable()
    return text


# What is refused


def test_no_such_folder(tmp_path: Path) -> None:
    text = refusal(tmp_path / "nowhere")
    assert str(tmp_path / "nowhere") in text
    assert "no such folder" in text


def test_a_folder_name_that_no_file_system_takes(tmp_path: Path) -> None:
    assert "too long" in refusal(tmp_path / ("x" * 300))


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    file = tmp_path / "names.txt"
    file.write_text("Anna\n")
    assert "not a folder" in refusal(file)


def test_an_empty_folder(tmp_path: Path) -> None:
    assert str(tmp_path) in refusal(tmp_path)


def test_one_label_only(tmp_path: Path) -> None:
    text = refusal(write(tmp_path, Only="Anna\nBeata\n"))
    assert "Only.txt" in text
    assert "two" in text


@pytest.mark.parametrize("content", ["", "\n", " \n\t\n", b"\xef\xbb\xbf"])
def test_an_empty_file(tmp_path: Path, content: str | bytes) -> None:
    text = refusal(write(tmp_path, Empty=content, Full="Anna\n"))
    assert "Empty.txt: empty" in text


def test_not_utf8_names_the_line(tmp_path: Path) -> None:
    text = refusal(write(tmp_path, Good="Anna\n", Latin="Anna\nBeata\nJos\xe9\n".encode("latin-1")))
    assert "Latin.txt:3:" in text
    assert "UTF-8" in text


@pytest.mark.parametrize("name", ["An\x1b[31mna", "An\x00na", "An\tna", "An\rna", "An\x85na", "An\x7fna", "\x1bAnna"])
def test_control_characters_name_the_line(tmp_path: Path, name: str) -> None:
    text = refusal(write(tmp_path, Bad=f"Anna\n{name}\nBeata\n", Good="Anna\n"))
    assert "Bad.txt:2:" in text
    assert "U+00" in text


@given(
    st.lists(st.text(st.sampled_from("abZ '-éßﬁ王\r\t\x85\u2028\u00a0") | st.characters(codec="utf-8"), max_size=8)),
    st.booleans(),
    st.sampled_from(READINGS),
)
def test_many_lines_at_once_agree_with_one_line_at_a_time(lines: list[str], long: bool, reading: Reading) -> None:
    lines = [line.replace("\n", "") for line in lines] + ["Al" * 100] * long
    together, alone = Cleaning(reading=reading), Cleaning(reading=reading)
    try:
        names = [clean_name(line, lambda at=at: f"line {at}", alone) for at, line in enumerate(lines)]
    except CorpusError as error:
        with pytest.raises(CorpusError) as caught:
            clean_lines("".join(f"{line}\n" for line in lines).encode(), "line {}".format, together)
        assert str(caught.value) == str(error)
        return
    found, kept = clean_lines("".join(f"{line}\n" for line in lines).encode(), "line {}".format, together)
    assert found == [name for name in names if name]
    assert kept.tolist() == [bool(name) for name in names]
    assert together == alone


def test_lines_are_counted_over_blocks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folder, "_BLOCK", 7)
    names = [f"{'Al' * (i % 5 + 1)}{'é' * (i % 2)}" for i in range(50)]
    found = load_corpus(write(tmp_path, One="\n".join(names), Two="Bo\n")).names
    assert found[:-1] == [name.replace("é", "e") for name in names]
    assert "One.txt:51:" in refusal(write(tmp_path, One="\n".join([*names, "\0"])))


def test_a_name_that_is_too_long(tmp_path: Path) -> None:
    good = "a" * MAX_LETTERS
    assert load_corpus(write(tmp_path, One=f"Anna\n{good}\n", Two="Bo\n")).names[1] == good
    text = refusal(write(tmp_path, One=f"Anna\n\n{good}a\n", Two="Bo\n"))
    assert "One.txt:3:" in text
    assert f"{MAX_LETTERS + 1}" in text


def test_a_label_whose_names_all_vanish(tmp_path: Path) -> None:
    text = refusal(write(tmp_path, Chinese="王\n李\n", Other="Anna\n"))
    assert "Chinese.txt" in text


@pytest.mark.parametrize("stem", ["Bad\x1b[31m", "Bad\nLabel", "Bad\u202e"])
def test_a_file_name_with_an_escape_character(tmp_path: Path, stem: str) -> None:
    write(tmp_path, Good="Anna\n")
    (tmp_path / f"{stem}.txt").write_text("Anna\n")
    assert "Bad" in refusal(tmp_path)  # refusal() checks that nothing raw is in it


def test_a_folder_with_an_escape_character(tmp_path: Path) -> None:
    assert r"\x1b" in refusal(tmp_path / "no\x1b[31m")


def test_a_folder_that_is_called_as_a_label(tmp_path: Path) -> None:
    write(tmp_path, Good="Anna\n", Other="Bo\n")
    (tmp_path / "Zoo.txt").mkdir()
    assert "Zoo.txt" in refusal(tmp_path)


# What is accepted


@pytest.mark.parametrize(
    "content",
    ["Anna\nBo\n", "Anna\nBo", "Anna\r\nBo\r\n", "Anna\r\nBo", "\ufeffAnna\nBo\n", "\ufeffAnna\r\nBo"],
    ids=["plain", "no final newline", "CRLF", "CRLF no final newline", "BOM", "BOM CRLF"],
)
def test_line_ends_and_byte_order_marks(tmp_path: Path, content: str) -> None:
    corpus = load_corpus(write(tmp_path, One=content, Two="Cid\n"))
    assert corpus.labels == ("One", "Two")
    assert corpus.names == ("Anna", "Bo", "Cid")
    assert corpus.targets.tolist() == [0, 0, 1]
    assert corpus.cleaning.summary() == []


def test_hidden_files_and_other_suffixes_are_left_alone(tmp_path: Path) -> None:
    write(tmp_path, One="Anna\n", Two="Bo\n")
    (tmp_path / ".Three.txt").write_text("Cid\n")
    (tmp_path / "README.md").write_text("not names\n")
    assert load_corpus(tmp_path).labels == ("One", "Two")


def test_cleaning_follows_the_report_and_says_so(tmp_path: Path) -> None:
    # GIVEN an accent, edge spaces, a letter and a digit outside the alphabet, a name of neither, blank lines, a repeat
    corpus = load_corpus(
        write(tmp_path, One="Béla\n  Anna \nŁukasz\nB0b\n王\n\n   \nO'Neal-Smith\n", Two="Bo\nBo\nda Silva, J.;\n"),
        reading="strict",
    )
    # THEN the names are those of the report's unicodeToAscii, edge spaces stripped, repeats kept
    assert corpus.names == ("Bela", "Anna", "ukasz", "Bb", "O'NealSmith", "Bo", "Bo", "da Silva, J.;")
    # AND everything that was done is counted
    cleaning = corpus.cleaning
    assert (cleaning.changed, cleaning.dropped_letters, cleaning.vanished, cleaning.blank) == (2, 3, 1, 2)
    assert cleaning.letters == {"Ł": 1, "0": 1, "-": 1, "王": 1}
    summary = "\n".join(cleaning.summary())
    assert len(cleaning.summary()) == 4
    assert all(character in summary for character in "Ł0-王")


def test_what_is_shown_of_dropped_characters_is_printable(tmp_path: Path) -> None:
    corpus = load_corpus(write(tmp_path, One="An\u202ena\nB\u200bo\n", Two="Bo\n"))
    assert corpus.names == ("Anna", "Bo", "Bo")
    assert all(line.isprintable() for line in corpus.cleaning.summary())


def test_fingerprint_depends_on_rows_and_labels_only(tmp_path: Path) -> None:
    first = load_corpus(write(tmp_path / "a", One="Anna\nBo\n", Two="Cid\n"))
    same = load_corpus(write(tmp_path / "b", One="Anna\r\nBo", Two="Cid"))
    assert first.fingerprint() == same.fingerprint()
    for name, files in {
        "moved": {"One": "Anna\n", "Two": "Bo\nCid\n"},
        "renamed": {"One": "Anna\nBo\n", "Three": "Cid\n"},
        "order": {"One": "Bo\nAnna\n", "Two": "Cid\n"},
    }.items():
        assert load_corpus(write(tmp_path / name, **files)).fingerprint() != first.fingerprint()


def test_the_bundled_corpus_is_clean_and_has_the_classic_labels(classic: Path) -> None:
    bundled = load_by_name("bundled", "transliterated")
    assert bundled.labels == load_corpus(classic).labels
    assert bundled.cleaning.summary() == []


def test_the_classic_set(classic: Path) -> None:
    corpus = load_corpus(classic)
    assert len(corpus.labels) == 18
    assert len(corpus.names) == 20_050
    assert set("".join(corpus.names)) <= set(ALPHABET)


# Cleaning one name


@given(st.text(), st.sampled_from(READINGS))
def test_fold_is_idempotent_and_stays_in_the_alphabet(text: str, reading: Reading) -> None:
    name, dropped, replaced = fold(text, reading)
    assert set(name) <= set(ALPHABET)
    assert name == name.strip()
    assert fold(name, reading) == (name, "", ())
    assert reading == "transliterated" or not replaced
    assert not set(dropped) & set(ALPHABET)


@given(st.text(ALPHABET + "é-", max_size=70) | st.text(max_size=5), st.sampled_from(READINGS))
def test_the_fast_path_agrees_with_fold(line: str, reading: Reading) -> None:
    if is_clean(line):
        assert fold(line, reading) == (line, "", ())
