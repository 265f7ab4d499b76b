"""A worker that waits before it trains: for its turn, or for another run's weights."""

from __future__ import annotations

import contextlib
import queue
import time
from collections.abc import Callable, Sequence

from namestui.engine.recording.recorder import Recorder
from namestui.engine.recording.server import Server
from namestui.runs import commands
from namestui.runs.events import LIVE_STATES, Notice, Refused
from namestui.runs.store import RunDirectory
from namestui.runs.summary import run_state

LOOK_EVERY = 0.25
"""Seconds between two looks at what is waited for."""
TELL_EVERY = 1.0
"""Seconds between two tellings: a client may come at any time."""


def wait_until(is_so: Callable[[], bool], why: str, run_id: str, recorder: Recorder, server: Server) -> bool:
    """Wait, and tell the clients ``why``; False where the run was told to stop instead. Other commands are refused."""
    told_at = 0.0
    while not is_so():
        if time.monotonic() - told_at > TELL_EVERY:
            recorder.publish(Notice, message=why)
            told_at = time.monotonic()
        with contextlib.suppress(queue.Empty):
            request = server.requests.get(timeout=LOOK_EVERY)
            if isinstance(request.command, commands.Stop):
                return False
            request.answer(
                Refused(
                    time=time.time(),
                    run=run_id,
                    request=request.command.request,
                    reason=f"{run_id} {why}: stop it, or let it wait",
                )
            )
    if told_at:
        recorder.publish(Notice, message="")
    return True


def is_turn(earlier: Sequence[RunDirectory], jobs: int) -> bool:
    """Whether fewer than ``jobs`` of the runs that were started before this one have yet to end.

    Each of them waits in the same way, so that never more than ``jobs`` train at once.
    """
    return sum(run_state(run) in LIVE_STATES for run in earlier) < jobs
