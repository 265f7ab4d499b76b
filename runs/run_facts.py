"""What the files of a run say of it: true until one of them changes, and so worth keeping."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import msgspec

from namestui.runs.config import RunConfig
from namestui.runs.created import created
from namestui.runs.decoding import UnreadableError
from namestui.runs.events import State
from namestui.runs.history import Latest
from namestui.runs.notes import Notes, load_notes
from namestui.runs.store import RunDirectory, RunError

T = TypeVar("T")


class RunFacts(msgspec.Struct, frozen=True, array_like=True):
    """``state`` is what the log says last, whoever lives; ``host`` is empty where no worker has started.

    ``created`` and ``changed`` (the last event; None: there is none) are in seconds since 1970. ``problems`` say why
    not more is known, where some of the files cannot be read.
    """

    notes: Notes
    config: RunConfig | None
    host: str
    state: State
    epoch: int
    planned: int
    best_accuracy: float | None
    created: float
    changed: float | None
    problems: list[str]


def read_facts(run: RunDirectory) -> RunFacts:
    """Read the files of ``run``: of its log the end, so that long runs are listed as quickly as short ones."""
    problems = list[str]()
    config = _or_reason(problems, run.config)
    notes = _or_reason(problems, lambda: load_notes(run))
    last = Latest.read(run)
    problems += [last.problem] if last.problem else []
    worker = _or_reason(problems, run.read_worker)
    _or_reason(problems, run.try_lock)
    return RunFacts(
        notes=notes or Notes(),
        config=config,
        host=worker.host if worker else "",
        state=last.state,
        epoch=last.epoch,
        planned=last.planned or (config.epochs if config else 0),
        best_accuracy=last.best_accuracy,
        created=created(run.path),
        changed=last.time,
        problems=problems,
    )


def _or_reason(problems: list[str], read: Callable[[], T]) -> T | None:
    """What ``read`` returns; None where it cannot be read, and ``problems`` says why."""
    try:
        return read()
    except (RunError, UnreadableError) as problem:
        problems.append(str(problem))
        return None
