"""What ``run_started`` says, as typed values: its config comes from a file, and may hold anything."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

from namestui.runs.events import RunHead, RunStarted
from namestui.runs.models import title_of

_Count = Annotated[int, Meta(ge=0, le=2**53)]


class NamesSettings(msgspec.Struct, frozen=True, kw_only=True):
    """The settings of a names run that a reader of its record needs; as in `RunConfig`, but what is missing there, or
    of another type, is the default here."""

    model: str = ""
    recipe: str = "default"
    corpus: str = ""
    split: str = ""
    seed: _Count = 0
    split_seed: _Count = 0
    epochs: _Count = 0
    init_from: str = ""


_FIELDS = msgspec.structs.fields(NamesSettings)
_UNKNOWN = NamesSettings()


def settings_of(started: RunStarted | None) -> NamesSettings:
    """The settings in ``started.config``; defaults for what it does not say (for all where there is no event)."""
    if started is None:
        return _UNKNOWN
    found = {}
    for field in _FIELDS:
        try:
            found[field.name] = msgspec.convert(started.config[field.name], field.type)
        except (KeyError, msgspec.ValidationError):
            continue
    return NamesSettings(**found)


def head_of(started: RunStarted | None) -> RunHead:
    """Kind, title and planned epochs of a run; from the names settings where its record is of before there were heads.

    The title of a head is the file's: not inert yet.
    """
    if started is not None and started.head is not None:
        return started.head
    settings = settings_of(started)
    return RunHead(title=title_of(settings.model), epochs=settings.epochs)
