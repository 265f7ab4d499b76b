"""What arrives from the runs that are followed: their events, and that nobody holds a run any more."""

from __future__ import annotations

from dataclasses import dataclass

from namestui.runs import events


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerGone:
    """No worker that we can talk to holds the run (any more). ``reason`` says why, where that is known."""

    run: str
    reason: str
    log_tail: list[str]


Update = events.AnyEvent | WorkerGone
