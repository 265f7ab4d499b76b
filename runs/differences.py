"""How a run differs from its model's recipe, and runs from each other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from namestui.runs.config import ConfigError, RunConfig, decode_config
from namestui.runs.events import RunStarted
from namestui.runs.models import MODELS
from namestui.runs.recipes import SETTINGS, default_config, report_config
from namestui.runs.started import head_of

MAX_DEPTH = 4
"""Groups within groups of another program's settings; what lies deeper is one value."""
MAX_NUMBER = 1 << 53
"""Whole numbers beyond this are text: they cannot be put in order with others."""
Value = str | int | float | bool | None
"""One setting; None is one that changes nothing of the run."""


def differences(config: RunConfig) -> dict[str, Any]:
    """The settings of ``config`` that its recipe has otherwise, by name, in the order of ``SETTINGS``.

    What has a column or a field of its own (model, corpus, split, seed, epochs) is not among them.
    """
    found: dict[str, Any] = {} if config.recipe == "default" else {"recipe": config.recipe}
    model = MODELS.get(config.model)
    if model is not None and (config.recipe != "report" or model.report_rate is not None):
        ready = report_config(model) if config.recipe == "report" else default_config(model)
        found |= {name: value for name in SETTINGS if (value := getattr(config, name)) != getattr(ready, name)}
    if config.init_from:
        found["init_from"] = config.init_from
    if config.nproc != 1:
        found["nproc"] = config.nproc
    return found


def recorded_differences(config: dict[str, Any]) -> dict[str, Any]:
    """The same of the config in a record; nothing where it is none of ours."""
    try:
        return differences(decode_config(msgspec.json.encode(config)))
    except (ConfigError, TypeError, ValueError):
        return {}


def recorded_settings(started: RunStarted) -> dict[str, Value]:
    """All settings in a record by name: ours with their defaults, of other kinds what they say (``group.name``)."""
    if head_of(started).kind == "names":
        try:
            config = decode_config(msgspec.json.encode(started.config))
        except (ConfigError, TypeError, ValueError, RecursionError):
            return _flattened(started.config)
        unused = MODELS[config.model].without_use
        fields = msgspec.structs.asdict(config)
        return {name: None if name in unused else value for name, value in fields.items() if name != "format"}
    return _flattened(started.config)


def differing(runs: Sequence[Mapping[str, Value]]) -> dict[str, list[Value]]:
    """The settings in which runs differ, in their order: one value a run, None where it has or uses none such.

    That a run does not use a setting is no difference by itself; that its record lacks it is one.
    """
    found: dict[str, list[Value]] = {}
    for name in dict.fromkeys(name for settings in runs for name in settings):
        values = [settings.get(name) for settings in runs]
        used = [value for value in values if value is not None]
        is_lacking = any(name not in settings for settings in runs)
        if used and (is_lacking or any(value != used[0] for value in used)):
            found[name] = values
    return found


def _flattened(config: Mapping[str, Any], prefix: str = "", depth: int = 1) -> dict[str, Value]:
    found: dict[str, Value] = {}
    for name, value in config.items():
        if isinstance(value, dict) and value and depth < MAX_DEPTH:
            found |= _flattened(value, f"{prefix}{name}.", depth + 1)
        elif isinstance(value, str | float) or (isinstance(value, int) and abs(value) <= MAX_NUMBER):
            found[f"{prefix}{name}"] = value
        else:
            found[f"{prefix}{name}"] = _json(value)
    return found


def _json(value: object) -> str:
    try:
        return msgspec.json.encode(value).decode()
    except RecursionError:
        return "(nested too deeply)"


def settings_text(found: dict[str, Any]) -> str:
    """``learning_rate=0.02 dropout=0.1``."""
    return " ".join(
        f"{name}={value:g}" if isinstance(value, float) else f"{name}={value}" for name, value in found.items()
    )
