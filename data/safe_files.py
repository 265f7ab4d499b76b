"""The one way to open a file in a folder that others may have filled: a run's directory, the cache, the trash.

No link is followed, neither in place of the file nor of its folder, and nothing but a regular file is opened: a FIFO,
a device, a socket or a directory is refused at once. What leads to the folder is the user's own choice.
"""

from __future__ import annotations

import errno
import os
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

_SAFE = os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC


class UnsafeFileError(OSError):
    """A file that is not opened for what it is; ``strerror`` says which and why, the text also where."""

    strerror: str

    def __init__(self, number: int, path: Path, reason: str) -> None:
        super().__init__(number, f"{path.name} {reason}", str(path))

    def __str__(self) -> str:
        return f"{self.strerror} ({self.filename})"


@contextmanager
def opened_directory(path: Path) -> Iterator[int]:
    """A descriptor of the directory ``path``, good within the block.

    Raises:
        UnsafeFileError: it is a link.
        OSError: it is none, or cannot be opened.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | _SAFE)
    except OSError:
        if path.is_symlink():
            raise UnsafeFileError(errno.ELOOP, path, "is a link: it is not followed") from None
        raise
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def open_file(path: Path, flags: int = os.O_RDONLY) -> int:
    """A descriptor of the regular file ``path``; one that ``flags`` create has mode 0600.

    Raises:
        UnsafeFileError: it, or its directory, is a link; or it is no regular file.
        OSError: it cannot be opened; ``filename`` is all of ``path``.
    """
    with opened_directory(path.parent) as directory:
        return _open_in(directory, path, path.name, flags)


def open_to_read(path: Path) -> IO[bytes]:
    """The regular file ``path``, to be read; raises what `open_file` does."""
    return os.fdopen(open_file(path), "rb")


def read_bytes(path: Path, limit: int) -> bytes:
    """What is in the regular file ``path``, which has at most ``limit`` bytes.

    Raises:
        UnsafeFileError: it is larger, or as for `open_file`.
        OSError: it cannot be read.
    """
    with open_to_read(path) as file:
        size = os.fstat(file.fileno()).st_size
        if size > limit:
            raise UnsafeFileError(errno.EFBIG, path, f"has {size:,} bytes: more than {limit:,} are not read")
        return file.read(size)


@contextmanager
def replacing(path: Path, *, keep: Path | None = None, durable: bool = True) -> Iterator[IO[bytes]]:
    """Open a file that takes the place of ``path`` once the block ends without an error; mode 0600.

    What ``path`` was becomes ``keep``, beside it. A kill between the two renames leaves ``keep`` as the newest whole
    file. A link at ``path`` is replaced, not followed. ``durable``: it outlasts a power cut.

    Raises:
        OSError: the disk is full or gone; ``path`` is as it was.
    """
    with opened_directory(path.parent) as directory:
        temporary = f".{path.name}.{secrets.token_hex(8)}.tmp"
        descriptor = _open_in(directory, path, temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL)
        try:
            with os.fdopen(descriptor, "wb") as file:
                yield file
                file.flush()
                if durable:
                    os.fsync(file.fileno())
            if keep is not None and _status(directory, path.name) is not None:
                os.replace(path.name, keep.name, src_dir_fd=directory, dst_dir_fd=directory)
            os.replace(temporary, path.name, src_dir_fd=directory, dst_dir_fd=directory)
        except BaseException:  # also where the user or a test interrupts: nothing half-written is left
            with suppress(FileNotFoundError):
                os.unlink(temporary, dir_fd=directory)
            raise
        if durable:
            os.fsync(directory)


def remove(path: Path) -> None:
    """Remove the file, or the link, ``path``; nothing happens where there is none.

    Raises:
        OSError: it cannot be removed, or its directory is a link.
    """
    with suppress(FileNotFoundError), opened_directory(path.parent) as directory:
        os.unlink(path.name, dir_fd=directory)


def _open_in(directory: int, path: Path, name: str, flags: int) -> int:
    """Open ``name`` in ``directory``; errors name ``path``."""
    try:
        descriptor = os.open(name, flags | _SAFE, 0o600, dir_fd=directory)
    except OSError as error:
        status = _status(directory, name)
        if status is not None:
            _refuse_unless_regular(path, status)
        error.filename = str(path)
        raise
    try:
        _refuse_unless_regular(path, os.fstat(descriptor))
    except UnsafeFileError:
        os.close(descriptor)
        raise
    return descriptor


def _refuse_unless_regular(path: Path, status: os.stat_result) -> None:
    if stat.S_ISLNK(status.st_mode):
        raise UnsafeFileError(errno.ELOOP, path, "is a link: it is not followed") from None
    if not stat.S_ISREG(status.st_mode):
        raise UnsafeFileError(errno.EINVAL, path, "is not a regular file") from None


def _status(directory: int, name: str) -> os.stat_result | None:
    try:
        return os.stat(name, dir_fd=directory, follow_symlinks=False)
    except OSError:
        return None
