"""What waits for the training thread: waiting for it ends at once, and who leaves asks nothing any more."""

from __future__ import annotations

import queue

import pytest

from namestui.engine.recording.requests import Request, Requests
from namestui.runs import commands


def ignore(_event: object) -> None:
    """Nobody waits for this answer."""


class Bell:
    """A bell that is rung while somebody waits for it."""

    def __init__(self, requests: Requests, command: commands.AnyCommand, *, own: bool) -> None:
        self._bell = queue.SimpleQueue[None]()
        self._requests, self._command, self._own = requests, command, own

    def get(self, timeout: float) -> None:
        assert timeout > 0
        if self._own:
            self._requests.put_own(self._command)
        else:
            self._requests.put(Request(self._command, ignore))
        self._bell.get(block=False)  # raises Empty where nobody has rung

    def put(self, item: None) -> None:
        self._bell.put(item)

    def empty(self) -> bool:
        return self._bell.empty()


@pytest.mark.parametrize("own", [True, False], ids=["signal handler", "client"])
def test_what_comes_while_it_is_waited_for_is_taken_at_once(own: bool) -> None:
    requests, stop = Requests(), commands.Stop(request="1")
    requests._bell = Bell(requests, stop, own=own)  # type: ignore[assignment]
    found = requests.next(60)
    assert found is not None
    assert found.command == stop


def test_a_client_that_leaves_takes_its_questions_along_but_not_its_orders() -> None:
    requests, leaver, other = Requests(), object(), object()
    for client in (leaver, other):
        requests.put(Request(commands.Predict(request="1", name="A"), ignore, client))
        requests.put(Request(commands.Pause(request="2"), ignore, client))
    requests.drop_questions(leaver)
    left = [(found.client, type(found.command)) for found in iter(lambda: requests.next(0), None)]
    assert left == [(leaver, commands.Pause), (other, commands.Pause), (other, commands.Predict)]
