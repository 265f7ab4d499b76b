"""A corpus of names with labels, and loading one from a folder of ``Label.txt`` files or from one table."""

from __future__ import annotations

import hashlib
import stat
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from namestui.data.alphabet import Reading
from namestui.data.cache import MIN_CACHED_BYTES, CacheEntry, content_key, read_corpus, write_corpus
from namestui.data.cleaning import Cleaning, CorpusError
from namestui.data.folder import label_files, read_folder
from namestui.data.labels import look_alikes
from namestui.data.name_array import NameArray
from namestui.data.table import read_table
from namestui.data.table_dialect import SUFFIXES
from namestui.data.text_files import check_files, mode_of

__all__ = ["Cleaning", "Corpus", "CorpusError", "load_corpus"]


class Corpus:
    """Cleaned names with their labels; ``targets[i]`` (int32) indexes ``labels``. Repeated rows are kept."""

    def __init__(
        self,
        labels: tuple[str, ...],
        names: Sequence[str],
        targets: Sequence[int] | npt.NDArray[np.int32],
        cleaning: Cleaning,
        *,
        fingerprint: str = "",
        kept: CacheEntry | None = None,
    ) -> None:
        """``fingerprint`` where it is known already; ``kept`` is where what is computed of a large corpus is kept."""
        self.labels = labels
        self.names = names if isinstance(names, NameArray) else NameArray.of(names)
        self.targets: npt.NDArray[np.int32] = np.asarray(targets, dtype=np.int32)
        self.cleaning = cleaning
        self.kept = kept
        self._fingerprint = fingerprint

    def fingerprint(self) -> str:
        """SHA-256 over labels and rows: equal for equal corpora, whatever their folder is called."""
        if not self._fingerprint:
            digest = hashlib.sha256("\0".join(self.labels).encode())
            names = iter(self.names)
            for first in range(0, len(self.targets), 65_536):
                targets = self.targets[first : first + 65_536].tolist()
                digest.update("".join([f"\n{target}\t{next(names)}" for target in targets]).encode())
            self._fingerprint = digest.hexdigest()
        return self._fingerprint


def load_corpus(
    path: Path,
    on_progress: Callable[[int, int], None] | None = None,
    *,
    reading: Reading = "transliterated",
    cache: Path | None = None,
) -> Corpus:
    """Read and clean every ``Label.txt`` of a folder, or one ``.csv`` or ``.tsv``; labels in alphabetical order.

    ``on_progress`` is called with the bytes done and the bytes in all. ``reading`` is how letters outside the alphabet
    are read. What a large corpus gave is kept in the folder ``cache`` and taken from there as long as the files are
    the same, byte for byte.

    Raises:
        CorpusError: nothing there, fewer than two labels, or a file that cannot be used.
    """
    is_table = path.suffix.lower() in SUFFIXES and not stat.S_ISDIR(mode_of(path) or 0)
    files = [path] if is_table else label_files(path)
    total = check_files(files, path)
    cleaning = Cleaning(reading=reading)
    if cache is None or total < MIN_CACHED_BYTES or (key := content_key(files, reading)) is None:
        return _read(path, files, is_table, total, cleaning, on_progress)
    entry = CacheEntry(cache, key)
    kept = read_corpus(entry)
    if kept is not None:
        read, cleaning, fingerprint = kept
        return Corpus(*read, cleaning, fingerprint=fingerprint, kept=entry)
    corpus = _read(path, files, is_table, total, cleaning, on_progress)
    if content_key(files, reading) == key:  # else somebody wrote a file meanwhile, and who knows what was read
        write_corpus(entry, (corpus.labels, corpus.names, corpus.targets), corpus.cleaning, corpus.fingerprint())
        corpus.kept = entry
    return corpus


def _read(
    path: Path,
    files: list[Path],
    is_table: bool,
    total: int,
    cleaning: Cleaning,
    on_progress: Callable[[int, int], None] | None,
) -> Corpus:
    done = 0

    def on_bytes(count: int) -> None:
        nonlocal done
        done += count
        if on_progress is not None:
            on_progress(done, total)

    read = read_table(path, cleaning, on_bytes) if is_table else read_folder(files, cleaning, on_bytes)
    cleaning.alike = look_alikes(read[0])
    if on_progress is not None:
        on_progress(total, total)  # byte order marks are not counted by the readers
    return Corpus(*read, cleaning)
