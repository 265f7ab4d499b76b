"""From the user's words to runs on disk: everything is checked before anything is written."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import msgspec

from namestui.runs.config import ConfigError, RunConfig, check, resolve_corpus
from namestui.runs.recipes import make_config
from namestui.runs.store import RunDirectory, RunStore

FIRST_MODELS = ("rnn", "lstm")
"""What the very first start trains: the report's two networks."""


class UsageError(Exception):
    """Something the user asked for cannot be; one line, exit status 2."""


def plan(
    models: Sequence[str],
    *,
    epochs: int | None,
    corpus: str,
    recipe: str,
    split: str | None,
    seed: int,
    device: str,
    nproc: int = 1,
    cache: Path | None = None,
    on_progress: Callable[[str, int, int], None] = lambda _what, _done, _total: None,
) -> tuple[list[RunConfig], list[str]]:
    """One config a model, and what cleaning the corpus changed (one line a finding).

    ``cache`` is where what a large corpus gives is kept; ``on_progress`` is told what is done, how much of it, and of
    how much.

    Raises:
        UsageError: the models, a setting, the corpus or the device will not do.
    """
    is_bundled = corpus == "bundled"
    try:
        configs = [
            make_config(
                model.lower(),
                recipe=recipe,
                corpus=resolve_corpus(corpus),
                split=split,
                seed=seed,
                epochs=epochs,
                device=device,
                nproc=nproc,
            )
            for model in models or FIRST_MODELS
        ]
    except ConfigError as error:
        raise UsageError(str(error)) from None
    # What comes with us is known to be good: loading it would take the screen's process 15 MB, most of it numpy.
    summary = [] if is_bundled else _examine(configs[0], cache, on_progress)
    check_device(device, nproc)
    return configs, summary


def _examine(config: RunConfig, cache: Path | None, on_progress: Callable[[str, int, int], None]) -> list[str]:
    """What cleaning the user's own corpus changed; raises UsageError where it will not do."""
    from namestui.data import catalogue
    from namestui.data.corpus import CorpusError
    from namestui.data.splits import split_corpus

    try:
        loaded = catalogue.load(config.corpus, partial(on_progress, "reading the corpus"), cache=cache)
        split_corpus(loaded, config.split, config.split_seed, partial(on_progress, "dividing the corpus"))
    except CorpusError as error:
        raise UsageError(str(error)) from None
    return loaded.cleaning.summary()


def create(store: RunStore, configs: Sequence[RunConfig]) -> list[RunDirectory]:
    """The runs' directories, with their configs on disk."""
    return [store.create(config) for config in configs]


def check_resume(run: RunDirectory, device: str, nproc: int | None) -> None:
    """Check where and by how many processes ``run`` shall go on; an empty device and None leave it as it was.

    Raises:
        UsageError: the device is not here, or not for so many.
        RunError: the run's config cannot be read.
    """
    if not device and nproc is None:
        return
    config = run.config()
    if nproc is not None:
        config = msgspec.structs.replace(config, nproc=nproc)
    try:
        check(config)
    except ConfigError as error:
        raise UsageError(str(error)) from None
    check_device(device or config.device, config.nproc)


def check_device(device: str, nproc: int) -> None:
    """Only torch knows, and it has no place in this process.

    Raises:
        UsageError: the device is not here, or not for so many processes.
    """
    if device == "cpu" or (device == "auto" and nproc == 1):
        return
    command = [sys.executable, "-P", "-m", "namestui.engine.devices", device, str(nproc)]
    answer = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False)
    if answer.returncode:
        lines = answer.stderr.strip().splitlines() or [f"device {device}: torch cannot be loaded"]
        raise UsageError(lines[-1])
