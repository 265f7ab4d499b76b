"""How a table divides its columns: by its suffix, by a first line ``sep=;``, or as its header says."""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from namestui.data.cleaning import CorpusError, shown
from namestui.data.text_files import BOM, HEAD, as_corpus_errors, open_regular

SUFFIXES = {".csv": ",", ".tsv": "\t"}
"""The delimiter of each kind of table, unless it says otherwise."""
DELIMITERS = {",": ",", ";": ";", "\t": "a tab", "|": "|"}
"""Those that are understood, and how they are called."""

_NAMED = re.compile(r'\s*"?sep=(.)"?[\s,;|]*', re.IGNORECASE)
"""The line that Excel writes and reads above the header."""


@dataclass(frozen=True, slots=True)
class Dialect:
    """The delimiter, and whether a line above the header names it."""

    delimiter: str
    is_named: bool = False


class Columns(NamedTuple):
    """How many columns the header has, and where name and label are."""

    width: int
    name: int
    label: int


def find_dialect(file: Path) -> Dialect:
    """How ``file`` is to be read; the delimiter of its suffix where no other finds a name and a label in the header.

    Raises:
        CorpusError: it names a delimiter that is not understood, or two divide the header.
    """
    with as_corpus_errors(file), open_regular(file) as opened:
        head = opened.read(HEAD).removeprefix(BOM).decode(errors="replace")
    lines = [f"{line}\n" for line in head.split("\n")]
    at = next((at for at, line in enumerate(lines) if line.strip()), 0)
    if named := _NAMED.fullmatch(lines[at].rstrip("\r\n")):
        if named[1] not in DELIMITERS:
            known = ", ".join(DELIMITERS.values())
            raise CorpusError(f"{shown(file)}:{at + 1}: sep={shown(named[1])}: columns may be divided by {known}")
        return Dialect(named[1], is_named=True)
    own = SUFFIXES[file.suffix.lower()]
    if _has_columns(lines, own):
        return Dialect(own)
    fitting = [delimiter for delimiter in DELIMITERS if _has_columns(lines, delimiter)]
    if len(fitting) > 1:
        which = " or ".join(DELIMITERS[delimiter] for delimiter in fitting)
        raise CorpusError(
            f"{shown(file)}:{at + 1}: its columns may be divided by {which}: say which in a line above, as sep=;"
        )
    return Dialect(fitting[0] if fitting else own)


def find_columns(header: Sequence[str], place: str, *, is_strict: bool = True) -> Columns:
    """Where ``name`` and ``label`` are; the first of several unless ``is_strict``.

    Raises:
        CorpusError: there is no such column, or there are two.
    """
    names = [column.strip().lower() for column in header]
    missing = [column for column in ("name", "label") if column not in names]
    if missing:
        is_absent = f"no column {' and no column '.join(missing)} in the header"
        raise CorpusError(f"{place}: {is_absent}; the first line names the columns, as name,label")
    for column in ("name", "label"):
        if is_strict and names.count(column) > 1:
            raise CorpusError(f"{place}: {names.count(column)} columns are called {column}; rename all but one")
    return Columns(len(header), names.index("name"), names.index("label"))


def _has_columns(lines: Sequence[str], delimiter: str) -> bool:
    reader = csv.reader(lines, delimiter=delimiter, skipinitialspace=True)
    try:
        header = next((row for row in reader if any(map(str.strip, row))), [])
    except csv.Error:
        return False
    return {"name", "label"} <= {column.strip().lower() for column in header}
