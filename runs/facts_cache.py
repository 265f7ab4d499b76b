"""What was read of runs the last time they were listed: kept in the home, and good for as long as no file has changed.

Each entry bears a fingerprint of the run's whole directory; where that is otherwise now, the run is read. The record
alone counts: a cache that is missing, damaged or of another format is made anew, and one that cannot be written is
done without.
"""

from __future__ import annotations

import contextlib
import os
import time
from hashlib import blake2b
from typing import NamedTuple

import msgspec

from namestui.data.safe_files import read_bytes, replacing
from namestui.runs.decoding import UNDECODABLE
from namestui.runs.run_facts import RunFacts, read_facts
from namestui.runs.store import RunDirectory, RunStore

FORMAT = 1
"""To be raised where what is read of a record, or what its facts mean, becomes other than it was."""
MAX_CACHE = 1 << 27
"""Bytes of the cache, at most; of 10,000 runs it has six million."""
SETTLED = 2.0
"""Seconds since the last change of a directory, at least: within the clock ticks of a disk one may go unseen."""


class _Entry(msgspec.Struct, frozen=True, array_like=True):
    fingerprint: bytes
    facts: RunFacts


class _Cache(msgspec.Struct, frozen=True, array_like=True):
    format: int = FORMAT
    runs: dict[str, _Entry] = {}


class Files(NamedTuple):
    """A run's directory at one moment: the bytes in it, a ``fingerprint`` of its files, when the last one changed."""

    size: int
    fingerprint: bytes
    changed: float


class FactsCache:
    """The facts of runs, from the cache where it holds; to be saved once all runs have been asked for."""

    def __init__(self, store: RunStore) -> None:
        self._file = store.summaries_file
        self._known = _load(store)
        self._kept: dict[str, _Entry] = {}
        self._is_new = False

    def facts(self, run: RunDirectory, files: Files | None) -> RunFacts:
        """What the files of ``run`` say; ``files`` were looked at before, None: they could not be."""
        entry = self._known.get(run.id)
        if entry is not None and files is not None and entry.fingerprint == files.fingerprint:
            self._kept[run.id] = entry
            return entry.facts
        facts = read_facts(run)
        # What cannot be read now may be read the next time, without any change of the files.
        if files is not None and files.changed < time.time() - SETTLED and not facts.problems:
            self._kept[run.id] = _Entry(files.fingerprint, facts)
            self._is_new = True
        return facts

    def save(self) -> None:
        """Keep for the next time what was read, and nothing of runs that are gone."""
        if not self._is_new and self._kept.keys() == self._known.keys():
            return
        with contextlib.suppress(OSError), replacing(self._file, durable=False) as file:  # a full disk, say
            file.write(msgspec.msgpack.encode(_Cache(runs=self._kept)))


def files_of(path: str) -> Files | None:
    """The files of the run in the directory ``path`` as they are now; None where it cannot be looked into."""
    size, changed, seen = 0, 0, list[tuple[object, ...]]()
    try:
        with os.scandir(path) as entries:
            for entry in entries:
                status = entry.stat(follow_symlinks=False)
                size += status.st_size
                changed = max(changed, status.st_ctime_ns, status.st_mtime_ns)
                seen.append(
                    (entry.name, status.st_mode, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns)
                )
    except OSError:
        return None
    seen.sort()
    return Files(size, blake2b(repr(seen).encode(errors="surrogateescape"), digest_size=16).digest(), changed / 1e9)


def _load(store: RunStore) -> dict[str, _Entry]:
    try:
        cache = msgspec.msgpack.decode(read_bytes(store.summaries_file, MAX_CACHE), type=_Cache)
    except (OSError, *UNDECODABLE):
        return {}
    return cache.runs if cache.format == FORMAT else {}
