"""What the user's file makes of new runs."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection

import msgspec

from namestui.engine.planning.wanted import UsageError, Wanted
from namestui.runs.text import Inert, inert
from namestui.tui.state.config import NewRuns
from namestui.tui.state.config_file import ConfigFile


def refuse_doubtful(file: ConfigFile) -> None:
    """Nothing is trained with settings that the user did not mean; what else is wrong with the file is no matter here.

    Raises:
        UsageError: the file cannot be read, or what it says of new runs or of where they are kept will not do.
    """
    found = [one for one in file.problems if one.setting in ("", "home", "new") or one.setting.startswith("new.")]
    if found:
        more = f" (and {len(found) - 1} more: namestui config lists them)" if len(found) > 1 else ""
        raise UsageError(f"{file.sentence(found[0])}{more}")


def with_defaults(wanted: Wanted, given: Collection[str], file: ConfigFile) -> tuple[Wanted, list[Inert]]:
    """``wanted`` with what the file says of new runs where it is not ``given``, and what that is, with its line.

    Without models of its own, a run that starts from another's weights is of that one's model.
    """
    new, taken = file.config.new, dict[str, int]()
    for field in msgspec.structs.fields(NewRuns):
        line = file.lines.get(f"new.{field.name}")
        is_open = field.name not in given and not (field.name == "models" and wanted.init_from)
        if line is not None and is_open:
            taken[field.name] = line
    values = {name: getattr(new, name) for name in taken}
    said = [inert(f"{name} {_shown(values[name])} (line {line})") for name, line in taken.items()]
    return dataclasses.replace(wanted, **values), said


def _shown(value: object) -> str:
    return " ".join(map(str, value)) if isinstance(value, list) else f"{value}"
