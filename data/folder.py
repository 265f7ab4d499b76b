"""Reading a folder of ``Label.txt`` files, one name per line, UTF-8."""

from __future__ import annotations

import stat
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np

from namestui.data.cleaning import Cleaning, CorpusError, RawCorpus, clean_lines, shown
from namestui.data.labels import MAX_LABELS, check_label, normalise_label
from namestui.data.name_array import NameArray
from namestui.data.text_files import decode, describe_mode, mode_of, read_lines, refuse_spreadsheet

_BLOCK = 1 << 23
"""Bytes that are cleaned at once."""


def label_files(folder: Path) -> list[Path]:
    """The files of the labels, in alphabetical order.

    Raises:
        CorpusError: no such folder, or no file of a label in it, or too many.
    """
    mode = mode_of(folder)
    if mode is None:
        raise CorpusError(f"{shown(folder)}: no such folder or file; a corpus is a folder of Label.txt files")
    if not stat.S_ISDIR(mode):
        refuse_spreadsheet(folder)
        kind = f"{describe_mode(mode)}, not a folder, .csv or .tsv"
        raise CorpusError(f"{shown(folder)}: {kind}; a corpus is a folder of Label.txt files, one name per line")
    try:
        files = sorted(path for path in folder.iterdir() if path.suffix == ".txt" and not path.name.startswith("."))
    except OSError as error:
        raise CorpusError(f"{shown(folder)}: {error.strerror or error}") from None
    if not files:
        raise CorpusError(f"{shown(folder)}: no .txt file in it; a corpus is a folder of Label.txt files")
    if len(files) == 1:
        raise CorpusError(f"{shown(folder)}: only one label ({shown(files[0].name)}); a classifier needs two or more")
    if len(files) > MAX_LABELS:
        raise CorpusError(f"{shown(folder)}: {len(files):,} labels; the limit is {MAX_LABELS:,}")
    return files


def read_folder(files: list[Path], cleaning: Cleaning, on_bytes: Callable[[int], None]) -> RawCorpus:
    """The names of all ``files``; ``on_bytes`` is called with the number of bytes done since its last call.

    Files whose names are one label written in two ways (composed and decomposed letters) are read as that label.

    Raises:
        CorpusError: a file that cannot be used, or no two labels.
    """
    files_of: dict[str, list[Path]] = {}
    for file in files:
        label = normalise_label(file.stem, cleaning.reading)
        check_label(label, shown(file), "; rename the file")
        files_of.setdefault(label, []).append(file)
    labels = sorted(files_of, key=lambda label: f"{label}.txt")  # as the files themselves are
    if len(labels) == 1:
        raise CorpusError(f"{shown(files[0].parent)}: only one label ({labels[0]}); a classifier needs two or more")
    blocks: list[NameArray] = []
    counts: list[int] = []
    for label in labels:
        found = [block for file in files_of[label] for block in _read_label(file, cleaning, on_bytes)]
        blocks.extend(found)
        counts.append(sum(len(block) for block in found))
    targets = np.repeat(np.arange(len(labels), dtype=np.int32), counts)
    return tuple(labels), NameArray.joined(blocks), targets


def _read_label(file: Path, cleaning: Cleaning, on_bytes: Callable[[int], None]) -> list[NameArray]:
    """The cleaned names of one file, repeated ones included."""
    found: list[NameArray] = []
    line, blank = 1, cleaning.blank
    for data in read_lines(file, _BLOCK):
        decode(file, data, line)
        names, kept = clean_lines(data.replace(b"\r\n", b"\n"), partial(_place, file, line), cleaning)
        found.append(names)
        on_bytes(len(data))
        line += len(kept)
    if not any(len(block) for block in found):
        if cleaning.blank - blank == line - 1:
            raise CorpusError(f"{shown(file)}: empty; add names, one per line, or remove it")
        raise CorpusError(f"{shown(file)}: no name is left after cleaning; are its letters outside the alphabet?")
    return found


def _place(file: Path, first: int, line: int) -> str:
    return f"{shown(file)}:{first + line}"
