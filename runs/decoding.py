"""Reading the small JSON files of a run, and the one line to say of a file that cannot be read.

Nothing in a run's directory is trusted: whatever is wrong with a file becomes a reason, so that one bad run never
ends what lists, opens or asks the others.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TypeVar

import msgspec

from namestui.data.safe_files import UnsafeFileError, read_bytes
from namestui.runs.text import inert

MAX_CONFIG = 1 << 20
"""Bytes of ``config.json``, which has a few hundred."""
MAX_SMALL = 1 << 16
"""Bytes of ``worker.json``, ``session.json`` and ``notes.json``."""
UNDECODABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
"""What decoding raises of JSON that is damaged, not UTF-8, nested too deeply, or of other types."""

_MAX_REASON = 200

T = TypeVar("T")


class UnreadableError(Exception):
    """A file of a run that is there and cannot be read; its text is one inert line that says which and why."""


def read_json(path: Path, kind: type[T], limit: int) -> T:
    """What the JSON file ``path`` of at most ``limit`` bytes holds.

    Raises:
        FileNotFoundError: there is none.
        UnreadableError: it is no regular file, too large, not this JSON, or the system does not give it.
    """
    try:
        data = read_bytes(path, limit)
        data.decode()  # msgspec does not look into fields that it does not know
        return msgspec.json.decode(data, type=kind)
    except FileNotFoundError:
        raise
    except OSError as error:
        raise UnreadableError(file_reason(error, path)) from None
    except UNDECODABLE as error:
        raise UnreadableError(f"{inert(path.name)}: {json_reason(error)}") from None


def file_reason(error: OSError, path: Path) -> str:
    """Why the file ``path`` could not be read or written, on one inert line that names it."""
    if isinstance(error, UnsafeFileError):
        return inert(error.strerror)
    return f"{inert(path.name)}: {system_reason(error)}"


def system_reason(error: OSError) -> str:
    """What the system says went wrong; never empty, and never ``None``."""
    said = error.strerror or (os.strerror(error.errno) if error.errno else str(error))
    return inert(said) or type(error).__name__


def json_reason(error: Exception) -> str:
    """Why bytes are not the JSON that is wanted; ``error`` is one of ``UNDECODABLE``."""
    match error:
        case RecursionError():
            return "nested too deeply"
        case UnicodeDecodeError():
            return "not UTF-8"
        case msgspec.ValidationError():
            return inert(str(error))[:_MAX_REASON]
    return f"not JSON: {inert(str(error))[:_MAX_REASON]}"
