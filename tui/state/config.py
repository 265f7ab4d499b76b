"""What a user can set in a file of theirs, and what holds where they do not.

A field is a setting, a field that is a struct a table; ``docs/config.md`` describes each. What a setting may be, beyond
its type, is said by ``CHECKS``.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Mapping
from typing import Any, Literal, get_args

import msgspec

from namestui.runs.config import DEVICES, MAX_EPOCHS, SPLITS, Split
from namestui.runs.models import MODELS
from namestui.runs.recipes import RECIPES
from namestui.runs.suggest import suggest

Theme = Literal["dark", "light"]
Palette = Literal["standard", "colour-blind"]
Desktop = Literal["off", "osc9", "osc777"]


class NewRuns(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``[new]``: what new runs are like where the command or the dialog does not say; None leaves it to the recipe."""

    models: list[str] | None = None
    epochs: int | None = None
    corpus: str = "bundled"
    split: Split | None = None
    recipe: str = "default"
    seed: int = 0
    device: str = "auto"


class Notices(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``[notifications]``: how an end, a failure or an alert reaches who does not look at the screen."""

    bell: bool = False
    """Ring the terminal's bell."""
    desktop: Desktop = "off"
    """By which sequence the terminal is asked to show a notification."""
    hook: str = ""
    """A command line that workers run, without a shell; ``$NAMESTUI_HOOK`` wins over it."""


class Config(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The whole file."""

    theme: Theme | None = None
    """None: as the screen was left."""
    palette: Palette = "standard"
    home: str | None = None
    """Where runs are kept; None: the user's data directory. ``$NAMESTUI_HOME`` wins over it."""
    keys: dict[str, str] = msgspec.field(default_factory=dict)
    """By action, its keys, apart by commas; which actions and keys there are the screen knows."""
    new: NewRuns = NewRuns()
    notifications: Notices = Notices()


def _one_of(choices: tuple[str, ...]) -> Callable[[str], str]:
    """A check that a word is one of these."""

    def check(word: str) -> str:
        return "" if word in choices else f"expected {' or '.join(choices)}{suggest(word, choices)}"

    return check


def _models(words: list[str]) -> str:
    unknown = next((word for word in words if word not in MODELS), None)
    if unknown is not None:
        return f"{unknown!r} is none of {', '.join(MODELS)}{suggest(unknown, MODELS)}"
    return "" if words else "name at least one model"


def _epochs(count: int) -> str:
    return "" if 1 <= count <= MAX_EPOCHS else f"expected 1 to {MAX_EPOCHS}"


def _seed(seed: int) -> str:
    return "" if 0 <= seed < 2**32 else f"expected 0 to {2**32 - 1}"


def _device(word: str) -> str:
    kind, colon, number = word.partition(":")
    is_known = kind in DEVICES and (not colon or (kind == "cuda" and re.fullmatch("[0-9]{1,3}", number)))
    return "" if is_known else f"expected one of {', '.join(DEVICES)}, or cuda:1 and so on{suggest(kind, DEVICES)}"


def _path(text: str) -> str:
    """A path in a file means the same wherever one stands."""
    if not text or "\0" in text:
        return "expected a path"
    return "" if text.startswith(("/", "~")) else "expected a path that begins with / or ~"


def _corpus(text: str) -> str:
    return "" if text == "bundled" else _path(text).replace("expected", "expected bundled or")


def _hook(text: str) -> str:
    try:
        shlex.split(text)
    except ValueError as error:
        return f"not a command line: {str(error).lower()}"
    return "" if "\0" not in text else "not a command line"


CHECKS: Mapping[str, Callable[[Any], str]] = {
    "theme": _one_of(get_args(Theme)),
    "palette": _one_of(get_args(Palette)),
    "home": _path,
    "new.models": _models,
    "new.epochs": _epochs,
    "new.corpus": _corpus,
    "new.split": _one_of(SPLITS),
    "new.recipe": _one_of(RECIPES),
    "new.seed": _seed,
    "new.device": _device,
    "notifications.desktop": _one_of(get_args(Desktop)),
    "notifications.hook": _hook,
}
"""By setting, what is wrong with a value of the right type; empty where nothing is."""
