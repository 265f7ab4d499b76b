"""Files that are whole or absent, and the temporary ones that a kill leaves of them."""

from __future__ import annotations

import os
from pathlib import Path

from namestui.data.safe_files import opened_directory, replacing


def replace_bytes(path: Path, data: bytes) -> None:
    """Make ``data`` the content of ``path``, whole or not at all.

    Raises:
        OSError: the disk is full or gone; ``path`` is as it was.
    """
    with replacing(path) as file:
        file.write(data)


def remove_leftovers(path: Path) -> None:
    """Remove the temporary file that a kill in the middle of replacing ``path`` left; the caller is its only writer."""
    with opened_directory(path.parent) as directory:
        with os.scandir(directory) as entries:
            leftovers = [
                entry.name
                for entry in entries
                if entry.name.startswith(f".{path.name}.") and entry.name.endswith(".tmp") and not _is_folder(entry)
            ]
        for name in leftovers:
            os.unlink(name, dir_fd=directory)


def _is_folder(entry: os.DirEntry[str]) -> bool:
    return entry.is_dir(follow_symlinks=False)
