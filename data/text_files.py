"""Opening and reading the files of a corpus: regular ones only, of bounded size, a bounded line at a time."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from io import BufferedReader
from pathlib import Path

from namestui.data.cleaning import CorpusError, shown

MAX_BYTES = 8 << 30
"""Bytes that the files of a corpus may have, all together."""
MAX_LINE = 1 << 20
"""Bytes that a line may have; a name has 200 letters at most."""
HEAD = 1 << 16
"""Bytes that show what kind of file it is."""
BOM = b"\xef\xbb\xbf"

_KINDS = (
    (stat.S_ISDIR, "a folder"),
    (stat.S_ISFIFO, "a pipe"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
)
_SPREADSHEET = "a spreadsheet; save it as CSV (UTF-8)"
_MAGIC = (
    (b"PK\x03\x04", "a spreadsheet or a zip archive; save a spreadsheet as CSV (UTF-8), unpack an archive"),
    (b"\xd0\xcf\x11\xe0", _SPREADSHEET),
    (b"\x1f\x8b", "compressed; unpack it"),
    (b"\xff\xfe\0\0", "UTF-32; save the file as UTF-8"),
    (b"\xff\xfe", "UTF-16; save the file as UTF-8"),
    (b"\xfe\xff", "UTF-16; save the file as UTF-8"),
)
SPREADSHEETS = frozenset((".xlsx", ".xls", ".xlsm", ".ods", ".numbers"))


def mode_of(path: Path) -> int | None:
    """The mode of what is at ``path``, links followed; None where nothing is.

    Raises:
        CorpusError: it cannot be known.
    """
    with as_corpus_errors(path):
        try:
            return path.stat().st_mode
        except (FileNotFoundError, NotADirectoryError):
            return None
        except ValueError as error:  # a NUL in the path
            raise CorpusError(f"{shown(path)}: {error}") from None


def describe_mode(mode: int) -> str:
    """What a file of this mode is, in words."""
    return next((kind for is_kind, kind in _KINDS if is_kind(mode)), "a file")


def refuse_spreadsheet(path: Path) -> None:
    """Raise CorpusError where the name says that it is a spreadsheet."""
    if path.suffix.lower() in SPREADSHEETS:
        raise CorpusError(f"{shown(path)}: {_SPREADSHEET}")


def open_regular(path: Path) -> BufferedReader:
    """``path``, opened for reading; a link to a regular file will do, a pipe is not waited for.

    Raises:
        CorpusError: not a regular file, or a larger one than a corpus may have.
        OSError: it cannot be opened.
    """
    before = path.stat().st_mode  # opening a device may do something already
    if stat.S_ISREG(before):
        opened = os.fdopen(os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC), "rb")
        now = os.fstat(opened.fileno())
        if stat.S_ISREG(now.st_mode) and now.st_size <= MAX_BYTES:
            return opened
        opened.close()
        if stat.S_ISREG(now.st_mode):
            raise CorpusError(f"{shown(path)}: {_size(now.st_size)}; the limit is {_size(MAX_BYTES)}")
        before = now.st_mode
    raise CorpusError(f"{shown(path)}: {describe_mode(before)}, not a text file")


def check_files(files: list[Path], corpus: Path) -> int:
    """How many bytes ``files`` have together, each of them regular and text as far as its first bytes say.

    Raises:
        CorpusError: one that is not, or more bytes than a corpus may have.
    """
    total = 0
    for file in files:
        with as_corpus_errors(file), open_regular(file) as opened:
            total += os.fstat(opened.fileno()).st_size
            _check_head(file, opened.read(HEAD))
    if total > MAX_BYTES:
        raise CorpusError(f"{shown(corpus)}: {_size(total)}; the limit is {_size(MAX_BYTES)}")
    return total


def read_lines(path: Path, block: int) -> Iterator[bytes]:
    r"""All of a file by about ``block`` bytes that end with a line, each of which ends with ``\n``; no byte order mark.

    It ends where the file ended when it was opened, even if it is still being written.

    Raises:
        CorpusError: not a regular file, one that cannot be read, or a line of more than `MAX_LINE` bytes.
    """
    number, rest, at_start = 1, b"", True
    with as_corpus_errors(path), open_regular(path) as opened:
        left = os.fstat(opened.fileno()).st_size
        while data := opened.read(min(block, left)):
            left -= len(data)
            data = rest + data
            if at_start and len(data) < len(BOM) and left:
                rest = data
                continue
            if at_start:
                data, at_start = data.removeprefix(BOM), False
            cut = data.rfind(b"\n") + 1
            rest = data[cut:]
            if cut:
                yield data[:cut]
                number += data.count(b"\n", 0, cut)
            if len(rest) > MAX_LINE:
                raise CorpusError(f"{shown(path)}:{number}: a line of more than {MAX_LINE:,} bytes; is it a text file?")
    if rest:
        yield rest + b"\n"


def decode(path: Path, data: bytes, first: int) -> str:
    """``data``, whole lines of ``path`` from line ``first`` on, as text.

    Raises:
        CorpusError: it is not UTF-8; the text names the line.
    """
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        line = first + data.count(b"\n", 0, error.start)
        raise CorpusError(f"{shown(path)}:{line}: not UTF-8; save the file as UTF-8") from None


@contextmanager
def as_corpus_errors(path: Path) -> Iterator[None]:
    """Turn an OSError into a CorpusError that names ``path``."""
    try:
        yield
    except OSError as error:
        raise CorpusError(f"{shown(path)}: {error.strerror or error}") from None


def _check_head(file: Path, head: bytes) -> None:
    for magic, kind in _MAGIC:
        if head.startswith(magic):
            raise CorpusError(f"{shown(file)}: {kind}")
    nuls = head.count(b"\0")
    if 4 * nuls > 3 * len(head):
        raise CorpusError(f"{shown(file)}: not text: it begins with {nuls:,} NUL bytes")
    if 4 * nuls >= len(head) > 0:
        raise CorpusError(f"{shown(file)}: probably UTF-16 or UTF-32; save the file as UTF-8")
    if b"\r" in head and b"\n" not in head:
        raise CorpusError(f"{shown(file)}:1: its lines end in CR alone; save the file with LF or CRLF at line ends")


def _size(count: int) -> str:
    return f"{count / 2**30:.1f} GiB" if count >= 2**30 else f"{count:,} bytes"
