"""Reading a folder of ``Label.txt`` files, one name a line, UTF-8."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np

from namestui.data.cleaning import MOST_LABELS, Cleaning, CorpusError, RawCorpus, clean_lines, shown
from namestui.data.name_array import NameArray

_BLOCK = 1 << 23
"""Bytes that are cleaned at once."""


def label_files(folder: Path) -> list[Path]:
    """The files of the labels, in alphabetical order.

    Raises:
        CorpusError: no such folder, or fewer than two labels, or too many.
    """
    try:
        if not folder.is_dir():
            kind = "not a folder, .csv or .tsv" if folder.exists() else "no such folder or file"
            raise CorpusError(f"{shown(folder)}: {kind}; a corpus is a folder of Label.txt files, one name a line")
        files = sorted(path for path in folder.iterdir() if path.suffix == ".txt" and not path.name.startswith("."))
    except OSError as error:
        raise CorpusError(f"{shown(folder)}: {error.strerror}") from None
    if not files:
        raise CorpusError(f"{shown(folder)}: no .txt file in it; a corpus is a folder of Label.txt files")
    if len(files) == 1:
        raise CorpusError(f"{shown(folder)}: only one label ({shown(files[0].name)}); a classifier needs two or more")
    if len(files) > MOST_LABELS:
        raise CorpusError(f"{shown(folder)}: {len(files):,} labels; a corpus may have {MOST_LABELS:,}")
    return files


def read_folder(files: list[Path], cleaning: Cleaning, on_bytes: Callable[[int], None]) -> RawCorpus:
    """The names of all ``files``; ``on_bytes`` is told how many bytes are done since it was told last.

    Raises:
        CorpusError: a file that cannot be used.
    """
    blocks: list[NameArray] = []
    counts: list[int] = []
    for file in files:
        if not file.stem.isprintable():
            raise CorpusError(f"{shown(file)}: the label holds a control character; rename the file")
        found = _read_label(file, cleaning, on_bytes)
        blocks.extend(found)
        counts.append(sum(len(block) for block in found))
    targets = np.repeat(np.arange(len(files), dtype=np.int32), counts)
    return tuple(file.stem for file in files), NameArray.joined(blocks), targets


def _read_label(file: Path, cleaning: Cleaning, on_bytes: Callable[[int], None]) -> list[NameArray]:
    """The cleaned names of one file, repeated ones included."""
    try:
        data = file.read_bytes().removeprefix(b"\xef\xbb\xbf")
        blank = not data.decode().strip()
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise CorpusError(f"{shown(file)}:{line}: not UTF-8; save the file as UTF-8") from None
    except OSError as error:
        raise CorpusError(f"{shown(file)}: {error.strerror}") from None
    if blank:
        raise CorpusError(f"{shown(file)}: empty; give it a name a line or remove it")
    if not data.endswith(b"\n"):
        data += b"\n"
    if b"\r" in data:
        data = data.replace(b"\r\n", b"\n")
    found: list[NameArray] = []
    start, line, size = 0, 1, len(data)
    while start < size:
        end = data.find(b"\n", min(start + _BLOCK, size - 1)) + 1
        names, kept = clean_lines(data[start:end], partial(_place, file, line), cleaning)
        found.append(names)
        on_bytes(end - start)
        start, line = end, line + len(kept)
    if not any(len(block) for block in found):
        raise CorpusError(f"{shown(file)}: no name is left after cleaning; are its letters outside the alphabet?")
    return found


def _place(file: Path, first: int, line: int) -> str:
    return f"{shown(file)}:{first + line}"
