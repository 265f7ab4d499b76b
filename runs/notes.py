"""What a person says about a run: a name, tags, a note; kept in ``notes.json``, which no worker touches."""

from __future__ import annotations

from collections.abc import Collection, Sequence

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


def notes_to_change(run: RunDirectory) -> Notes:
    """The notes of a run that is about to get other ones.

    Raises:
        RunError: they cannot be read, so that what the file holds would be lost.
    """
    try:
        return load_notes(run)
    except UnreadableError as error:
        run_id = inert(run.id)
        raise RunError(f"{run_id} keeps its notes as they are: {error}; mend or remove the file first") from None


def retagged(notes: Notes, *, add: Sequence[str] = (), remove: Collection[str] = ()) -> Notes:
    """``notes`` with these tags more, at the end, and without those, whatever their case."""
    gone = {tag.casefold() for tag in (*remove, *add)}
    kept = [tag for tag in notes.tags if tag.casefold() not in gone or tag in add]
    return msgspec.structs.replace(notes, tags=list(dict.fromkeys([*kept, *add])))


def write_notes(run: RunDirectory, notes: Notes) -> None:
    """Keep ``notes``.

    Raises:
        RunError: the run's directory cannot be written.
    """
    try:
        replace_bytes(run.notes_file, msgspec.json.encode(notes))
    except OSError as error:
        raise RunError(f"run {inert(run.id)}: cannot write {file_reason(error, run.notes_file)}") from None
