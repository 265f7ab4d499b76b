"""What reading a large corpus and dividing it gave, kept on disk by the content of its files.

An entry is an uncompressed ``.npz``, whose checksums show damage; a damaged one is removed and made again. Whatever
cannot be written is not kept, and nothing is reported: only time is lost.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import struct
import zipfile
import zlib
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from namestui.data.alphabet import ALPHABET, Reading
from namestui.data.cleaning import Cleaning, CorpusError, RawCorpus
from namestui.data.name_array import NameArray
from namestui.data.safe_files import open_to_read, remove, replacing
from namestui.data.text_files import open_regular

VERSION = 2
"""Of what cleaning, splits and these files are; another number finds no entry of before."""
MIN_CACHED_BYTES = 2_000_000
"""Bytes of a corpus, about 200,000 names, below which reading it again is as fast."""
MAX_ENTRIES = 8
"""Files that are kept, those used last; ten million names take 140 MB in two of them."""

_DAMAGE = (
    *(OSError, EOFError, zipfile.BadZipFile, zlib.error, struct.error, RuntimeError),  # the archive
    *(ValueError, KeyError, TypeError, MemoryError),  # what is in it
)
"""What reading an entry raises that was cut short, overwritten or never one."""

Arrays = dict[str, npt.NDArray[Any]]


def content_key(files: Sequence[Path], reading: Reading) -> str | None:
    """A hash over names and bytes of ``files`` and how they are read; None where they cannot be."""
    digest = hashlib.sha256(f"{VERSION}\0{ALPHABET}\0{reading}".encode())
    try:
        for file in files:
            with open_regular(file) as opened:
                of_file = hashlib.file_digest(opened, "sha256")
            digest.update(f"\0{file.name}\0".encode(errors="surrogateescape") + of_file.digest())
    except (OSError, CorpusError):
        return None
    return digest.hexdigest()[:32]


class CacheEntry:
    """What is kept of one corpus."""

    def __init__(self, folder: Path, key: str) -> None:
        self._folder, self._key = folder, key

    def read(self, what: str) -> Arrays | None:
        """The arrays kept as ``what``; None where there are none, or damaged ones."""
        path = self._path(what)
        try:
            with open_to_read(path) as file:
                with np.load(file, allow_pickle=False) as kept:
                    found = {name: kept[name] for name in kept.files}
                os.utime(file.fileno())
        except FileNotFoundError:
            return None
        except _DAMAGE:
            self.forget(what)
            return None
        return found

    def write(self, what: str, arrays: Arrays) -> None:
        """Keep ``arrays`` as ``what``, and no more than the newest entries."""
        with contextlib.suppress(OSError):
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            with replacing(self._path(what), durable=False) as file:  # damage is found when it is read
                np.savez(file, **arrays)  # type: ignore[arg-type]
            _remove_old(self._folder)

    def forget(self, what: str) -> None:
        """Remove what is kept as ``what``."""
        with contextlib.suppress(OSError):
            remove(self._path(what))

    def _path(self, what: str) -> Path:
        return self._folder / f"{self._key}-{what}.npz"


def read_corpus(entry: CacheEntry) -> tuple[RawCorpus, Cleaning, str] | None:
    """Labels, names and targets; what cleaning did; the fingerprint. None where nothing sound is kept."""
    arrays = entry.read("corpus")
    if arrays is None:
        return None
    try:
        letters, lengths, targets = arrays["letters"], arrays["lengths"], arrays["targets"]
        facts = json.loads(arrays["facts"].tobytes())
        labels = tuple(map(str, facts["labels"]))
        sound = (
            [str(array.dtype) for array in (letters, lengths, targets)] == ["uint8", "uint8", "int32"]
            and len(lengths) == len(targets) > 0
            and int(lengths.sum(dtype=np.int64)) == len(letters)
            and int(letters.max()) < len(ALPHABET)
            and 0 <= int(targets.min()) <= int(targets.max()) < len(labels)
        )
        cleaning, fingerprint = Cleaning(**facts["cleaning"]), str(facts["fingerprint"])
    except _DAMAGE:
        sound = False
    if not sound:
        entry.forget("corpus")
        return None
    return (labels, NameArray(letters, lengths), targets), cleaning, fingerprint


def write_corpus(entry: CacheEntry, read: RawCorpus, cleaning: Cleaning, fingerprint: str) -> None:
    """Keep a corpus as it was read: its names lie one after the other without gaps."""
    labels, names, targets = read
    facts = json.dumps({"labels": labels, "cleaning": asdict(cleaning), "fingerprint": fingerprint}).encode()
    stored = np.frombuffer(facts, dtype=np.uint8)
    entry.write("corpus", {"letters": names.letters, "lengths": names.lengths, "targets": targets, "facts": stored})


def _remove_old(folder: Path) -> None:
    """Keep the newest entries only; what a kill left half written goes too, once it is old."""
    newest = sorted(folder.glob("*.npz"), key=lambda path: -path.lstat().st_mtime)
    for path in newest[MAX_ENTRIES:]:
        remove(path)
    oldest = min((path.lstat().st_mtime for path in newest[:MAX_ENTRIES]), default=0.0)
    for path in folder.glob(".*.tmp"):
        if path.lstat().st_mtime < oldest:
            remove(path)
