"""From the options of the user to runs on disk: everything is checked before anything is written."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from namestui.engine.planning.wanted import OnProgress, UsageError, Wanted
from namestui.runs.config import ConfigError, RunConfig, check, resolve_corpus
from namestui.runs.recipes import make_config
from namestui.runs.store import RunDirectory, RunError, RunStore

if TYPE_CHECKING:
    from namestui.data.corpus import Corpus

FIRST_MODELS = ("rnn", "lstm")
"""What the very first start trains: the report's two networks."""
MAX_FOLDS = 1000


@dataclass(frozen=True, slots=True)
class Plan:
    """Checked configs, one a run. The run of ``pretraining[i]`` comes before that of ``configs[i]``, which starts from
    its weights. ``summary`` has a line a finding; ``configs`` repeat the same models ``folds`` times."""

    configs: list[RunConfig]
    pretraining: list[RunConfig] = field(default_factory=list)
    summary: list[str] = field(default_factory=list)
    folds: int = 1


def plan(wanted: Wanted, store: RunStore, on_progress: OnProgress = lambda _what, _done, _total: None) -> Plan:
    """Configs, and what is worth knowing before they are trained.

    Raises:
        UsageError: the models, a setting, a corpus, the device, or the run to start from will not do.
    """
    if not 1 <= wanted.folds <= MAX_FOLDS:
        raise UsageError(f"folds {wanted.folds} is out of range: 1 to {MAX_FOLDS}")
    for option, value in (("--init-from", wanted.init_from), ("--pretrain", wanted.pretrain)):
        if value == "":
            raise UsageError(f"{option} is empty: give one, or leave it out")
    if wanted.init_from and wanted.pretrain:
        raise UsageError("--init-from and --pretrain cannot be used together: each gives the weights to start from")
    source, summary = None, list[str]()
    if wanted.init_from:
        from namestui.engine.planning.lineage import find_source

        source = find_source(store, wanted.init_from)
    models = wanted.models or ([source.config().model] if source is not None else FIRST_MODELS)
    configs = [
        _config(wanted, model, seed, source)
        for seed in range(wanted.seed, wanted.seed + wanted.folds)
        for model in models
    ]
    # What comes with us is known to be good: loading it would take the screen's process 15 MB, most of it numpy.
    if wanted.corpus != "bundled" or wanted.folds > 1 or wanted.init_from or wanted.pretrain:
        corpus = _load(configs[0], store.corpus_cache, on_progress)
        summary += corpus.cleaning.summary()
        if wanted.folds > len(corpus.names):
            raise UsageError(f"folds {wanted.folds}: the corpus has only {len(corpus.names)} names")
        for config in {config.split_seed: config for config in configs}.values():
            summary += _check_split(config, corpus, store, wanted, source, on_progress)
    check_device(wanted.device, wanted.nproc)
    pretraining = [_pretraining(config, wanted) for config in configs] if wanted.pretrain else []
    if pretraining and wanted.epochs is not None:
        lengths = ", ".join(f"{epochs}" for epochs in dict.fromkeys(config.epochs for config in pretraining))
        summary.append(
            f"pretraining trains the {lengths} epochs of its recipe; --epochs {wanted.epochs} is for what comes after"
        )
    return Plan(configs, pretraining, summary, wanted.folds)


def _config(wanted: Wanted, model: str, seed: int, source: RunDirectory | None) -> RunConfig:
    try:
        config = make_config(
            model.lower(),
            recipe=wanted.recipe,
            corpus=resolve_corpus(wanted.corpus),
            split=wanted.split,
            seed=seed,
            epochs=wanted.epochs,
            device=wanted.device,
            nproc=wanted.nproc,
            init_from=source.id if source is not None else "",
            settings=wanted.settings,
        )
    except ConfigError as error:
        raise UsageError(str(error)) from None
    if wanted.pretrain and wanted.recipe != "default":
        raise UsageError("recipe report has no pretraining: use --recipe default")
    if source is not None or wanted.pretrain:
        from namestui.engine.planning.lineage import check_models

        check_models(config, source)
    return config


def _pretraining(config: RunConfig, wanted: Wanted) -> RunConfig:
    """The same network by its recipe, on the other corpus, divided by the same hash of the name: what the target keeps
    for validation and test is left out of its training part."""
    earlier = Wanted(
        corpus=wanted.pretrain or "",
        split="grouped",
        device=wanted.device,
        nproc=wanted.nproc,
        settings=wanted.settings,
    )
    return _config(earlier, config.model, config.seed, None)


def _load(config: RunConfig, cache: Path, on_progress: OnProgress) -> Corpus:
    from namestui.data import catalogue
    from namestui.data.corpus import CorpusError

    try:
        return catalogue.load_by_name(
            config.corpus, config.reading, partial(on_progress, "reading the corpus"), cache=cache
        )
    except CorpusError as error:
        raise UsageError(str(error)) from None


def _check_split(
    config: RunConfig,
    corpus: Corpus,
    store: RunStore,
    wanted: Wanted,
    source: RunDirectory | None,
    on_progress: OnProgress,
) -> list[str]:
    """What is worth knowing of one split of the user's corpus; raises UsageError where it will not do."""
    from namestui.data.corpus import CorpusError
    from namestui.data.splits import split_corpus
    from namestui.engine.planning.lineage import check_leak, left_out

    try:
        parts = split_corpus(corpus, config.split, config.split_seed, partial(on_progress, "dividing the corpus"))
        if source is not None:
            check_leak(store, source, config, corpus, parts, on_progress)
        if wanted.pretrain:
            earlier = _load(_pretraining(config, wanted), store.corpus_cache, on_progress)
            split_corpus(earlier, "grouped", config.split_seed)
            return left_out(config, corpus, parts, earlier)
    except CorpusError as error:
        raise UsageError(str(error)) from None
    return []


def create(store: RunStore, planned: Plan) -> list[RunDirectory]:
    """The runs' directories, with their configs on disk; those to pretrain first.

    Raises:
        RunError: one cannot be written; then none is left.
    """
    made = list[RunDirectory]()
    try:
        for config in planned.pretraining:
            made.append(store.create(config))
        sources = list(made)
        for i, config in enumerate(planned.configs):
            if sources:
                config = msgspec.structs.replace(config, init_from=sources[i].id)
            made.append(store.create(config))
            if config.init_from and not sources:
                from namestui.engine.planning.lineage import keep_weights

                keep_weights(store.get(config.init_from), made[-1])
    except RunError:
        store.discard(made)
        raise
    return made


def check_resume(run: RunDirectory, device: str, nproc: int | None) -> None:
    """Check on which device and with how many processes ``run`` resumes; an empty device and None keep those it had.

    Raises:
        UsageError: the device is not on this machine, or not for ``nproc`` processes.
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
        UsageError: the device is not on this machine, or not for ``nproc`` processes.
    """
    if device == "cpu" or (device == "auto" and nproc == 1):
        return
    command = [sys.executable, "-P", "-m", "namestui.engine.nets.devices", device, str(nproc)]
    answer = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False)
    if answer.returncode:
        lines = answer.stderr.strip().splitlines() or [f"device {device}: torch cannot be loaded"]
        raise UsageError(lines[-1])
