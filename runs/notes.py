"""What a person says about a run: a name, tags, a note; kept in ``notes.json``, which no worker touches."""

from __future__ import annotations

import msgspec

from namestui.data.safe_files import read_bytes
from namestui.runs.files import replace_bytes
from namestui.runs.store import RunDirectory, RunError
from namestui.runs.text import inert

MAX_BYTES = 1 << 20
"""Of ``notes.json``; what a person types has a few hundred."""


class Notes(msgspec.Struct, frozen=True, kw_only=True):
    """All empty until someone says something."""

    name: str = ""
    tags: list[str] = []
    note: str = ""


def read_notes(run: RunDirectory) -> Notes:
    """The notes of a run; empty ones where there are none or they cannot be read."""
    try:
        return msgspec.json.decode(read_bytes(run.notes_file, MAX_BYTES), type=Notes)
    except (OSError, msgspec.DecodeError, UnicodeDecodeError):
        return Notes()


def write_notes(run: RunDirectory, notes: Notes) -> None:
    """Keep ``notes``.

    Raises:
        RunError: the run's directory cannot be written.
    """
    try:
        replace_bytes(run.notes_file, msgspec.json.encode(notes))
    except OSError as error:
        raise RunError(f"run {inert(run.id)}: cannot write notes.json: {error.strerror}") from None
