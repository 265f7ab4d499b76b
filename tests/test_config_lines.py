"""The line of each key of a TOML file, against files that were put together with their lines known."""

from __future__ import annotations

import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from namestui.tui.state.config_lines import Key, lines_of

KEYS = st.from_regex(r"[a-z]{1,3}", fullmatch=True)
VALUES = st.sampled_from(
    [
        *("1", "true", '"text"', "'# no comment'", "[1, 2]", '"[no.table]"', "{}", "1979-05-27"),
        *('"""\n[no.table]\nx = 1\n"""', "'''\n\n'''", "[\n  1, # one\n\n  2,\n]", '"""a\\\n  b"""', "[\n[1],\n[2]]"),
    ]
)
FILLERS = st.sampled_from(["", "# a comment", "   ", '# x = """', "\t# [table]"])
BREAKS = st.sampled_from(["\n", "\r\n"])


@st.composite
def files(draw: st.DrawFn) -> tuple[str, dict[Key, int]]:
    """A file, and the line of each of its keys."""
    lines: list[str] = []
    expected: dict[Key, int] = {}

    def write(statement: str) -> int:
        lines.extend(draw(st.lists(FILLERS, max_size=2)))
        at = len(lines) + 1
        lines.extend((draw(st.sampled_from(["", "  "])) + statement).split("\n"))
        return at

    tables = draw(st.lists(KEYS, max_size=3, unique=True))
    for table in [None, *tables]:
        above: Key = ()
        if table is not None:
            table, above = f"t{table}", (f"t{table}",)  # no key of the top level
            expected[above] = write(draw(st.sampled_from([f"[{table}]", f"[ '{table}' ] # head"])))
        for key in draw(st.lists(KEYS, max_size=4, unique=True)):
            name = draw(st.sampled_from([key, f'"{key}"', f"{key}.sub"]))
            path = (*above, key)
            at = write(f"{name} = {draw(VALUES)}")
            expected[path] = at
            if name.endswith(".sub"):
                expected[(*path, "sub")] = at
    return draw(BREAKS).join(lines), expected


@given(files())
def test_each_key_has_the_line_that_it_was_written_on(file: tuple[str, dict[Key, int]]) -> None:
    text, expected = file
    tomllib.loads(text)
    assert lines_of(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", {}),
        ("a = {b = 1, c = {d = 2}}", {("a",): 1, ("a", "b"): 1, ("a", "c"): 1, ("a", "c", "d"): 1}),
        ("\n[[a]]\nb = 1\n[[a]]\nb = 2", {("a",): 2, ("a", "b"): 3}),
        ("[a.b]\nc = 1\n[a]\nd = 1", {("a",): 1, ("a", "b"): 1, ("a", "b", "c"): 2, ("a", "d"): 4}),
        ("a.b = 1\na.c = 2", {("a",): 1, ("a", "b"): 1, ("a", "c"): 2}),
    ],
)
def test_tables_in_all_their_forms(text: str, expected: dict[Key, int]) -> None:
    assert lines_of(text) == expected


@pytest.mark.parametrize(
    "text", ["models = [\n" + '"lstm",\n' * 3000 + "]", 'home = """' + "\n" * 3000 + '"""', "home = '''\n\n\n'''"]
)
def test_a_statement_of_many_lines_is_read_few_times(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    read, loads = list[str](), tomllib.loads
    monkeypatch.setattr(tomllib, "loads", lambda part: (read.append(part), loads(part))[1])
    name = text.partition(" ")[0]
    assert lines_of(f"{text}\nseed = 3\n") == {(name,): 1, ("seed",): text.count("\n") + 2}
    assert len(read) < 10
