"""A run in one row: read from the end of its log, so that listing long runs stays quick."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, TypeVar

import msgspec

from namestui.runs.created import created
from namestui.runs.decoding import UnreadableError
from namestui.runs.differences import differences
from namestui.runs.events import LIVE_STATES, Machine, State
from namestui.runs.history import Latest
from namestui.runs.notes import Notes, load_notes
from namestui.runs.process import is_trained
from namestui.runs.store import RunDirectory, RunError, RunStore, ScreenSession, effective_state, host_name, is_text
from namestui.runs.text import inert

T = TypeVar("T")


class Summary(msgspec.Struct, frozen=True, kw_only=True):
    """One row of ``namestui runs``; ``age`` in seconds since the last event, ``size`` in bytes on disk.

    ``created`` is in seconds since 1970; ``settings`` are those that the model's recipe has otherwise; ``held_up`` and
    ``machine`` are what a live worker of this host says, where it was asked.
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
    machine: Machine | None = None


def summarise(run: RunDirectory) -> Summary:
    """What can be said of ``run``; ``error`` says why not more, where some of its files cannot be read."""
    problems = list[str]()
    config = _or_say(problems, run.config)
    notes = _or_say(problems, lambda: load_notes(run)) or Notes()
    last = Latest.read(run)
    problems += [last.problem] if last.problem else []
    worker = _or_say(problems, run.read_worker)
    _or_say(problems, run.try_lock)
    host = worker.host if worker else host_name()
    changed = last.time if last.time is not None else _modified(run)
    return Summary(
        run=run.id if is_text(run.id) else inert(run.id),
        name=notes.name,
        tags=notes.tags,
        note=notes.note,
        model=config.model if config else "?",
        corpus=config.corpus if config else "",
        host=host,
        state=effective_state(last.state, locked=is_trained(run), elsewhere=host != host_name()),
        epoch=last.epoch,
        epochs=last.planned or (config.epochs if config else 0),
        best_accuracy=last.best_accuracy,
        age=min(max(0.0, time.time() - changed), time.time()),
        size=_size(run),
        created=created(run.path),
        split=config.split if config else "",
        seed=config.seed if config else None,
        settings=differences(config) if config else {},
        error="; ".join(problems),
    )


def summaries(store: RunStore) -> list[Summary]:
    """All runs, newest first."""
    return [summarise(run) for run in reversed(store.all())]


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


def _or_say(problems: list[str], read: Callable[[], T]) -> T | None:
    """What ``read`` returns; None where it cannot be read, and ``problems`` says why."""
    try:
        return read()
    except (RunError, UnreadableError) as problem:
        problems.append(str(problem))
        return None


def _modified(run: RunDirectory) -> float:
    try:
        return run.path.stat().st_mtime
    except OSError:
        return time.time()


def _size(run: RunDirectory) -> int:
    total = 0
    try:
        for path in run.path.iterdir():
            total += path.lstat().st_size
    except OSError:
        return total
    return total
