"""When a run was made, in universal time: what the order of runs follows, whatever clock its id was written by."""

from __future__ import annotations

import contextlib
from datetime import datetime
from pathlib import Path

import msgspec

from namestui.data.safe_files import open_to_read, read_bytes
from namestui.runs.decoding import MAX_CONFIG

_UNREADABLE = (OSError, ValueError, RecursionError)  # what is not JSON of this shape is a ValueError


class _Config(msgspec.Struct):
    created: datetime | None = None


class _Event(msgspec.Struct):
    time: float


_config, _event = msgspec.json.Decoder(_Config), msgspec.json.Decoder(_Event)


def stamped(config: bytes, now: datetime) -> bytes:
    """``config.json`` with the time of its making (``now``, in UTC) beside what the run is to do."""
    fields = {**msgspec.json.decode(config), "created": now}
    return msgspec.json.format(msgspec.json.encode(fields), indent=2) + b"\n"


def created(run: Path) -> float:
    """Seconds since 1970 at which the run in this directory was made.

    What its ``config.json`` says; in older records, the time of the first logged event, else that of the file.
    """
    file = run / "config.json"
    with contextlib.suppress(*_UNREADABLE):
        said = _config.decode(read_bytes(file, MAX_CONFIG)).created
        if said is not None:
            return said.timestamp()
    with contextlib.suppress(*_UNREADABLE), open_to_read(run / "events.jsonl") as log:
        return _event.decode(log.readline(MAX_CONFIG)).time
    for path in (file, run):
        with contextlib.suppress(OSError):
            return path.lstat().st_mtime
    return 0.0
