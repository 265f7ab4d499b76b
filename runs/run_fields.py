"""By what runs are filtered, sorted and grouped: the fields of a row of their list, and every setting, by name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from operator import attrgetter
from typing import get_args

import msgspec

from namestui.runs.config import SPLITS, RunConfig
from namestui.runs.differences import settings_text
from namestui.runs.events import State
from namestui.runs.suggest import suggest
from namestui.runs.summary import Summary
from namestui.runs.text import inert

Value = str | float | None
"""None: the run has none."""


class Kind(Enum):
    """How a field's value is written and compared."""

    WHOLE = "whole"
    """A word of few: compared as a whole."""
    PART = "part"
    """Free text: found by any part of it."""
    NUMBER = "number"
    SHARE = "share"
    """A number from 0 to 1, also written in percent."""
    DURATION = "duration"
    """Seconds."""
    BYTES = "bytes"
    MOMENT = "moment"
    """Seconds since 1970, written as a date."""


@dataclass(frozen=True, slots=True)
class Field:
    """``values`` are those of a run (tags may be several); of a field with ``choices`` no other value is sensible.

    ``descends``: the highest comes first where runs are sorted by it.
    """

    name: str
    kind: Kind
    values: Callable[[Summary], tuple[Value, ...]]
    choices: tuple[str, ...] = ()
    descends: bool = False

    @property
    def is_text(self) -> bool:
        """Whether its values are text, not numbers."""
        return self.kind in (Kind.WHOLE, Kind.PART)

    def present(self, run: Summary) -> list[str | float]:
        """The values that ``run`` has."""
        return [value for value in self.values(run) if value is not None and value != ""]


class UnknownFieldError(ValueError):
    """No field has this name; the text is one inert line that says which may have been meant."""


def _one(name: str) -> Callable[[Summary], tuple[Value, ...]]:
    read = attrgetter(name)
    return lambda run: (read(run),)


def _setting(name: str) -> Callable[[Summary], tuple[Value, ...]]:
    return lambda run: (None if run.config is None else getattr(run.config, name),)


_FIELDS = (
    Field("run", Kind.PART, _one("run")),
    Field("name", Kind.PART, _one("name")),
    Field("tag", Kind.WHOLE, lambda run: tuple(run.tags)),
    Field("note", Kind.PART, _one("note")),
    Field("model", Kind.WHOLE, _one("model")),
    Field("state", Kind.WHOLE, _one("state"), choices=get_args(State)),
    Field("best", Kind.SHARE, _one("best_accuracy"), descends=True),
    Field("epoch", Kind.NUMBER, _one("epoch"), descends=True),
    Field("epochs", Kind.NUMBER, _one("epochs"), descends=True),
    Field("seed", Kind.NUMBER, _one("seed")),
    Field("split", Kind.WHOLE, _one("split"), choices=SPLITS),
    Field("corpus", Kind.PART, _one("corpus")),
    Field("host", Kind.PART, _one("host")),
    Field("age", Kind.DURATION, _one("age")),
    Field("size", Kind.BYTES, _one("size"), descends=True),
    Field("started", Kind.MOMENT, _one("created"), descends=True),
    Field("settings", Kind.PART, lambda run: (settings_text(run.settings),)),
    Field("error", Kind.PART, _one("error")),
)
_SETTINGS = tuple(
    Field(field.name, Kind.NUMBER if field.type in (int, float) else Kind.WHOLE, _setting(field.name))
    for field in msgspec.structs.fields(RunConfig)
    if field.name != "format" and field.name not in {known.name for known in _FIELDS}
)
FIELDS = {field.name: field for field in (*_FIELDS, *_SETTINGS)}
"""By name; of the list's row first, then the settings."""
SHORT = {
    **{"rate": "learning_rate", "batch": "batch_size", "hidden": "hidden_size", "decay": "weight_decay"},
    **{"tags": "tag", "id": "run", "accuracy": "best"},
}
"""Other names of fields."""


def field_named(name: str) -> Field:
    """The field that ``name`` means, in any case, with ``-`` for ``_``.

    Raises:
        UnknownFieldError: there is none.
    """
    plain = name.casefold().replace("-", "_")
    field = FIELDS.get(SHORT.get(plain, plain))
    if field is None:
        near = suggest(plain, [*FIELDS, *SHORT]) or f": there are {', '.join(list(FIELDS)[:8])}, … and every setting"
        raise UnknownFieldError(f"runs have no field {inert(name)!r}{near}")
    return field
