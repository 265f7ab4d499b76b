"""Questions and commands on their way to one run: each has a request id, and one answer or a reason for none."""

from __future__ import annotations

import asyncio
import itertools
import os
from dataclasses import dataclass

import msgspec

from namestui.engine.link.updates import Answer
from namestui.runs import commands, events

_requests = itertools.count(1)


class NoAnswerError(Exception):
    """A question or command to which no answer will come; its text says why."""


class RefusedError(NoAnswerError):
    """The run's worker refused it; its text is the worker's own and may hold anything."""


class NoWorkerError(NoAnswerError):
    """Nobody is there to answer, and no worker can be started; nothing has happened."""


@dataclass(slots=True)
class _Pending:
    command: commands.Command
    future: asyncio.Future[Answer] | None
    """None where nobody waits for the answer."""
    is_sent: bool = False
    was_lost: bool = False


class Asking:
    """What is on its way to one run, in the order in which it was asked."""

    def __init__(self) -> None:
        self._pending: dict[str, _Pending] = {}

    def add(self, command: commands.Command, *, awaited: bool) -> str:
        """Take in ``command`` to be sent; its request id."""
        request = f"{os.getpid()}-{next(_requests)}"
        future = asyncio.get_running_loop().create_future() if awaited else None
        self._pending[request] = _Pending(msgspec.structs.replace(command, request=request), future)
        return request

    async def answer(self, request: str) -> Answer:
        """Wait for the answer to an awaited request.

        Raises:
            NoAnswerError: none will come, or it is a refusal.
        """
        future = self._pending[request].future
        assert future is not None, "nobody waits for the answer to this one"
        return await asyncio.shield(future)

    def forget(self, request: str) -> None:
        """Nobody waits for this one any more; what was not sent will not be."""
        self._pending.pop(request, None)

    def unsent(self) -> list[commands.Command]:
        """What waits for a worker to be sent to."""
        return [one.command for one in self._pending.values() if not one.is_sent]

    def send_all(self, send: asyncio.StreamWriter) -> None:
        """Send what waits."""
        for request, one in list(self._pending.items()):
            if not one.is_sent:
                send.write(commands.encode(one.command))
                one.is_sent = True
                if one.future is None:
                    self.forget(request)

    def settle(self, answer: Answer | events.Refused) -> None:
        """Hand an answer to who waits for it; an answer to nobody is none of ours."""
        one = self._pending.get(answer.request)
        if one is None or one.future is None or one.future.done():
            return
        if isinstance(answer, events.Refused):
            _break(one.future, RefusedError(answer.reason))
        else:
            one.future.set_result(answer)

    def lose(self, reason: str) -> None:
        """The connection ended: a question that was sent is asked once more, as it changes nothing; the rest fails."""
        for request, one in list(self._pending.items()):
            if one.is_sent and not one.was_lost and isinstance(one.command, commands.Predict | commands.ListExamples):
                one.is_sent, one.was_lost = False, True
            elif one.is_sent:
                self.fail(NoAnswerError(reason), request)

    def fail(self, error: NoAnswerError, *requests: str) -> None:
        """No answer will come to these, or to any."""
        for request in requests or list(self._pending):
            one = self._pending[request]
            if one.future is None:
                self.forget(request)
            elif not one.future.done():
                _break(one.future, error)


def _break(future: asyncio.Future[Answer], error: NoAnswerError) -> None:
    future.set_exception(error)
    future.exception()  # counts as seen: who asked may be going away in this moment
