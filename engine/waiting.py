"""A worker that waits before it trains: for its turn, or for another run's weights."""

from __future__ import annotations

import contextlib
import queue
from collections.abc import Callable, Sequence

from namestui.engine.recorder import Recorder
from namestui.engine.server import Request, Server
from namestui.runs import commands
from namestui.runs.events import LIVE_STATES, Notice
from namestui.runs.store import RunDirectory
from namestui.runs.summary import run_state

LOOK_EVERY = 0.25
"""Seconds between two looks at what is waited for."""


def wait_until(is_so: Callable[[], bool], why: str, recorder: Recorder, server: Server) -> bool:
    """Wait, and tell the clients ``why``; False where the run was told to stop instead.

    Other commands are carried out afterwards.
    """
    put_aside: list[Request] = []
    told = False
    try:
        while not is_so():
            if not told:
                recorder.publish(Notice, message=why)
                told = True
            with contextlib.suppress(queue.Empty):
                request = server.requests.get(timeout=LOOK_EVERY)
                if isinstance(request.command, commands.Stop):
                    return False
                put_aside.append(request)
        return True
    finally:
        for request in put_aside:
            server.requests.put(request)
        if told:
            recorder.publish(Notice, message="")


def is_turn(earlier: Sequence[RunDirectory], jobs: int) -> bool:
    """Whether fewer than ``jobs`` of the runs that were started before this one have yet to end.

    Each of them waits in the same way, so that never more than ``jobs`` train at once.
    """
    return sum(run_state(run) in LIVE_STATES for run in earlier) < jobs
