"""Files that are whole or absent: write to a temporary file, flush it to the disk, rename."""

from __future__ import annotations

import glob
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO


@contextmanager
def replacing(path: Path, *, keep: Path | None = None) -> Iterator[IO[bytes]]:
    """Open a file that takes the place of ``path`` once the block ends without an error; mode 0600.

    What ``path`` was becomes ``keep``. A kill between the two renames leaves ``keep`` as the newest whole file.

    Raises:
        OSError: the disk is full or gone; ``path`` is as it was.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        if keep is not None and path.exists():
            path.replace(keep)
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    sync_directory(path.parent)


def replace_bytes(path: Path, data: bytes) -> None:
    """Make ``data`` the content of ``path``, whole or not at all.

    Raises:
        OSError: the disk is full or gone; ``path`` is as it was.
    """
    with replacing(path) as file:
        file.write(data)


def remove_leftovers(path: Path) -> None:
    """Remove the temporary file that a kill in the middle of replacing ``path`` left; the caller is its only writer."""
    for leftover in path.parent.glob(f".{glob.escape(path.name)}.*.tmp"):
        leftover.unlink(missing_ok=True)


def sync_directory(path: Path) -> None:
    """Make renames in ``path`` outlast a power cut."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
