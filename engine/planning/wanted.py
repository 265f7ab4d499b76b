"""What the user asks for, before anything of it is checked."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

OnProgress = Callable[[str, int, int], None]
"""Is told what is done, how much of it, and of how much."""


class UsageError(Exception):
    """Something the user asked for cannot be; one line, exit status 2."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What the user asks for, unchecked; None and empty leave it to the recipe.

    ``folds`` repeats everything over as many seeds, from ``seed`` on. ``init_from`` names a run whose weights to start
    from; ``pretrain`` a corpus to train on first.
    """

    models: Sequence[str] = ()
    epochs: int | None = None
    corpus: str = "bundled"
    split: str | None = None
    recipe: str = "default"
    seed: int = 0
    device: str = "auto"
    nproc: int = 1
    settings: Sequence[str] = ()
    folds: int = 1
    init_from: str | None = None
    pretrain: str | None = None
