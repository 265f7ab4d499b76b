"""On which line of a TOML file each of its keys stands: tomllib does not say.

A statement begins where the one before it has ended, and has ended with the first line at which it can be read by
itself: what spans lines (texts, lists, tables within them) cannot be read without its last one.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from typing import Any

Key = tuple[str, ...]
"""A key with the tables it stands in."""
_CLOSING = ("]", '"""', "'''")
"""What the last line of a statement of several has: others are not tried, each anew from the statement's first."""


def lines_of(text: str) -> dict[Key, int]:
    """The line, counted from 1, that the statement of each key and of each table's head begins on.

    A table without a head of its own has the line of its first key. ``text`` is valid TOML.
    """
    lines: dict[Key, int] = {}
    head: Key = ()
    for line, statement in _statements(text):
        found = tomllib.loads(statement)
        if statement.lstrip().startswith("["):
            head = next(_paths(found))
            _note(lines, head, line)
        else:
            for path in _paths(found):
                _note(lines, head + path, line)
    return lines


def _statements(text: str) -> Iterator[tuple[int, str]]:
    """Each statement with the line it begins on."""
    begun, parts = 1, list[str]()
    for number, line in enumerate(text.replace("\r\n", "\n").split("\n"), 1):
        if not parts:
            begun = number
        parts.append(line)
        if len(parts) > 1 and not any(mark in line for mark in _CLOSING):
            continue
        statement = "\n".join(parts)
        try:
            is_empty = not tomllib.loads(statement)
        except tomllib.TOMLDecodeError:
            continue  # it goes on
        parts.clear()
        if not is_empty:
            yield begun, statement


def _paths(table: Mapping[str, Any], above: Key = ()) -> Iterator[Key]:
    """The innermost keys of a statement; what is in a list counts as the list's."""
    for key, value in table.items():
        path = (*above, key)
        if isinstance(value, dict) and value:
            yield from _paths(value, path)
        else:
            yield path


def _note(lines: dict[Key, int], path: Key, line: int) -> None:
    for length in range(1, len(path) + 1):
        lines.setdefault(path[:length], line)
