"""When a key has had its effect: the next one belongs to what has the focus then."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Any

from textual.app import App
from textual.message_pump import MessagePump

ROUNDS = 3
"""Through all queues: for the key itself, for the dialog that it opened, for the focus in that."""


async def settled(app: App[Any]) -> None:
    """Return once whatever was sent to the focused widget, its ancestors and the app has been dealt with."""
    for _ in range(ROUNDS):
        if not app.is_running or not app.screen_stack:
            return
        start = app.focused or app.screen
        await _drained(start.ancestors_with_self)


async def _drained(pumps: Iterable[MessagePump]) -> None:
    """Wait until each of ``pumps`` in turn has come through its queue: a key bubbles from one to the next."""
    for pump in pumps:
        reached = asyncio.Event()
        if pump.is_running and pump.call_later(reached.set):
            await reached.wait()
