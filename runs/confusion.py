"""``confusion.bin``: one validation confusion matrix an epoch, fixed-size records.

Up to `MOST_CLASSES` classes it is append-only; above that it holds the first, the best and the last epoch alone.

A record is the epoch (uint32) and the matrix (uint32, row by row, rows true), little-endian. The number of
classes comes from the run, so the file holds nothing but records. A torn last record is cut by the next append.
"""

from __future__ import annotations

import os
import struct
from array import array
from collections.abc import Collection, Sequence
from pathlib import Path

from namestui.data.safe_files import UnsafeFileError, open_file, open_to_read, replacing

MOST_CLASSES = 100
"""Above this a record is kept only for the first, best and last epoch: one of 1,000 classes has 4 MB."""


class ConfusionFile:
    """Reads and appends the records of a run with ``classes`` classes."""

    def __init__(self, path: Path, classes: int) -> None:
        self._path = path
        self._classes = classes
        self._record = 4 + 4 * classes * classes

    def append(self, epoch: int, matrix: Sequence[Sequence[int]]) -> None:
        """Add the matrix of ``epoch``; an epoch that is there already is not added again.

        Raises:
            OSError: the disk is full or gone; the file is as it was.
        """
        fd = open_file(self._path, os.O_RDWR | os.O_CREAT)
        try:
            size = os.fstat(fd).st_size
            whole = size - size % self._record
            if whole and self._epoch(os.pread(fd, 4, whole - self._record)) >= epoch:
                return
            record = _record(epoch, matrix)
            if os.pwrite(fd, record, whole) != len(record):
                os.ftruncate(fd, whole)
                raise OSError(28, "No space left on device")
        finally:
            os.close(fd)

    def append_instead(self, epoch: int, matrix: Sequence[Sequence[int]], keep: Collection[int]) -> None:
        """Add the matrix of ``epoch``, and drop those of all epochs but it and ``keep``.

        Raises:
            OSError: the disk is full or gone; the file is as it was.
        """
        epochs = self.epochs()
        kept = [index for index, before in enumerate(epochs) if before in keep and before < epoch]
        if len(kept) == len(epochs):
            self.append(epoch, matrix)
            return
        with replacing(self._path) as file, open_to_read(self._path) as old:
            for index in kept:
                file.write(os.pread(old.fileno(), self._record, index * self._record))
            file.write(_record(epoch, matrix))

    def epochs(self) -> list[int]:
        """The epochs that have a record, in the order of the file."""
        try:
            with open_to_read(self._path) as file:
                count = os.fstat(file.fileno()).st_size // self._record
                return [self._epoch(os.pread(file.fileno(), 4, i * self._record)) for i in range(count)]
        except (FileNotFoundError, UnsafeFileError):
            return []

    def last(self) -> tuple[int, list[list[int]]] | None:
        """The newest (epoch, matrix), or None where there is none."""
        try:
            count = self._path.stat().st_size // self._record
        except (FileNotFoundError, UnsafeFileError):
            return None
        return self._read(count - 1) if count else None

    def of(self, epoch: int) -> list[list[int]] | None:
        """The matrix of ``epoch``, or None where it has none."""
        # Records are one an epoch from the first on, unless there are too many classes for that.
        for index in dict.fromkeys((epoch - 1, *self._indices(epoch))):
            found = self._read(index)
            if found is not None and found[0] == epoch:
                return found[1]
        return None

    def _indices(self, epoch: int) -> list[int]:
        return [index for index, value in enumerate(self.epochs()) if value == epoch]

    def _read(self, index: int) -> tuple[int, list[list[int]]] | None:
        try:
            with open_to_read(self._path) as file:
                data = os.pread(file.fileno(), self._record, index * self._record) if index >= 0 else b""
        except (FileNotFoundError, UnsafeFileError):
            return None
        if len(data) < self._record:
            return None
        cells = array("I", data[4:])
        n = self._classes
        return self._epoch(data), [list(cells[row * n : (row + 1) * n]) for row in range(n)]

    @staticmethod
    def _epoch(data: bytes) -> int:
        return int.from_bytes(data[:4], "little")


def _record(epoch: int, matrix: Sequence[Sequence[int]]) -> bytes:
    return struct.pack("<I", epoch) + b"".join(struct.pack(f"<{len(row)}I", *row) for row in matrix)
