"""An ended run is served for a while: questions are answered until an order comes, or nobody asks any more."""

from __future__ import annotations

import time
from collections.abc import Callable

from namestui.engine.recording.requests import Request
from namestui.engine.recording.server import Server

IDLE_ALONE = 30.0
"""Seconds that an ended run is still served with no client connected."""
IDLE = 600.0
"""Seconds that an ended run is served without a question."""


def next_order(server: Server, answer: Callable[[Request], None], keep: Callable[[], None]) -> Request | None:
    """The next order, once the questions before it have their ``answer``; None once nobody asks any more.

    ``keep`` is called every second.
    """
    asked_at = alone_since = time.monotonic()
    while True:
        now = time.monotonic()
        if server.clients:
            alone_since = now
        if now - asked_at > IDLE or now - alone_since > IDLE_ALONE:
            return None
        request = server.requests.next(1)
        if request is None:
            keep()
        elif request.is_question:
            answer(request)
            asked_at = time.monotonic()
        else:
            return request
