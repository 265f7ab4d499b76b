"""A run in one row: read from the end of its log, so that listing long runs stays quick."""

from __future__ import annotations

import time
from typing import Any

import msgspec

from namestui.runs.config import RunConfig
from namestui.runs.differences import differences
from namestui.runs.events import LIVE_STATES, Machine, State
from namestui.runs.facts_cache import FactsCache, files_of
from namestui.runs.history import Latest
from namestui.runs.process import is_trained
from namestui.runs.run_facts import RunFacts, read_facts
from namestui.runs.run_ids import is_text
from namestui.runs.screen_session import ScreenSession
from namestui.runs.store import RunDirectory, RunStore, effective_state, host_name
from namestui.runs.text import inert


class Summary(msgspec.Struct, frozen=True, kw_only=True):
    """One row of ``namestui runs``; ``age`` in seconds since the last event, ``size`` in bytes on disk.

    ``created`` is in seconds since 1970; ``settings`` are those that the model's recipe has otherwise, ``config`` has
    all (None: it cannot be read); ``held_up`` and ``machine`` are what a live worker of this host says, where it was
    asked.
    """

    run: str
    name: str
    tags: list[str]
    note: str
    model: str
    corpus: str
    host: str
    state: State
    epoch: int
    epochs: int
    best_accuracy: float | None
    age: float
    size: int
    created: float = 0.0
    split: str = ""
    seed: int | None = None
    settings: dict[str, Any] = {}
    error: str = ""
    held_up: str = ""
    config: RunConfig | None = None
    machine: Machine | None = None


def summarise(run: RunDirectory) -> Summary:
    """What can be said of ``run``; ``error`` says why not more, where some of its files cannot be read."""
    files = files_of(str(run.path))
    return _summary(run, read_facts(run), files.size if files else 0)


def summaries(store: RunStore) -> list[Summary]:
    """All runs, newest first: read where they have changed since they were listed last."""
    cache = FactsCache(store)
    found = []
    for run_id in store.ids():
        run = RunDirectory(store.runs / run_id)
        files = files_of(str(run.path))
        found.append(_summary(run, cache.facts(run, files), files.size if files else 0))
    cache.save()
    return sorted(found, key=lambda one: (one.created, one.run), reverse=True)


def _summary(run: RunDirectory, facts: RunFacts, size: int) -> Summary:
    config, here, now = facts.config, host_name(), time.time()
    host = facts.host or here
    is_live = facts.state in LIVE_STATES and is_trained(run)
    changed = facts.changed if facts.changed is not None else _modified(run)
    return Summary(
        run=run.id if is_text(run.id) else inert(run.id),
        name=facts.notes.name,
        tags=facts.notes.tags,
        note=facts.notes.note,
        model=config.model if config else "?",
        corpus=config.corpus if config else "",
        host=host,
        state=effective_state(facts.state, locked=is_live, elsewhere=host != here),
        epoch=facts.epoch,
        epochs=facts.planned,
        best_accuracy=facts.best_accuracy,
        age=min(max(0.0, now - changed), now),
        size=size,
        created=facts.created,
        split=config.split if config else "",
        seed=config.seed if config else None,
        settings=differences(config) if config else {},
        error="; ".join(facts.problems),
        config=config,
    )


def live_runs(store: RunStore) -> list[RunDirectory]:
    """The runs that a worker of this host is training now, oldest first."""
    return [run for run in store.all() if run.is_locked() and current_state(run) in LIVE_STATES]


def runs_to_reopen(store: RunStore, session: ScreenSession) -> list[RunDirectory]:
    """The runs that live, with the tabs that were left beside them; where none lives, the last session's."""
    live = [run.id for run in live_runs(store)]
    with_session = not live or set(live) & set(session.runs)
    ids = dict.fromkeys([*(session.runs if with_session else []), *live])
    return [store.get(run_id) for run_id in ids]


def current_state(run: RunDirectory) -> State:
    """The state of ``run``, from the end of its log, its lock, and whose worker it was last."""
    worker = run.worker()
    elsewhere = worker is not None and worker.host != host_name()
    return effective_state(Latest.read(run).state, locked=is_trained(run), elsewhere=elsewhere)


def _modified(run: RunDirectory) -> float:
    try:
        return run.path.stat().st_mtime
    except OSError:
        return time.time()
