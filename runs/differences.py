"""How a run differs from its model's recipe: what distinguishes two runs of one model."""

from __future__ import annotations

from typing import Any

import msgspec

from namestui.runs.config import ConfigError, RunConfig, decode_config
from namestui.runs.models import MODELS
from namestui.runs.recipes import SETTINGS, default_config, report_config


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


def settings_text(found: dict[str, Any]) -> str:
    """``learning_rate=0.02 dropout=0.1``."""
    return " ".join(
        f"{name}={value:g}" if isinstance(value, float) else f"{name}={value}" for name, value in found.items()
    )
