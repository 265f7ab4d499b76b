"""What the user asks for, before anything of it is checked."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated

from namestui.runs.config import DEVICES, SPLITS
from namestui.runs.models import MODELS
from namestui.runs.recipes import RECIPES, SETTINGS

OnProgress = Callable[[str, int, int], None]
"""Is called with what is done, how much of it, and of how much."""


class UsageError(Exception):
    """Something the user asked for cannot be; one line, exit status 2."""


@dataclass(frozen=True, slots=True)
class Help:
    """How a field of ``Wanted`` is asked for on the command line: what it is, and its name where that is another."""

    text: str
    flag: str = ""
    metavar: str | None = None
    argument: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What the user asks for, unchecked; None and empty leave it to the recipe.

    ``folds`` repeats everything over as many seeds, from ``seed`` on. ``init_from`` names a run whose weights to start
    from; ``pretrain`` a corpus to train on first.
    """

    models: Annotated[
        Sequence[str], Help(f"one or more of: {', '.join(MODELS)} (default: rnn lstm)", argument=True)
    ] = ()
    epochs: Annotated[int | None, Help("epochs to train (default: the model's recipe)")] = None
    corpus: Annotated[str, Help("bundled, a folder of Label.txt files, or a .csv or .tsv of name and label")] = (
        "bundled"
    )
    split: Annotated[str | None, Help(f"one of: {', '.join(SPLITS)} (default: the recipe's)")] = None
    recipe: Annotated[str, Help(f"{RECIPES[0]}, or {RECIPES[1]}: one name per step, SGD, a split that leaks")] = (
        "default"
    )
    seed: Annotated[int, Help("seed of the split, the weights and the order of names")] = 0
    device: Annotated[str, Help(f"one of: {', '.join(DEVICES)}, or cuda:1 and so on")] = "auto"
    nproc: Annotated[int, Help("processes that train a run together, each on a GPU of its own")] = 1
    init_from: Annotated[
        str | None, Help("start from this run's weights; refused if names would leak", metavar="RUN")
    ] = None
    pretrain: Annotated[
        str | None, Help("train on this corpus first, without the names that would leak", metavar="CORPUS")
    ] = None
    settings: Annotated[
        Sequence[str],
        Help(f"change a setting of the recipe: {', '.join(SETTINGS)}", flag="--set", metavar="NAME=VALUE"),
    ] = ()
    folds: Annotated[int, Help("repeat over this many split seeds; print mean and 95 % interval")] = 1
