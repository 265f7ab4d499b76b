"""How a filter that is being typed may go on: names of fields, then the values that runs have."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from namestui.runs.run_fields import FIELDS, Kind, UnknownFieldError, field_named
from namestui.runs.summary import Summary
from namestui.runs.text import inert

_VALUE = re.compile(r"(-?)([^\W\d][\w-]*)(:|=|!=)((?:[^,]*,)*)([^,]*)")
_VALUES_OF = {"run", "name", "tag", "corpus", "host"}
"""Free texts whose values are few and short enough to be offered."""


def completions(text: str, runs: Sequence[Summary]) -> list[str]:
    """All ways to complete the last part of ``text`` by a name or a value, as whole filters, the likeliest first."""
    before = without_last_part(text)
    last = text[len(before) :]
    return [before + one for one in _of_part(last, runs) if one != last]


def without_last_part(text: str) -> str:
    """A filter without the part at its end, which is being typed; all of it where it ends in a blank."""
    begin, is_quoted = 0, False
    for at, letter in enumerate(text):
        is_quoted ^= letter == '"'
        if letter.isspace() and not is_quoted:
            begin = at + 1
    return text[:begin]


def _of_part(part: str, runs: Sequence[Summary]) -> Iterable[str]:
    value = _VALUE.fullmatch(part.replace('"', ""))
    if value is not None:
        minus, name, sign, others, begun = value.groups()
        return [f"{minus}{name}{sign}{others}{_quoted(one)}" for one in _values(name, begun, runs)]
    minus, begun = ("-", part[1:]) if part.startswith("-") else ("", part)
    wanted = begun.casefold().replace("-", "_")
    if not wanted and part:
        return []
    names = [name for name in FIELDS if name.startswith(wanted)]
    return [f"{minus}{name}{':' if FIELDS[name].is_text else '>'}" for name in names]


def _values(name: str, begun: str, runs: Sequence[Summary]) -> list[str]:
    try:
        field = field_named(name)
    except UnknownFieldError:
        return []
    if not field.is_text or (field.kind is Kind.PART and field.name not in _VALUES_OF):
        return []
    found = dict.fromkeys([*field.choices, *(str(one) for run in runs for one in field.values(run) if one)])
    # What steers a terminal is not offered: it is shown as it is typed.
    return [one for one in found if one.casefold().startswith(begun.casefold()) and inert(one) == one]


def _quoted(value: str) -> str:
    return f'"{value}"' if re.search(r"[\s,]", value) else value
