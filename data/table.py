"""Reading one ``.csv`` or ``.tsv`` with the columns ``name`` and ``label``, UTF-8, quoted as Python's csv has it."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from functools import partial
from itertools import islice
from pathlib import Path

import numpy as np
import numpy.typing as npt

from namestui.data.alphabet import LONGEST
from namestui.data.cleaning import MOST_LABELS, Cleaning, CorpusError, RawCorpus, clean_lines, shown
from namestui.data.name_array import NameArray

SUFFIXES = {".csv": ",", ".tsv": "\t"}
"""The delimiter of each kind of table."""
_BLOCK = 100_000
"""Rows that are cleaned at once."""
_TOLD_EVERY = 1 << 20
"""Bytes between two tellings of progress."""


def read_table(file: Path, cleaning: Cleaning, on_bytes: Callable[[int], None]) -> RawCorpus:
    """The rows of ``file`` in its order, labels in alphabetical order; ``on_bytes`` is told of bytes done.

    Raises:
        CorpusError: a file that cannot be used; one line names it and the line.
    """
    numbers: dict[str, int] = {}  # of each label, in order of appearance
    first_line: dict[str, int] = {}
    blocks: list[NameArray] = []
    targets: list[npt.NDArray[np.int32]] = []
    for names, labels, lines in _blocks(file, cleaning, on_bytes):
        for label in dict.fromkeys(labels):
            if label not in numbers:
                first_line[label] = lines[labels.index(label)]
                numbers[label] = len(numbers)
                _check_label(label, len(numbers), f"{shown(file)}:{first_line[label]}")
        text = _as_lines(names, lines, file)
        block, kept = clean_lines(text, partial(_place, file, lines), cleaning)
        blocks.append(block)
        targets.append(np.array([numbers[label] for label in labels], dtype=np.int32)[kept])
    return _sorted_labels(file, numbers, first_line, NameArray.joined(blocks), targets)


def _place(file: Path, lines: list[int], row: int) -> str:
    return f"{shown(file)}:{lines[row]}"


def _sorted_labels(
    file: Path,
    numbers: dict[str, int],
    first_line: dict[str, int],
    names: NameArray,
    targets: list[npt.NDArray[np.int32]],
) -> RawCorpus:
    if not numbers:
        raise CorpusError(f"{shown(file)}:1: no row below the header")
    if len(numbers) == 1:
        raise CorpusError(
            f"{shown(file)}: only one label ({shown(next(iter(numbers)))}); a classifier needs two or more"
        )
    order = sorted(numbers, key=lambda label: f"{label}.txt")  # as a folder's files are sorted
    place = np.empty(len(order), dtype=np.int32)
    place[[numbers[label] for label in order]] = np.arange(len(order))
    found = place[np.concatenate(targets)]
    for label, count in zip(order, np.bincount(found, minlength=len(order)).tolist(), strict=True):
        if not count:
            at = f"{shown(file)}:{first_line[label]}"
            raise CorpusError(f"{at}: no name of label {shown(label)} is left after cleaning")
    return tuple(order), names, found


def _check_label(label: str, count: int, place: str) -> None:
    if not label:
        raise CorpusError(f"{place}: the label is empty")
    if not label.isprintable():
        raise CorpusError(f"{place}: the label {shown(label)} holds a control character")
    if "/" in label or "\\" in label:
        raise CorpusError(f"{place}: the label {label} holds a path separator")
    if len(label) > LONGEST:
        raise CorpusError(f"{place}: a label of {len(label)} letters; it may have {LONGEST}")
    if count > MOST_LABELS:
        raise CorpusError(f"{place}: more than {MOST_LABELS:,} labels; is label the right column?")


def _as_lines(names: list[str], lines: list[int], file: Path) -> bytes:
    r"""The names one a line; a quoted one may hold a ``\n`` itself, which no name may."""
    text = "\n".join(names) + "\n"
    if text.count("\n") != len(names):
        at = next(line for name, line in zip(names, lines, strict=True) if "\n" in name)
        raise CorpusError(f"{shown(file)}:{at}: control character U+000A; is a quote left open?")
    return text.encode()


def _blocks(
    file: Path, cleaning: Cleaning, on_bytes: Callable[[int], None]
) -> Iterator[tuple[list[str], list[str], list[int]]]:
    """Names, labels and line numbers of the rows, some at a time."""
    reader = csv.reader(_lines(file, on_bytes), delimiter=SUFFIXES[file.suffix.lower()])
    line = 1
    try:
        header = [column.strip().lower() for column in next(reader, [])]
        missing = [column for column in ("name", "label") if column not in header]
        if missing:
            raise CorpusError(f"{shown(file)}:1: no column {' and no column '.join(missing)} in the header")
        name_at, label_at = header.index("name"), header.index("label")
        line = reader.line_num + 1
        while True:
            names: list[str] = []
            labels: list[str] = []
            lines: list[int] = []
            for row in islice(reader, _BLOCK):
                if row:
                    try:
                        label, name = row[label_at], row[name_at]
                    except IndexError:
                        raise CorpusError(f"{shown(file)}:{line}: {_columns(row)}; name or label is missing") from None
                    names.append(name)
                    labels.append(label.strip())
                    lines.append(line)
                else:
                    cleaning.blank += 1
                line = reader.line_num + 1
            if not names:
                return
            yield names, labels, lines
    except csv.Error as error:
        raise CorpusError(f"{shown(file)}:{line}: {error}") from None


def _columns(row: list[str]) -> str:
    return f"only {len(row)} column{'s' if len(row) > 1 else ''}"


def _lines(file: Path, on_bytes: Callable[[int], None]) -> Iterator[str]:
    """The lines of a file as text, their ends kept; decoded one by one, so that a wrong byte's line is known."""
    number = told = done = 0
    try:
        with file.open("rb") as lines:
            for number, line in enumerate(lines, 1):
                done += len(line)
                if done - told >= _TOLD_EVERY:
                    on_bytes(done - told)
                    told = done
                yield (line.removeprefix(b"\xef\xbb\xbf") if number == 1 else line).decode()
    except UnicodeDecodeError:
        raise CorpusError(f"{shown(file)}:{number}: not UTF-8; save the file as UTF-8") from None
    except OSError as error:
        raise CorpusError(f"{shown(file)}: {error.strerror}") from None
