"""Starting from another run's weights: what fits, and that nothing leaks by it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from namestui.data import catalogue
from namestui.data.corpus import Corpus, CorpusError
from namestui.data.leaks import held_out, known_names, names_of
from namestui.data.splits import Parts, split_corpus
from namestui.engine.planning.wanted import OnProgress, UsageError
from namestui.runs.config import RunConfig
from namestui.runs.events import LIVE_STATES
from namestui.runs.find import find_run
from namestui.runs.history import started_of
from namestui.runs.initial_weights import copy_weights
from namestui.runs.models import MODELS
from namestui.runs.store import RunDirectory, RunError, RunStore
from namestui.runs.summary import current_state


def find_source(store: RunStore, wanted: str) -> RunDirectory:
    """The run that has, or is about to have, weights to start from.

    Raises:
        UsageError: there is none.
    """
    try:
        source = find_run(store, wanted)
        source.config()
    except RunError as error:
        raise UsageError(str(error)) from None
    if not source.best_weights.exists() and current_state(source) not in LIVE_STATES:
        raise UsageError(f"run {source.id} has no weights to start from: it has not finished an epoch yet")
    return source


def check_models(config: RunConfig, source: RunDirectory | None) -> None:
    """Whether the network of ``config`` can start from that of ``source`` (None: from one of its own kind).

    Raises:
        UsageError: no weight of it would be of use, or they differ in kind or size.
    """
    if not MODELS[config.model].transferable:
        raise UsageError(f"{config.model} cannot start from other weights: all of its own depend on the classes")
    if source is None:
        return
    other = source.config()
    if other.model != config.model:
        title = MODELS[config.model].title
        raise UsageError(f"run {source.id} is of model {other.model}: {title} cannot start from it")
    if other.hidden_size != config.hidden_size:
        sizes = f"hidden_size {other.hidden_size}, not {config.hidden_size}"
        raise UsageError(f"run {source.id} has {sizes}: add --set hidden_size={other.hidden_size}")


def check_leak(
    store: RunStore, source: RunDirectory, config: RunConfig, corpus: Corpus, parts: Parts, on_progress: OnProgress
) -> None:
    """Count the names of the validation and test parts that ``source``, or what it started from, was trained on.

    Raises:
        UsageError: there are some.
        RunError: a run that it started from is gone, so that they cannot be counted.
        CorpusError: a corpus that was trained on has changed, or can no longer be read.
    """
    held: set[str] | None = None
    leaked = set[str]()
    runs = lineage(store, source)
    for run in runs:
        earlier = run.config()
        # The same hash of a name puts it into the same part of every corpus: then nothing can leak.
        if config.split == earlier.split == "grouped" and config.split_seed == earlier.split_seed:
            continue
        held = held_out(corpus, parts) if held is None else held
        other = _as_trained(run, partial(on_progress, "reading the corpus"), store)
        leaked |= known_names(held, other, split_corpus(other, earlier.split, earlier.split_seed).train)
    if held and leaked:
        first = source.config()
        ways = [f"--pretrain {first.corpus}, which leaves them out"]
        if len(runs) == 1 and first.split == "grouped":
            ways.insert(0, f"--split grouped --seed {first.split_seed}")
        them = f"run {source.id}" + (", or one that it started from," if len(runs) > 1 else "")
        raise UsageError(
            f"{len(leaked):,} of the {len(held):,} validation and test names (seed {config.split_seed}) would leak: "
            f"{them} was trained on them; use {', or '.join(ways)}"
        )


def _as_trained(run: RunDirectory, on_progress: Callable[[int, int], None] | None, store: RunStore) -> Corpus:
    """The corpus of ``run``, if it is still the one that was trained on."""
    config = run.config()
    corpus = catalogue.load_by_name(config.corpus, config.reading, on_progress, cache=store.corpus_cache)
    started = started_of(run)
    if started is not None and started.corpus_fingerprint != corpus.fingerprint():
        raise CorpusError(f"the corpus of run {run.id} has changed since it was trained: leaks cannot be counted")
    return corpus


def lineage(store: RunStore, run: RunDirectory) -> list[RunDirectory]:
    """``run``, the run that it started from, and so on.

    Raises:
        RunError: one of them is gone, or comes before itself, so that leaks cannot be counted.
    """
    found = [run]
    while source := found[-1].config().init_from:
        if source in [one.id for one in found]:
            raise RunError(f"run {source} started from itself, says its config: leaks cannot be counted")
        try:
            found.append(store.get(source))
            found[-1].config()
        except RunError:
            raise RunError(
                f"run {found[-2].id} started from {source}, which is gone: leaks cannot be counted"
            ) from None
    return found


def names_seen(store: RunStore, run: RunDirectory) -> set[str]:
    """The case-folded names that ``run`` was trained or chosen on: training and validation, also of its lineage.

    Raises:
        RunError: part of its lineage is gone.
        CorpusError: a corpus that it was trained on can no longer be read.
    """
    seen = set[str]()
    for one in lineage(store, run):
        config = one.config()
        corpus = _as_trained(one, None, store)
        parts = split_corpus(corpus, config.split, config.split_seed)
        seen |= names_of(corpus, parts.train) | names_of(corpus, parts.validation)
    return seen


def left_out(config: RunConfig, corpus: Corpus, parts: Parts, earlier: Corpus) -> list[str]:
    """How many names pretraining on ``earlier`` leaves out, in one line.

    Raises:
        UsageError: a split that is not by the hash of the name, so that they cannot be left out.
    """
    if config.split != "grouped":
        raise UsageError(f"--pretrain needs --split grouped, by which it leaves out test names; not {config.split}")
    held = held_out(corpus, parts)
    known = known_names(held, earlier)
    trained = known_names(held, earlier, split_corpus(earlier, "grouped", config.split_seed).train)
    assert not trained, "the grouped split has put a name into different parts of two corpora"
    return [
        f"pretraining leaves out {len(known):,} of the {len(held):,} validation and test names (seed {config.seed})"
    ]


def keep_weights(source: RunDirectory, run: RunDirectory) -> None:
    """Copy the weights of ``source`` as those that ``run`` starts from; a live one is left for the worker to wait for.

    Raises:
        RunError: they cannot be copied.
    """
    if current_state(source) in LIVE_STATES:
        return
    try:
        copy_weights(source, run)
    except OSError as error:
        raise RunError(f"cannot copy the weights of {source.id}: {error.strerror}") from None
