"""Questions and commands on their way to one run: each has a request id, and one answer or a reason for none."""

from __future__ import annotations

import asyncio
import itertools
import os
from dataclasses import dataclass

import msgspec

from namestui.engine.link.updates import Reply
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
    answer: asyncio.Future[Reply]
    is_sent: bool = False
    was_lost: bool = False


class Asking:
    """What is on its way to one run, in the order in which it was asked."""

    def __init__(self) -> None:
        self._pending: dict[str, _Pending] = {}

    def add(self, command: commands.Command) -> tuple[str, asyncio.Future[Reply]]:
        """Take in ``command`` to be sent; its request id, and its answer to come, or NoAnswerError."""
        request = f"{os.getpid()}-{next(_requests)}"
        answer: asyncio.Future[Reply] = asyncio.get_running_loop().create_future()
        self._pending[request] = _Pending(msgspec.structs.replace(command, request=request), answer)
        return request, answer

    def forget(self, request: str) -> None:
        """Nobody waits for this one any more; what was not sent will not be."""
        self._pending.pop(request, None)

    def unsent(self) -> list[commands.Command]:
        """What waits for a worker to be sent to."""
        return [one.command for one in self._pending.values() if not one.is_sent]

    def send_all(self, writer: asyncio.StreamWriter) -> None:
        """Send what waits."""
        for one in self._pending.values():
            if not one.is_sent:
                writer.write(commands.encode(one.command))
                one.is_sent = True

    def settle(self, answer: Reply | events.Refused) -> None:
        """Hand an answer to who waits for it; an answer to nobody is none of ours."""
        if isinstance(answer, events.Refused):
            self._break(answer.request, RefusedError(answer.reason))
        elif (one := self._pending.pop(answer.request, None)) is not None and not one.answer.done():
            one.answer.set_result(answer)

    def settle_by_effect(self, event: events.LoggedEvent) -> None:
        """An older worker acknowledges nothing: ``event`` settles the first command that has this effect."""
        for request, one in self._pending.items():
            if one.is_sent and _is_effect(event, one.command):
                self.settle(events.Accepted(time=event.time, run=event.run, request=request))
                return

    def lose(self, reason: str) -> None:
        """The connection ended: a question that was sent is asked once more, as it changes nothing; the rest fails."""
        for request, one in list(self._pending.items()):
            if one.is_sent and not one.was_lost and isinstance(one.command, commands.Predict | commands.ListExamples):
                one.is_sent, one.was_lost = False, True
            elif one.is_sent:
                self._break(request, NoAnswerError(reason))

    def fail(self, error: NoAnswerError, *requests: str) -> None:
        """No answer will come to these, or to any."""
        for request in requests or list(self._pending):
            self._break(request, error)

    def _break(self, request: str, error: NoAnswerError) -> None:
        one = self._pending.pop(request, None)
        if one is not None and not one.answer.done():
            one.answer.set_exception(error)
            one.answer.exception()  # counts as seen: who asked may be going away in this moment


def _is_effect(event: events.LoggedEvent, command: commands.Command) -> bool:
    match command, event:
        case commands.Pause(), events.StateChanged(state="paused"):
            return True
        case commands.Resume(), events.StateChanged(state="running"):
            return True
        case commands.Stop(), events.StateChanged(state="stopped" | "finished"):
            return True
        case commands.Checkpoint(), events.CheckpointSaved():
            return True
        case commands.Extend(), events.EpochsPlanned():
            return True
    return False
