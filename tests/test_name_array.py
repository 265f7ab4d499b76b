"""Many names in one array: it reads as the list of strings that it was made of."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from namestui.data.alphabet import ALPHABET
from namestui.data.groups import group_names
from namestui.data.name_array import NameArray

lists = st.lists(st.text(ALPHABET, min_size=1, max_size=30), max_size=30)


@given(lists, st.slices(30), st.integers(1, 40))
def test_it_reads_as_a_list(names: list[str], part: slice, letters: int) -> None:
    array = NameArray.of(names)
    assert list(array) == names
    assert [array[row] for row in range(len(array))] == names
    assert array == names
    assert array == tuple(names)
    assert array != [*names, "x"]
    assert list(array[part]) == names[part]
    assert list(array.endings(letters)) == [name[-letters:] for name in names]
    assert list(array.endings(letters)[part]) == [name[-letters:] for name in names[part]]


def test_names_of_one_length_as_a_matrix() -> None:
    array = NameArray.of(["ab", "c", "Zz"])
    assert array.matrix([2, 0], 2).tolist() == [[51, 25], [0, 1]]


@pytest.mark.parametrize(("names", "reason"), [(["Ana", "B0"], "outside the alphabet"), (["a" * 256], "at most 255")])
def test_what_it_cannot_hold(names: list[str], reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        NameArray.of(names)


@given(st.lists(st.text("aAbZ .'", min_size=1, max_size=3) | st.text("aA", min_size=11, max_size=26), max_size=40))
def test_groups_are_those_of_the_case_folded_name(names: list[str]) -> None:
    groups = group_names(NameArray.of(names))
    folded = [name.casefold() for name in names]
    # THEN two rows share a group exactly where their case-folded names are equal, and each group knows its first row
    firsts = {name: folded.index(name) for name in folded}
    assert sorted(groups.first.tolist()) == sorted(firsts.values())
    assert groups.first[groups.of_row].tolist() == [firsts[name] for name in folded]
    assert groups.of_row.dtype == np.int32
