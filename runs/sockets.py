"""Where a run's socket lies, and an address for it that is short enough.

Unix socket paths end at 107 bytes (104 on macOS). On Linux a path through a directory descriptor gets round that;
elsewhere a run whose path is too long has its socket in a short directory of the user's own.
"""

from __future__ import annotations

import hashlib
import os
import socket
import struct
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from namestui.data.safe_files import opened_directory

_MAX_PATH_BYTES = 100


def socket_path(run_directory: Path) -> Path:
    """Where the socket of a run lies.

    Raises:
        OSError: the short directory is not ours alone.
    """
    path = run_directory / "socket"
    if sys.platform == "linux" or len(os.fsencode(path)) <= _MAX_PATH_BYTES:
        return path
    short = Path(f"/tmp/namestui-{os.getuid()}")
    short.mkdir(mode=0o700, exist_ok=True)
    status = short.lstat()
    if status.st_uid != os.getuid() or status.st_mode & 0o077 or not short.is_dir():
        raise PermissionError(13, "not a private directory of yours", str(short))
    return short / hashlib.sha256(os.fsencode(path)).hexdigest()[:32]


@contextmanager
def address(path: Path) -> Iterator[str]:
    """An address for ``bind`` or ``connect``, good within the block."""
    if sys.platform != "linux":
        yield str(path)
        return
    with opened_directory(path.parent) as directory:
        yield f"/proc/self/fd/{directory}/{path.name}"


def peer_uid(connection: socket.socket) -> int:
    """The user at the other end of a connected Unix socket."""
    if sys.platform == "linux":
        _, uid, _ = struct.unpack("3i", connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))
    else:  # struct xucred by LOCAL_PEERCRED, macOS: written for, untried
        _, uid = struct.unpack("=II", connection.getsockopt(0, 1, 76)[:8])
    return int(uid)
