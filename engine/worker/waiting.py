"""A worker that waits before it trains: for its turn, or for another run's weights."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from namestui.engine.recording.recorder import Recorder
from namestui.engine.recording.requests import Request
from namestui.engine.recording.server import Server
from namestui.runs import commands
from namestui.runs.events import LIVE_STATES, Notice, NoticeTopic
from namestui.runs.history import Latest
from namestui.runs.store import RunDirectory
from namestui.runs.summary import current_state

POLL_EVERY = 0.25
"""Seconds between two checks of what is waited for."""


class Wait(NamedTuple):
    """What a run waits for: until ``is_over``, and ``why``, as its clients are shown."""

    is_over: Callable[[], bool]
    why: str
    topic: NoticeTopic


def wait_until(wait: Wait, run_id: str, recorder: Recorder, server: Server) -> Request | None:
    """Wait; the order to stop, where that came instead. Other commands are refused."""
    is_over, why, topic = wait
    has_waited = False
    while not is_over():
        if not has_waited:
            recorder.publish(Notice(message=why, topic=topic))  # a client that connects later gets it too
            has_waited = True
        request = server.requests.next(POLL_EVERY)
        if request is None:
            continue
        if isinstance(request.command, commands.Stop):
            return request
        request.refuse(f"{run_id} {why}: stop it, or let it wait")
    if has_waited:
        recorder.publish(Notice(message="", topic=topic))
    return None


def is_turn(earlier: Sequence[RunDirectory], jobs: int) -> bool:
    """Whether fewer than ``jobs`` of the runs that were started before this one have yet to end.

    Each of them waits in the same way, so that never more than ``jobs`` train at once.
    """
    return sum(map(_takes_a_place, earlier)) < jobs


def _takes_a_place(run: RunDirectory) -> bool:
    """A run that has paused itself, for a reason, does not train until somebody looks after it: others come first."""
    state = current_state(run)
    return state in LIVE_STATES and not (state == "paused" and Latest.read(run).reason)
