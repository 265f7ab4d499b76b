"""What arrives from the runs that are followed, and what a line on the wire is. Answers to questions are no updates."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from namestui.runs import events
from namestui.runs.eventlog import NewerLogError
from namestui.runs.text import inert


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerGone:
    """No worker that we can talk to holds the run (any more). ``reason`` says why, where that is known."""

    run: str
    reason: str
    log_tail: list[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerSilent:
    """The process that holds the run does not answer; ``message`` names it. An empty message: it does again."""

    run: str
    message: str


Reply = events.Predicted | events.Examples | events.Accepted
"""What a question or a command comes back with, where it is not refused."""
Update = (
    events.Logged
    | events.Greeting
    | events.Progress
    | events.Notice
    | events.Machine
    | events.Confusion
    | WorkerGone
    | WorkerSilent
)


class _Kind(msgspec.Struct):
    kind: str
    seq: int | None = None


def decode(line: bytes) -> events.AnyEvent | None:
    """The event in one line of the wire; None where a newer worker sends what this program does not know.

    Raises:
        NewerLogError: such a line is part of the record, so that what follows cannot be understood without it.
        msgspec.DecodeError: it is no event.
    """
    try:
        return events.decode(line)
    except msgspec.DecodeError as error:
        try:
            head = msgspec.json.decode(line, type=_Kind)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            raise error from None
        if head.kind in events.KINDS:
            raise
        if head.seq is None:
            return None
        raise NewerLogError(f"a newer namestui has written {inert(head.kind)!r} to its log: upgrade namestui") from None
