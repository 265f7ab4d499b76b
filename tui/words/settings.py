"""Every setting of the user's file with its value, and where that comes from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import msgspec
import platformdirs

from namestui.tui.state.config_environment import HOME, HOOK
from namestui.tui.state.config_file import ConfigFile, setting_names

_VARIABLES = {"home": HOME, "notifications.hook": HOOK}
_LEFT_OPEN = {
    "theme": "as the screen was left",
    "new.models": "rnn lstm",
    "new.epochs": "the recipe's",
    "new.split": "the recipe's",
}
"""What holds where nothing is set."""


@dataclass(frozen=True)
class Setting:
    """One line of ``namestui config``."""

    name: str
    value: object
    """None: it is left open."""
    shown: str
    source: str
    """``default``, ``config.toml:3`` or the environment variable that wins over both."""


def settings_of(file: ConfigFile, keys: Mapping[str, Sequence[str]], environment: Mapping[str, str]) -> list[Setting]:
    """All of them, those of ``keys`` (by action, spelt as the file would) last."""
    found = []
    for name in setting_names():
        value: object = file.config
        for part in name.split("."):
            value = getattr(value, part)
        source, variable = file.source(name), _VARIABLES.get(name)
        if variable is not None and _wins(variable, environment):
            value, source = environment[variable], variable
        found.append(Setting(name, msgspec.to_builtins(value), _shown(name, value), source))
    for action, its in keys.items():
        name, text = f"keys.{action}", ",".join(its)
        found.append(Setting(name, text, text, file.source(name)))
    return found


def _wins(variable: str, environment: Mapping[str, str]) -> bool:
    """Whether an environment variable counts: an empty home is none, an empty hook is no hook."""
    return bool(environment.get(variable)) if variable == HOME else variable in environment


def _shown(name: str, value: object) -> str:
    if value is None and name == "home":
        return str(platformdirs.user_data_path("namestui", appauthor=False))
    if value is None:
        return _LEFT_OPEN[name]
    if isinstance(value, bool):
        return str(value).lower()
    return " ".join(map(str, value)) if isinstance(value, list) else str(value) or "none"
