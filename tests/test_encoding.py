"""Names as alphabet positions."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from namestui.data.alphabet import ALPHABET
from namestui.data.encoding import encode_names


def test_the_alphabet_is_the_reports() -> None:
    assert ALPHABET == "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ .,;'"
    assert len(ALPHABET) == 57


@given(st.integers(1, 12).flatmap(lambda n: st.lists(st.text(ALPHABET, min_size=n, max_size=n), min_size=1)))
def test_codes_are_positions_in_the_alphabet(names: list[str]) -> None:
    codes = encode_names(names)
    assert codes.shape == (len(names), len(names[0]))
    assert codes.dtype == np.uint8
    assert ["".join(ALPHABET[code] for code in row) for row in codes.tolist()] == names


def test_names_of_different_lengths_are_refused() -> None:
    with pytest.raises(ValueError, match="one length"):
        encode_names(["Anna", "Bo"])
    with pytest.raises(ValueError, match="one length"):
        encode_names(["Anna", "Bo", "Robert"])  # the same number of letters all told


@pytest.mark.parametrize("character", ["é", "-", "0", "\n", "\x00", "\x7f", "王", "\udcff"])
def test_characters_outside_the_alphabet_are_refused(character: str) -> None:
    with pytest.raises(ValueError, match="outside the alphabet") as caught:
        encode_names(["Anna", f"An{character}a"])
    assert repr(character) in str(caught.value)
