"""What a person says about a run: a name, tags, a note; kept in ``notes.json``, which no worker touches."""

from __future__ import annotations

import msgspec

from namestui.runs.decoding import MAX_SMALL, UnreadableError, file_reason, read_json
from namestui.runs.files import replace_bytes
from namestui.runs.store import RunDirectory, RunError
from namestui.runs.text import inert


class Notes(msgspec.Struct, frozen=True, kw_only=True):
    """All empty until someone says something."""

    name: str = ""
    tags: list[str] = []
    note: str = ""


def read_notes(run: RunDirectory) -> Notes:
    """The notes of a run; empty ones where there are none or they cannot be read."""
    try:
        return load_notes(run)
    except UnreadableError:
        return Notes()


def load_notes(run: RunDirectory) -> Notes:
    """The notes of a run; empty ones where there are none.

    Raises:
        UnreadableError: there is a ``notes.json`` that cannot be read.
    """
    try:
        return read_json(run.notes_file, Notes, MAX_SMALL)
    except FileNotFoundError:
        return Notes()


def write_notes(run: RunDirectory, notes: Notes) -> None:
    """Keep ``notes``.

    Raises:
        RunError: the run's directory cannot be written.
    """
    try:
        replace_bytes(run.notes_file, msgspec.json.encode(notes))
    except OSError as error:
        raise RunError(f"run {inert(run.id)}: cannot write {file_reason(error, run.notes_file)}") from None
