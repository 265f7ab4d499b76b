"""Commands that wait for the training thread: orders before questions, a bounded number of each client."""

from __future__ import annotations

import queue
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from namestui.runs import commands
from namestui.runs.events import Accepted, Event, Refused

MAX_WAITING = 64
"""Commands of one client that may wait for their answers; more are refused."""

_QUESTIONS = (commands.Predict, commands.ListExamples)


@dataclass(frozen=True, slots=True)
class Request:
    """A command and where its answer goes; ``answer`` may be called from any thread, once, and fills in time and run.

    ``client`` is who asks; None for the worker itself.
    """

    command: commands.AnyCommand
    answer: Callable[[Event], None]
    client: object = None

    @property
    def is_question(self) -> bool:
        """Whether an answer is all that is wanted."""
        return isinstance(self.command, _QUESTIONS)

    def accept(self) -> None:
        """Say that the command has taken effect."""
        self.answer(Accepted(request=self.command.request))

    def refuse(self, reason: str) -> None:
        """Say why the command is not carried out."""
        self.answer(Refused(request=self.command.request, reason=reason))


class Requests:
    """What waits: the worker's own orders, those of clients with stop first, and their questions.

    Clients are served by another thread. The worker's own orders come from signal handlers, which may interrupt any
    line here: they take no lock.
    """

    def __init__(self) -> None:
        self._own: deque[Request] = deque()
        self._orders: deque[Request] = deque()
        self._questions: deque[Request] = deque()
        self._lock = threading.Lock()
        self._bell: queue.SimpleQueue[None] = queue.SimpleQueue()

    def put(self, request: Request) -> None:
        """Add what a client has sent."""
        with self._lock:
            (self._questions if request.is_question else self._orders).append(request)
        self._ring()

    def put_own(self, command: commands.AnyCommand) -> None:
        """Add an order of the worker itself; safe in a signal handler."""
        self._own.append(Request(command, _ignore))
        self._ring()

    def drop_questions(self, client: object) -> None:
        """Forget what a client that has left wanted to know; its orders stand."""
        with self._lock:
            self._questions = deque(request for request in self._questions if request.client is not client)

    def order(self) -> Request | None:
        """The next order, if there is one."""
        if self._own:
            return self._own.popleft()
        with self._lock:
            first = next((request for request in self._orders if isinstance(request.command, commands.Stop)), None)
            if first is not None:
                self._orders.remove(first)
                return first
            return self._orders.popleft() if self._orders else None

    def question(self) -> Request | None:
        """The next question, if there is one."""
        with self._lock:
            return self._questions.popleft() if self._questions else None

    def next(self, seconds: float) -> Request | None:
        """The next order, else the next question; None where none has come within ``seconds``."""
        deadline = time.monotonic() + seconds
        while True:
            if (request := self.order() or self.question()) is not None:
                return request
            try:
                self._bell.get(timeout=max(0.0, deadline - time.monotonic()))
            except queue.Empty:
                return None

    def holds(self, kind: type[commands.Command]) -> bool:
        """Whether an order of this kind waits."""
        with self._lock:
            return any(isinstance(request.command, kind) for request in (*self._own, *self._orders))

    def _ring(self) -> None:
        if self._bell.empty():  # else the waiting thread is about to check anyway
            self._bell.put(None)


def _ignore(_event: Event) -> None:
    """Nobody waits for this answer."""
