"""Text from outside made inert: nothing of it can steer a terminal."""

from __future__ import annotations

import string
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from namestui.runs.text import inert, inert_lines

any_text = st.text(st.characters(exclude_categories=[]))  # lone surrogates too


@given(any_text)
def test_no_control_or_format_character_comes_through(text: str) -> None:
    assert not {unicodedata.category(character) for character in inert(text)} & {"Cc", "Cf", "Cs", "Cn", "Zl", "Zp"}


@given(any_text)
def test_idempotent(text: str) -> None:
    # A backslash is left as it is, so what was escaped once is not escaped again.
    assert inert(inert(text)) == inert(text)


@given(st.text(string.ascii_letters + string.digits + string.punctuation + " éß王क्षि🙂Łñ"))
def test_identity_on_printable_text(text: str) -> None:
    assert inert(text) == text


@given(any_text)
def test_inert_text_can_be_written_as_utf8(text: str) -> None:
    inert(text).encode()


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[31mred", r"\x1b[31mred"),
        ("a\nb\r", r"a\x0ab\x0d"),
        ("\x9b31m", r"\x9b31m"),
        ("\u202eabc", r"\u202eabc"),
        ("\u2028", r"\u2028"),
        ("\udcff", r"\udcff"),
        ("\U000e0001", r"\U000e0001"),
        (r"\x1b stays", r"\x1b stays"),
    ],
)
def test_what_is_shown(text: str, shown: str) -> None:
    assert inert(text) == shown


def test_lines() -> None:
    assert inert_lines("a\tb\r\nc\x1b\nd") == ["a   b", r"c\x1b", "d"]


@given(any_text)
def test_every_line_is_inert(text: str) -> None:
    assert all(line == inert(line) for line in inert_lines(text))
