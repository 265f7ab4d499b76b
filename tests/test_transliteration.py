"""One table for letters outside the 26: in the bundled names, in corpora, and in names that are asked."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from namestui.data.alphabet import ALPHABET, Folded, fold, without_accents
from namestui.data.corpus import load_corpus
from namestui.data.transliteration import LETTERS, transliterate


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("Dvořák", "Dvorak"),
        ("Weiß", "Weiss"),
        ("WEIẞ", "WEISS"),
        ("Müller", "Muller"),
        ("Łukasiewicz", "Lukasiewicz"),
        ("Sørensen", "Sorensen"),
        ("Đặng", "Dang"),
        ("Núñez", "Nunez"),
        ("Yıldız", "Yildiz"),
        ("İnönü", "Inonu"),
        ("Æsir", "Aesir"),
        ("Ǽlfric", "Aelfric"),
        ("Cœur", "Coeur"),
        ("Þórsson", "Thorsson"),
        ("Guðmundsson", "Gudmundsson"),
        ("Ħal", "Hal"),
        ("Əliyev", "Eliyev"),
        ("Ɓala", "Bala"),
        ("Ŋaire", "Naire"),
        ("Ｓｍｉｔｈ", "Smith"),
        ("Goﬃn", "Goffin"),
        ("ſmith", "smith"),
        ("Nguye\u0302\u0303n", "Nguyen"),
        *((f"D{sign}Angelo", "D'Angelo") for sign in "’‘ʼ`´＇′ʻ"),
        ("Smith-Jones", "Smith Jones"),
        ("Smith – Jones", "Smith Jones"),
        ("Smith\u2011Jones", "Smith Jones"),
        ("Saint--Pierre-", "Saint Pierre"),
        ("van\u00a0Dijk", "van Dijk"),
        ("O'Neal, J.;", "O'Neal, J.;"),
    ],
)
def test_what_is_read(written: str, read: str) -> None:
    name, dropped, replaced = fold(written, "transliterated")
    assert (name, dropped) == (read, "")
    assert bool(replaced) == (without_accents(written) != read)


@pytest.mark.parametrize(("written", "lost"), [("B0b", "0"), ("王Li", "王"), ("Ив", "Ив"), ("A\u200bb", "\u200b")])
def test_what_is_lost(written: str, lost: str) -> None:
    assert fold(written, "transliterated").dropped == lost


def test_the_report_drops_what_it_does_not_know() -> None:
    assert fold("Weiß-Łuk’é", "strict") == Folded("Weiuke", "ß-Ł’")


@given(st.text(st.characters(codec="utf-8") | st.sampled_from([*LETTERS, "ł", "é", "-", "–", " "])))
def test_no_letter_is_lost_that_the_report_kept(text: str) -> None:
    # THEN what both keep is the same, the table only adds: letters, and spaces for hyphens
    strict, other = fold(text, "strict"), fold(text, "transliterated")
    kept = iter(other.name)
    assert all(letter in kept for letter in strict.name.replace(" ", ""))
    assert set(other.name) <= set(ALPHABET)
    assert len(other.dropped) <= len(unicodedata.normalize("NFKD", text))


@given(st.text())
def test_it_is_done_once(text: str) -> None:
    assert transliterate(transliterate(text)) == transliterate(text)


def test_a_corpus_is_read_as_the_bundled_names_were_built_and_says_so(tmp_path: Path) -> None:
    (tmp_path / "German.txt").write_text("Weiß\nGroß\nMüller-Lüdenscheidt\nB0ß\nMayer\n")
    (tmp_path / "Polish.txt").write_text("Łoś\nNowak\n")
    corpus = load_corpus(tmp_path)
    assert corpus.names == ("Weiss", "Gross", "Muller Ludenscheidt", "Bss", "Mayer", "Los", "Nowak")
    assert corpus.cleaning.summary() == [
        "5 names had letters replaced: ß→ss -→space Ł→L",
        "1 names lost characters outside the alphabet: 0",
    ]
    # AND a run of the report reads it as the report did
    assert load_corpus(tmp_path, reading="strict").names[:2] == ("Wei", "Gro")


def test_letters_are_counted_as_they_are_read(tmp_path: Path) -> None:
    (tmp_path / "A.txt").write_text("Anna\n" + "ß" * 150 + "\n")
    (tmp_path / "B.txt").write_text("Bo\n")
    with pytest.raises(ValueError, match=r"A\.txt:2: 300 letters as it is read; the limit is 200"):
        load_corpus(tmp_path)
