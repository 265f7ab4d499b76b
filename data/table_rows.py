"""The rows of a ``.csv`` or ``.tsv``, each with the line that it begins on."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from namestui.data.cleaning import Cleaning, CorpusError, shown
from namestui.data.table_dialect import SUFFIXES, Columns, Dialect, find_columns, find_dialect
from namestui.data.text_files import decode, read_lines

_READ_AT_ONCE = 1 << 20
"""Bytes."""


class Rows(NamedTuple):
    """Some rows: their names and labels as they stand in the file, and their line numbers."""

    names: list[str]
    labels: list[str]
    lines: list[int]


def read_rows(file: Path, cleaning: Cleaning, on_bytes: Callable[[int], None], block: int) -> Iterator[Rows]:
    """All rows of ``file`` that are not blank, ``block`` at a time.

    Raises:
        CorpusError: a row with more columns than the header, or without a name or label; a quote that is left open.
    """
    is_legacy = cleaning.reading == "legacy"  # rows of too many columns were taken, and a space before a quote
    dialect = Dialect(SUFFIXES[file.suffix.lower()]) if is_legacy else find_dialect(file)
    lines = _Lines(file, on_bytes, may_end_in_quotes=is_legacy)
    reader = csv.reader(lines, delimiter=dialect.delimiter, skipinitialspace=not is_legacy)
    try:
        for row in reader:
            at, lines.row = lines.row, reader.line_num + 1
            if is_legacy or any(map(str.strip, row)):
                if not dialect.is_named:
                    break
                dialect = Dialect(dialect.delimiter)
        else:
            raise CorpusError(f"{shown(file)}:1: empty: no column name and no column label in it")
        columns = find_columns(row, f"{shown(file)}:{at}", is_strict=not is_legacy)
        while True:
            rows = Rows([], [], [])
            for row in islice(reader, block):
                if (len(row) == columns.width and row[columns.label]) or _is_row(
                    row, columns, file, lines.row, cleaning
                ):
                    rows.names.append(row[columns.name])
                    rows.labels.append(row[columns.label])
                    rows.lines.append(lines.row)
                lines.row = reader.line_num + 1
            if rows.names:
                yield rows
            elif lines.is_done:
                return
    except csv.Error as error:
        raise CorpusError(f"{shown(file)}:{lines.row}: {_explained(error)}") from None


def _is_row(row: list[str], columns: Columns, file: Path, line: int, cleaning: Cleaning) -> bool:
    """Whether a row that is not as long as the header, or lacks a label, has a name; blank ones have none."""
    is_legacy = cleaning.reading == "legacy"
    if not row or (not is_legacy and not any(map(str.strip, row))):
        cleaning.blank += 1
        return False
    place = f"{shown(file)}:{line}"
    if len(row) > columns.width and not is_legacy:
        has = f"{len(row)} columns where the header has {columns.width}"
        raise CorpusError(f'{place}: {has}; quote a name with a comma, as "Smith, John"')
    if len(row) <= max(columns.name, columns.label):
        has = f"only {len(row)} column{'s' if len(row) > 1 else ''}"
        raise CorpusError(f"{place}: {has}; name or label is missing")
    return True


def _explained(error: csv.Error) -> str:
    if "new-line character" in str(error):
        return "a line ends in CR alone; save the file with LF or CRLF at line ends"
    return f"{error}; is a quote left open?"


class _Lines:
    r"""The lines of a file as text, each with its ``\n``."""

    def __init__(self, file: Path, on_bytes: Callable[[int], None], *, may_end_in_quotes: bool) -> None:
        self._file, self._on_bytes, self._may_end_in_quotes = file, on_bytes, may_end_in_quotes
        self.row = 1
        """The line that the row begins on which is read now; the reader of rows keeps it up to date."""
        self.is_done = False

    def __iter__(self) -> Iterator[str]:
        line = 1
        for data in read_lines(self._file, _READ_AT_ONCE):
            yield from io.StringIO(decode(self._file, data, line), newline="\n")
            line += data.count(b"\n")
            self._on_bytes(len(data))
        self.is_done = True
        if self.row < line and not self._may_end_in_quotes:
            raise CorpusError(f"{shown(self._file)}:{self.row}: a quote is opened here and never closed")
