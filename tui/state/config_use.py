"""What the user's file changes: the environment of this process and of those it starts, and what new runs are like."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, MutableMapping

import msgspec

from namestui.engine.planning.wanted import UsageError, Wanted
from namestui.runs.text import Inert, inert
from namestui.tui.state.config import Config, NewRuns
from namestui.tui.state.config_file import ConfigFile

HOME, HOOK = "NAMESTUI_HOME", "NAMESTUI_HOOK"


def set_environment(config: Config, environment: MutableMapping[str, str]) -> None:
    """Say where runs are kept and what workers run, unless ``environment`` does; an empty hook there means none."""
    if config.home and not environment.get(HOME):
        environment[HOME] = config.home
    if config.notifications.hook and HOOK not in environment:
        environment[HOOK] = config.notifications.hook


def refuse_doubtful(file: ConfigFile) -> None:
    """Nothing is trained with settings that the user did not mean; what else is wrong with the file is no matter here.

    Raises:
        UsageError: the file cannot be read, or what it says of new runs or of where they are kept will not do.
    """
    found = [one for one in file.problems if one.setting in ("", "home", "new") or one.setting.startswith("new.")]
    if found:
        more = f" (and {len(found) - 1} more: namestui config lists them)" if len(found) > 1 else ""
        raise UsageError(f"{file.sentence(found[0])}{more}")


def with_defaults(wanted: Wanted, given: Collection[str], file: ConfigFile) -> tuple[Wanted, Inert]:
    """``wanted`` with what the file says of new runs where it is not ``given``, and a line that says what and where.

    Without models of its own, a run that starts from another's weights is of that one's model.
    """
    new, taken = file.config.new, dict[str, int]()
    for field in msgspec.structs.fields(NewRuns):
        line = file.lines.get(f"new.{field.name}")
        is_open = field.name not in given and not (field.name == "models" and wanted.init_from)
        if line is not None and is_open:
            taken[field.name] = line
    if not taken or file.path is None:
        return wanted, inert("")
    values = {name: getattr(new, name) for name in taken}
    said = [f"{name} {_shown(values[name])} (line {line})" for name, line in taken.items()]
    return dataclasses.replace(wanted, **values), inert(f"from {file.path}: {', '.join(said)}")


def _shown(value: object) -> str:
    return " ".join(map(str, value)) if isinstance(value, list) else f"{value}"
