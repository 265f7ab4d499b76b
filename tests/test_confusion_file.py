"""confusion.bin: one record an epoch at its place, torn ones written over, holes filled, none twice."""

from __future__ import annotations

import errno
import itertools
import os
import struct
from pathlib import Path

import pytest

from namestui.runs import confusion
from namestui.runs.confusion import ConfusionFile

Matrix = list[list[int]]


def matrix(epoch: int, classes: int = 3) -> Matrix:
    return [[epoch * 100 + row * 10 + column for column in range(classes)] for row in range(classes)]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "confusion.bin"


def test_nothing_yet(path: Path) -> None:
    file = ConfusionFile(path, 3)
    assert file.epochs() == []
    assert file.last() is None
    assert file.of(1) is None


def test_append_and_read(path: Path) -> None:
    file = ConfusionFile(path, 3)
    for epoch in (1, 2, 3):
        file.put(epoch, matrix(epoch))
    assert file.epochs() == [1, 2, 3]
    assert file.last() == (3, matrix(3))
    assert [file.of(epoch) for epoch in (1, 2, 3)] == [matrix(1), matrix(2), matrix(3)]
    assert [file.of(epoch) for epoch in (-1, 0, 4)] == [None, None, None]
    assert path.stat().st_mode & 0o777 == 0o600


def test_the_format_is_fixed(path: Path) -> None:
    ConfusionFile(path, 2).put(1, [[1, 2], [3, 2**32 - 1]])
    assert path.read_bytes() == struct.pack("<5I", 1, 1, 2, 3, 2**32 - 1)


def test_an_epoch_is_not_added_twice(path: Path) -> None:
    file = ConfusionFile(path, 3)
    for epoch in (1, 2, 2, 1):
        file.put(epoch, matrix(epoch))
    assert file.epochs() == [1, 2]


def test_epochs_may_be_missing(path: Path) -> None:
    file = ConfusionFile(path, 3)
    for epoch in (1, 5, 9):
        file.put(epoch, matrix(epoch))
    assert file.of(5) == matrix(5)
    assert file.of(9) == matrix(9)
    assert file.of(2) is None


def test_a_torn_record_is_not_read_and_is_cut(path: Path) -> None:
    # GIVEN two records, the second cut anywhere
    file = ConfusionFile(path, 3)
    file.put(1, matrix(1))
    file.put(2, matrix(2))
    whole = path.read_bytes()
    for size in range(len(whole) // 2, len(whole)):
        path.write_bytes(whole[:size])
        assert file.epochs() == [1]
        assert file.last() == (1, matrix(1))
        assert file.of(2) is None
        # WHEN it is written again THEN the file is whole
        file.put(2, matrix(2))
        assert path.read_bytes() == whole


def test_a_full_disk_leaves_the_file_as_it_was(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = ConfusionFile(path, 3)
    file.put(1, matrix(1))
    whole = path.read_bytes()
    real = os.pwrite

    def full(descriptor: int, data: bytes, offset: int) -> int:
        return real(descriptor, data[:7], offset)

    with monkeypatch.context() as patched:
        patched.setattr(confusion.os, "pwrite", full)
        with pytest.raises(OSError) as caught:
            file.put(2, matrix(2))
    assert caught.value.errno == errno.ENOSPC
    assert path.read_bytes() == whole


@pytest.mark.parametrize("lost", [[1], [2], [4], [1, 2, 3, 4], [2, 4]])
def test_what_a_power_cut_took_is_written_again_at_its_place(path: Path, lost: list[int]) -> None:
    # GIVEN records that were never on the disk: as zeros, or beyond the end of the file
    file = ConfusionFile(path, 3)
    for epoch in (1, 2, 3, 4):
        file.put(epoch, matrix(1))
    whole, size = path.read_bytes(), path.stat().st_size // 4
    for zeroed in (range(size), range(4, size), range(size // 2), range(size - 4, size)):
        data = bytearray(whole)
        for epoch in lost:
            for at in zeroed:
                data[(epoch - 1) * size + at] = 0
        path.write_bytes(data)
        kept = [epoch for epoch in (1, 2, 3, 4) if epoch not in lost]
        assert file.whole(sum(map(sum, matrix(1)))) == set(kept)
        # WHEN these epochs come out again, in any order, THEN the file is as it was
        for epoch in reversed((1, 2, 3, 4)):
            file.put(epoch, matrix(1))
        assert path.read_bytes() == whole


def test_holes_are_no_epochs(path: Path) -> None:
    file = ConfusionFile(path, 3)
    file.put(3, matrix(3))
    assert (file.epochs(), file.last(), file.of(1)) == ([3], (3, matrix(3)), None)
    path.write_bytes(path.read_bytes() + bytes(400))
    assert (file.epochs(), file.last()) == ([3], (3, matrix(3)))
    path.write_bytes(bytes(400))
    assert (file.epochs(), file.last()) == ([], None)


def test_a_file_that_left_no_place_for_what_was_lost_is_put_in_order(path: Path) -> None:
    # GIVEN what an older namestui wrote where the matrices of epochs 2 and 3 had been lost
    records = {epoch: struct.pack("<10I", epoch, *itertools.chain(*matrix(epoch))) for epoch in range(1, 6)}
    path.write_bytes(records[1] + records[4] + records[5])
    file = ConfusionFile(path, 3)
    assert file.epochs() == [1, 4, 5]
    # WHEN they come out again THEN every epoch is at its place
    file.put(2, matrix(2))
    assert [file.of(epoch) for epoch in (1, 2, 3, 4, 5)] == [matrix(1), matrix(2), None, matrix(4), matrix(5)]
    file.put(3, matrix(3))
    assert path.read_bytes() == b"".join(records.values())


def test_many_classes(path: Path) -> None:
    file = ConfusionFile(path, 40)
    file.put(1, matrix(1, 40))
    assert file.last() == (1, matrix(1, 40))


def test_above_so_many_classes_first_best_and_last_are_kept(path: Path) -> None:
    # GIVEN the first epoch, one best after another, and the last
    file = ConfusionFile(path, 3)
    for epoch, best, epochs in ((1, 1, [1]), (2, 2, [1, 2]), (5, 5, [1, 5]), (9, 5, [1, 5, 9])):
        file.append_instead(epoch, matrix(epoch), keep=(1, best))
        assert file.epochs() == epochs
    # WHEN the run is extended: a new last one, then a new best one THEN the old ones go
    file.append_instead(20, matrix(20), keep=(1, 5))
    assert file.epochs() == [1, 5, 20]
    file.append_instead(21, matrix(21), keep=(1, 21))
    assert file.epochs() == [1, 21]
    assert [file.of(epoch) for epoch in (1, 21, 5)] == [matrix(1), matrix(21), None]
    # AND an epoch that is trained again after a crash is there once
    file.append_instead(21, matrix(21), keep=(1, 21))
    assert file.epochs() == [1, 21]
    assert path.stat().st_mode & 0o777 == 0o600


def test_an_epoch_is_found_without_a_search(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # GIVEN thousands of epochs, of which a power cut took some
    file = ConfusionFile(path, 3)
    for epoch in range(1, 3001):
        if not 2000 < epoch <= 2010:
            file.put(epoch, matrix(epoch))
    reads = 0
    original = os.pread

    def counted(fd: int, length: int, offset: int) -> bytes:
        nonlocal reads
        reads += 1
        return original(fd, length, offset)

    monkeypatch.setattr(os, "pread", counted)
    # WHEN any of them is asked for THEN a few records are read, also where it has none
    for epoch, found in ((1, matrix(1)), (1500, matrix(1500)), (3000, matrix(3000)), (2010, None), (9000, None)):
        reads = 0
        assert file.of(epoch) == found
        assert reads <= 12, epoch


def test_recalls_by_epoch(path: Path) -> None:
    file = ConfusionFile(path, 2)
    file.put(1, [[3, 1], [0, 0]])
    file.put(3, [[1, 1], [1, 3]])
    assert file.recalls([1, 2, 3, 9]) == {1: [0.75, None], 3: [0.5, 0.75]}
