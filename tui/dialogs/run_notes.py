"""Asking for what a person says about runs, and keeping it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec
from textual.app import App

from namestui.runs.notes import notes_to_change, retagged, write_notes
from namestui.runs.store import RunDirectory
from namestui.runs.text import Inert, inert
from namestui.tui.dialogs.ask_line import AskLine


def _words(text: str) -> list[str]:
    return list(dict.fromkeys(text.split()))


_PARTS: dict[str, tuple[str, Callable[[str], object]]] = {
    "name": ("name", str.strip),
    "tags": ("tags, apart by spaces", _words),
    "note": ("note", str.strip),
}
"""What is asked for, and how the answer is read."""


async def ask_note(app: App[object], run: RunDirectory, part: str) -> None:
    """Ask for the name, the tags or the note of one run, and keep it.

    Raises:
        RunError: its notes cannot be read, or cannot be written; they are as they were.
    """
    notes = notes_to_change(run)
    question, read = _PARTS[part]
    value = getattr(notes, part)
    before = " ".join(value) if isinstance(value, list) else value
    text = await app.push_screen_wait(AskLine(Inert(f"{question} of {inert(run.id)}"), inert(before)))
    if text is not None:
        write_notes(run, msgspec.structs.replace(notes, **{part: read(text)}))


async def ask_tags_of_all(app: App[object], runs: Sequence[RunDirectory]) -> None:
    """Ask which tags several runs get, or lose, and keep that.

    Raises:
        RunError: the notes of one cannot be read, and none is changed; or cannot be written.
    """
    question = Inert(f"tags for {len(runs)} runs (-tag removes one)")
    text = await app.push_screen_wait(AskLine(question))
    if text is None:
        return
    words = _words(text)
    add = [word for word in words if not word.startswith("-")]
    remove = [word[1:] for word in words if word.startswith("-")]
    changed = [(run, retagged(notes_to_change(run), add=add, remove=remove)) for run in runs]
    for run, notes in changed:
        write_notes(run, notes)
