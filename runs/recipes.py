"""Ready-made training settings: what measured best for each model, and what the lab report did."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, get_args

import msgspec

from namestui.runs.config import ConfigError, RunConfig, check
from namestui.runs.models import MODELS, Model, reported
from namestui.runs.suggest import suggest

RECIPES = ("default", "report")
SETTINGS = (
    *("batch_size", "learning_rate", "optimizer", "weight_decay", "clip_norm", "dropout", "letter_dropout", "ema"),
    *("class_weight", "patience", "hidden_size", "forget_bias", "precision"),
)
"""What of a recipe may be set otherwise, beside what has an option of its own."""


def default_config(model: Model) -> RunConfig:
    """What measured best."""
    return RunConfig(model=model.name, reading="transliterated", **model.recipe)


def report_config(model: Model) -> RunConfig:
    """One name a step with plain SGD, on the 80/20 split that leaks, whose 20 % are validation and test at once.

    Raises:
        ConfigError: the report did not train this model.
    """
    if model.report_rate is None:
        raise ConfigError(f"the report trained no {model.name}: recipe report is for {' and '.join(reported())}")
    return RunConfig(
        model=model.name,
        recipe="report",
        reading="strict",
        optimizer="sgd",
        split="random",
        epochs=10,
        batch_size=1,
        learning_rate=model.report_rate,
        weight_decay=0.0,
        clip_norm=0.0,
        forget_bias=0.0,
        precision="float32",
    )


def make_config(
    model: str,
    *,
    recipe: str = "default",
    corpus: str = "bundled",
    split: str | None = None,
    seed: int = 0,
    epochs: int | None = None,
    device: str = "auto",
    nproc: int = 1,
    init_from: str = "",
    settings: Sequence[str] = (),
) -> RunConfig:
    """The recipe of ``model`` with the user's choices; None leaves a setting as the recipe has it.

    ``settings`` are of the form ``NAME=VALUE``, NAME one of ``SETTINGS``.

    Raises:
        ConfigError: an unknown model, recipe, split, device or setting, one that changes nothing of this model, or a
            value that cannot work.
    """
    if model not in MODELS:
        raise ConfigError(f"unknown model {model!r}: choose from {', '.join(MODELS)}{suggest(model, MODELS)}")
    if recipe not in RECIPES:
        raise ConfigError(f"unknown recipe {recipe!r}: choose from {', '.join(RECIPES)}{suggest(recipe, RECIPES)}")
    kind = MODELS[model]
    ready = default_config(kind) if recipe == "default" else report_config(kind)
    if recipe == "report" and (settings or init_from):
        raise ConfigError("recipe report takes no --set and no --init-from: it is fixed as in the report")
    wanted = dict(map(_setting, settings))
    if idle := sorted(wanted.keys() & kind.without_use):
        raise ConfigError(f"{model} does not use {' and '.join(idle)}")
    chosen: dict[str, object] = {"split": split, "epochs": epochs, **wanted}
    config = msgspec.structs.replace(
        ready,
        corpus=corpus,
        seed=seed,
        split_seed=seed,
        device=device,
        nproc=nproc,
        init_from=init_from,
        **{name: value for name, value in chosen.items() if value is not None},
    )
    check(config)
    return config


def _setting(text: str) -> tuple[str, Any]:
    """``dropout=.3`` as a field of ``RunConfig`` and its value."""
    name, equals, value = text.partition("=")
    name = name.strip().replace("-", "_")
    if not equals or name not in SETTINGS:
        near = suggest(name, SETTINGS)
        raise ConfigError(f"{text!r} is not a setting: use NAME=VALUE, with NAME one of {', '.join(SETTINGS)}{near}")
    kind = next(field.type for field in msgspec.structs.fields(RunConfig) if field.name == name)
    try:
        return name, kind(value) if kind in (int, float) else msgspec.convert(value.strip(), kind)
    except (ValueError, msgspec.ValidationError):
        wanted = {int: "a whole number", float: "a number"}.get(kind) or f"one of {', '.join(get_args(kind))}"
        near = suggest(value.strip(), get_args(kind))
        raise ConfigError(f"{name} {value.strip()!r} is not valid: expected {wanted}{near}") from None
