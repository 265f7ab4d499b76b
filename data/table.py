"""Reading one ``.csv`` or ``.tsv`` with the columns ``name`` and ``label``, UTF-8, quoted as Python's csv has it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import numpy.typing as npt

from namestui.data.alphabet import MAX_LETTERS, Reading
from namestui.data.cleaning import Cleaning, CorpusError, RawCorpus, clean_lines, shown
from namestui.data.labels import MAX_LABELS, check_label, normalise_label
from namestui.data.name_array import NameArray
from namestui.data.table_rows import read_rows

_BLOCK = 100_000
"""Rows that are cleaned at once."""


def read_table(file: Path, cleaning: Cleaning, on_bytes: Callable[[int], None]) -> RawCorpus:
    """The rows of ``file`` in its order, labels in alphabetical order; ``on_bytes`` is called with the bytes done.

    Raises:
        CorpusError: a file that cannot be used; one line names it and the line.
    """
    numbers: dict[str, int] = {}  # of each label, in order of appearance
    written: dict[str, int] = {}  # the same for every way in which the file writes it
    first_line: dict[str, int] = {}
    blocks: list[NameArray] = []
    targets: list[npt.NDArray[np.int32]] = []
    for names, labels, lines in read_rows(file, cleaning, on_bytes, _BLOCK):
        for text in dict.fromkeys(labels):
            if text not in written:
                line = lines[labels.index(text)]
                label = _label(text, cleaning.reading, f"{shown(file)}:{line}")
                first_line.setdefault(label, line)
                written[text] = numbers.setdefault(label, len(numbers))
                if len(numbers) > MAX_LABELS:
                    many = f"more than {MAX_LABELS:,} labels; is label the right column?"
                    raise CorpusError(f"{shown(file)}:{line}: {many}")
        block, kept = clean_lines(_as_lines(names, lines, file), partial(_place, file, lines), cleaning)
        blocks.append(block)
        targets.append(np.array([written[text] for text in labels], dtype=np.int32)[kept])
    return _sorted_labels(file, numbers, first_line, NameArray.joined(blocks), targets)


def _place(file: Path, lines: list[int], row: int) -> str:
    return f"{shown(file)}:{lines[row]}"


def _label(text: str, reading: Reading, place: str) -> str:
    """A label as the file writes it, in its one form.

    Raises:
        CorpusError: it can be none.
    """
    label = normalise_label(text.strip(), reading)
    check_label(label, place)
    if "/" in label or "\\" in label:
        raise CorpusError(f"{place}: the label {label} holds a path separator")
    if len(label) > MAX_LETTERS:
        raise CorpusError(f"{place}: a label of {len(label)} letters; the limit is {MAX_LETTERS}")
    if label.startswith('"') and reading != "legacy":
        raise CorpusError(f"{place}: the label {label} begins with a quote; remove what stands before it in the file")
    return label


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


def _as_lines(names: list[str], lines: list[int], file: Path) -> bytes:
    r"""The names one a line; a quoted one may hold a ``\n`` itself, which no name may."""
    text = "\n".join(names) + "\n"
    if text.count("\n") != len(names):
        at = next(line for name, line in zip(names, lines, strict=True) if "\n" in name)
        raise CorpusError(f"{shown(file)}:{at}: control character U+000A; is a quote left open?")
    return text.encode()
