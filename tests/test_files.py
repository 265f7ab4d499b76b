"""Replacing files: whole or not at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from namestui.data.safe_files import replacing
from namestui.runs import files
from namestui.runs.files import replace_bytes


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_a_new_file_and_a_replaced_one(tmp_path: Path) -> None:
    path = tmp_path / "file"
    for content in (b"one", b"", b"three"):
        replace_bytes(path, content)
        assert path.read_bytes() == content
    assert names(tmp_path) == {"file"}
    assert path.stat().st_mode & 0o777 == 0o600


def test_the_old_file_is_there_until_the_block_ends(tmp_path: Path) -> None:
    path = tmp_path / "file"
    replace_bytes(path, b"old")
    with replacing(path) as file:
        file.write(b"new")
        file.flush()
        assert path.read_bytes() == b"old"
    assert path.read_bytes() == b"new"


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), KeyboardInterrupt(), ValueError()])
def test_an_error_leaves_the_old_file_and_no_temporary(tmp_path: Path, error: BaseException) -> None:
    path, kept = tmp_path / "file", tmp_path / "kept"
    replace_bytes(path, b"old")
    with pytest.raises(type(error)), replacing(path, keep=kept) as file:
        file.write(b"half of the n")
        raise error
    assert path.read_bytes() == b"old"
    assert names(tmp_path) == {"file"}


def test_keep(tmp_path: Path) -> None:
    path, kept = tmp_path / "file", tmp_path / "kept"
    for content in (b"1", b"2", b"3"):
        with replacing(path, keep=kept) as file:
            file.write(content)
    assert path.read_bytes() == b"3"
    assert kept.read_bytes() == b"2"
    assert names(tmp_path) == {"file", "kept"}


def test_keep_without_an_old_file_keeps_the_kept_one(tmp_path: Path) -> None:
    path, kept = tmp_path / "file", tmp_path / "kept"
    kept.write_bytes(b"older")
    with replacing(path, keep=kept) as file:
        file.write(b"new")
    assert kept.read_bytes() == b"older"


def test_data_is_flushed_to_the_disk_before_the_rename(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "file"
    replace_bytes(path, b"old")
    seen: list[bytes] = []
    monkeypatch.setattr(files.os, "fsync", lambda _descriptor: seen.append(path.read_bytes()))
    replace_bytes(path, b"new")
    assert seen == [b"old", b"new"]  # the file before the rename, its directory after it


def test_a_directory_that_is_gone(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        replace_bytes(tmp_path / "gone" / "file", b"x")
