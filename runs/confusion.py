"""``confusion.bin``: one validation confusion matrix an epoch, fixed-size records.

Up to `MAX_CLASSES` classes there is a record for every epoch, at its place; above that it holds the first, the best
and the last epoch alone, one after the other.

A record is the epoch (uint32) and the matrix (uint32, row by row, rows true), little-endian. The number of
classes comes from the run, so the file holds nothing but records. Zeros are a hole. A power cut takes only what was
not on the disk yet: the matrices of epochs after the newest checkpoint, before which the file is synced. Resuming
trains these epochs again, and each matrix is written at its place, over a hole or a torn record. Matrices from before
the checkpoint can only be lost to a damaged disk; they stay holes, which the worker logs once as an alert, for only
training from the start would bring them back.
"""

from __future__ import annotations

import errno
import os
import struct
from array import array
from collections.abc import Callable, Collection, Iterable, Sequence
from pathlib import Path
from typing import TypeVar

from namestui.data.safe_files import open_file, open_to_read, replacing

MAX_CLASSES = 100
"""Above this a record is kept only for the first, best and last epoch: one of 1,000 classes has 4 MB."""

MAX_RECORDS = 1 << 20
"""Records beyond which a file is not searched: it may seem to have many gigabytes."""
MAX_HOLES = 1000
"""Holes in a row beyond which nothing is looked for before them."""

T = TypeVar("T")


class ConfusionFile:
    """Reads and writes the records of a run with ``classes`` classes."""

    def __init__(self, path: Path, classes: int) -> None:
        self._path = path
        self._classes = classes
        self._record = 4 + 4 * classes * classes

    def put(self, epoch: int, matrix: Sequence[Sequence[int]]) -> None:
        """Write the matrix of ``epoch`` at its place, unless it is there; holes before it are left for their epochs.

        Raises:
            OSError: the disk is full or gone; the file is as it was.
        """
        record = _record(epoch, matrix)
        fd = open_file(self._path, os.O_RDWR | os.O_CREAT)
        try:
            size = os.fstat(fd).st_size
            there = os.pread(fd, self._record, (epoch - 1) * self._record)
            if len(there) == self._record and self._epoch(there) == epoch and sum(_cells(there)) == sum(_cells(record)):
                return
            if self._epoch(there) in (0, epoch) or len(there) < self._record:
                if os.pwrite(fd, record, (epoch - 1) * self._record) != len(record):
                    os.ftruncate(fd, size)
                    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(self._path))
                return
        finally:
            os.close(fd)
        self._put_in_order(epoch, record)

    def _append(self, epoch: int, matrix: Sequence[Sequence[int]]) -> None:
        """Add the matrix of ``epoch`` at the end; one that is there already is not added again."""
        fd = open_file(self._path, os.O_RDWR | os.O_CREAT)
        try:
            size = os.fstat(fd).st_size
            whole = size - size % self._record
            if whole and self._epoch(os.pread(fd, 4, whole - self._record)) >= epoch:
                return
            record = _record(epoch, matrix)
            if os.pwrite(fd, record, whole) != len(record):
                os.ftruncate(fd, whole)
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(self._path))
        finally:
            os.close(fd)

    def append_instead(self, epoch: int, matrix: Sequence[Sequence[int]], keep: Collection[int]) -> None:
        """Add the matrix of ``epoch``, and drop those of all epochs but it and ``keep``.

        Raises:
            OSError: the disk is full or gone; the file is as it was.
        """
        epochs = self._numbers()
        kept = [index for index, before in enumerate(epochs) if before in keep and before < epoch]
        if len(kept) == len(epochs):
            self._append(epoch, matrix)
            return
        with replacing(self._path) as file, open_to_read(self._path) as old:
            for index in kept:
                file.write(os.pread(old.fileno(), self._record, index * self._record))
            file.write(_record(epoch, matrix))

    def epochs(self) -> list[int]:
        """The epochs that have a record, in the order of the file."""
        return [epoch for epoch in self._numbers() if epoch]

    def whole(self, names: int) -> set[int]:
        """The epochs whose matrix counts ``names`` names: of others, a part or all was lost."""

        def search(file: int, count: int) -> set[int]:
            records = (os.pread(file, self._record, index * self._record) for index in range(min(count, MAX_RECORDS)))
            return {self._epoch(data) for data in records if sum(_cells(data)) == names}

        return self._read(search, set())

    def sync(self) -> None:
        """Wait until all matrices are on the disk."""
        try:
            fd = open_file(self._path)
        except FileNotFoundError:
            return
        try:
            os.fsync(fd)
        finally:
            os.close(fd)

    def _numbers(self) -> list[int]:
        """The epoch of each record of the file, 0 where it is a hole."""

        def search(file: int, count: int) -> list[int]:
            return [self._epoch(os.pread(file, 4, i * self._record)) for i in range(min(count, MAX_RECORDS))]

        return self._read(search, [])

    def _read(self, search: Callable[[int, int], T], otherwise: T) -> T:
        """What ``search`` finds in a descriptor and its number of records; ``otherwise`` where the file cannot be read:
        a run can be read, asked and trained without its matrices."""
        try:
            with open_to_read(self._path) as file:
                return search(file.fileno(), os.fstat(file.fileno()).st_size // self._record)
        except OSError:
            return otherwise

    def _put_in_order(self, epoch: int, record: bytes) -> None:
        """Write every record at the place of its epoch: an older namestui left none for those that were lost."""
        places = {number: index for index, number in enumerate(self._numbers()) if 0 < number <= MAX_RECORDS}
        with replacing(self._path) as file, open_to_read(self._path) as old:
            for number, index in places.items():
                file.seek((number - 1) * self._record)
                file.write(os.pread(old.fileno(), self._record, index * self._record))
            file.seek((epoch - 1) * self._record)
            file.write(record)

    def last(self) -> tuple[int, list[list[int]]] | None:
        """The newest (epoch, matrix), or None where there is none."""

        def search(file: int, count: int) -> tuple[int, list[list[int]]] | None:
            for index in range(count - 1, max(-1, count - 1 - MAX_HOLES), -1):
                if self._epoch(os.pread(file, 4, index * self._record)):
                    return self._matrix(file, index)
            return None

        return self._read(search, None)

    def of(self, epoch: int) -> list[list[int]] | None:
        """The matrix of ``epoch``, or None where it has none."""

        def search(file: int, count: int) -> list[list[int]] | None:
            place = self._place(file, count, epoch)
            found = None if place is None else self._matrix(file, place)
            return None if found is None else found[1]

        return self._read(search, None)

    def recalls(self, epochs: Iterable[int]) -> dict[int, list[float | None]]:
        """By epoch, for those of ``epochs`` that have a matrix: each class' recall, 0 to 1 (None: no such name)."""

        def search(file: int, count: int) -> dict[int, list[float | None]]:
            places = {epoch: self._place(file, count, epoch) for epoch in epochs}
            records = {
                epoch: os.pread(file, self._record, place * self._record)
                for epoch, place in places.items()
                if place is not None
            }
            return {epoch: self._recall(data) for epoch, data in records.items() if len(data) == self._record}

        return self._read(search, {})

    def _recall(self, record: bytes) -> list[float | None]:
        cells, n = _cells(record), self._classes
        rows = [sum(cells[row * n : (row + 1) * n]) for row in range(n)]
        return [cells[row * n + row] / total if total else None for row, total in enumerate(rows)]

    def _place(self, file: int, count: int, epoch: int) -> int | None:
        """The index of the record of ``epoch``, found without a search through the file.

        Records ascend, and none stands behind its place: it may stand before, where there are too many classes for
        one an epoch, and where an older namestui left no place for those that were lost.
        """
        start, holes = min(epoch, count) - 1, 0
        for index in range(start, max(-1, start - MAX_RECORDS), -1):
            number = self._epoch(os.pread(file, 4, index * self._record))
            holes = 0 if number else holes + 1
            if number == epoch:
                return index
            if 0 < number < epoch or holes > MAX_HOLES:
                return None
        return None

    def _matrix(self, file: int, index: int) -> tuple[int, list[list[int]]] | None:
        data = os.pread(file, self._record, index * self._record)
        if len(data) < self._record:
            return None
        cells = _cells(data)
        n = self._classes
        return self._epoch(data), [list(cells[row * n : (row + 1) * n]) for row in range(n)]

    @staticmethod
    def _epoch(data: bytes) -> int:
        return int.from_bytes(data[:4], "little")


def _cells(record: bytes) -> array[int]:
    return array("I", record[4 : len(record) - len(record) % 4])


def _record(epoch: int, matrix: Sequence[Sequence[int]]) -> bytes:
    return struct.pack("<I", epoch) + b"".join(struct.pack(f"<{len(row)}I", *row) for row in matrix)
