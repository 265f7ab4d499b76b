"""What a worker answers at its end: whatever it took out of the queue, or left there, has an answer."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from namestui.engine.recording.recorder import ReplacedError, StoppedWaitingError
from namestui.engine.recording.requests import Request, Requests
from namestui.runs import commands


def dismiss(requests: Requests) -> None:
    """Answer what still waits: a stop is what happens, anything else comes too late."""
    while (request := requests.next(0)) is not None:
        _dismiss(request, "it has ended")


@contextlib.contextmanager
def carrying_out(*orders: Request | None) -> Iterator[None]:
    """Answer ``orders`` where the worker ends while they are carried out, because nothing can be written."""
    try:
        yield
    except (StoppedWaitingError, ReplacedError) as error:
        for order in filter(None, orders):
            _dismiss(order, str(error))
        raise


def _dismiss(request: Request, reason: str) -> None:
    if isinstance(request.command, commands.Stop):
        request.accept()
    else:
        request.refuse(reason)
