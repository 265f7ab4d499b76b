"""``confusion.bin``: one validation confusion matrix an epoch, fixed-size records.

Up to `MAX_CLASSES` classes there is a record for every epoch, at its place; above that it holds the first, the best
and the last epoch alone, one after the other.

A record is the epoch (uint32) and the matrix (uint32, row by row, rows true), little-endian. The number of
classes comes from the run, so the file holds nothing but records. Zeros are a hole: a power cut takes what was not on
the disk yet, and the epoch's matrix is written there again when the run is resumed. A torn record is written over.
"""

from __future__ import annotations

import errno
import os
import struct
from array import array
from collections.abc import Collection, Sequence
from pathlib import Path

from namestui.data.safe_files import UnsafeFileError, open_file, open_to_read, replacing

MAX_CLASSES = 100
"""Above this a record is kept only for the first, best and last epoch: one of 1,000 classes has 4 MB."""


MAX_HOLES = 1000
"""Holes at the end of a file beyond which it has no newest matrix."""


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
        found = set[int]()
        try:
            with open_to_read(self._path) as file:
                while len(data := file.read(self._record)) == self._record:
                    if sum(_cells(data)) == names:
                        found.add(self._epoch(data))
        except (FileNotFoundError, UnsafeFileError):
            pass
        return found

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
        try:
            with open_to_read(self._path) as file:
                count = os.fstat(file.fileno()).st_size // self._record
                return [self._epoch(os.pread(file.fileno(), 4, i * self._record)) for i in range(count)]
        except (FileNotFoundError, UnsafeFileError):
            return []

    def _put_in_order(self, epoch: int, record: bytes) -> None:
        """Write every record at the place of its epoch: an older namestui left none for those that were lost."""
        places = {number: index for index, number in enumerate(self._numbers()) if number}
        with replacing(self._path) as file, open_to_read(self._path) as old:
            for number, index in places.items():
                file.seek((number - 1) * self._record)
                file.write(os.pread(old.fileno(), self._record, index * self._record))
            file.seek((epoch - 1) * self._record)
            file.write(record)

    def last(self) -> tuple[int, list[list[int]]] | None:
        """The newest (epoch, matrix), or None where there is none."""
        try:
            with open_to_read(self._path) as file:
                count = os.fstat(file.fileno()).st_size // self._record
                for index in range(count - 1, max(-1, count - 1 - MAX_HOLES), -1):
                    if self._epoch(os.pread(file.fileno(), 4, index * self._record)):
                        return self._read(index)
        except (FileNotFoundError, UnsafeFileError):
            pass
        return None

    def of(self, epoch: int) -> list[list[int]] | None:
        """The matrix of ``epoch``, or None where it has none."""
        # Records are one an epoch from the first on, unless there are too many classes for that.
        for index in dict.fromkeys((epoch - 1, *self._indices(epoch))):
            found = self._read(index)
            if found is not None and found[0] == epoch:
                return found[1]
        return None

    def _indices(self, epoch: int) -> list[int]:
        return [index for index, value in enumerate(self._numbers()) if value == epoch]

    def _read(self, index: int) -> tuple[int, list[list[int]]] | None:
        try:
            with open_to_read(self._path) as file:
                data = os.pread(file.fileno(), self._record, index * self._record) if index >= 0 else b""
        except (FileNotFoundError, UnsafeFileError):
            return None
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
