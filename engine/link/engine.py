"""What a screen or a command line needs of the engine: the real client, or one that plays a recording."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from typing import overload

from namestui.engine.link.asking import NoAnswerError
from namestui.engine.link.updates import Reply, Update
from namestui.runs import commands, events
from namestui.runs.store import RunDirectory


class Engine(ABC):
    """Follows runs and talks to their workers. What happens to the runs arrives in ``queue``, each run's in order."""

    queue: asyncio.Queue[list[Update]]

    @abstractmethod
    def open(self, run: RunDirectory) -> None:
        """Follow ``run`` from its beginning."""

    @abstractmethod
    def start(self, *runs: RunDirectory, jobs: int = 0) -> None:
        """Train ``runs`` and follow them; at most ``jobs`` train at once, the others wait for their turn (0: all).

        Raises:
            RunError: one cannot be started.
        """

    @abstractmethod
    async def resume(self, run: RunDirectory) -> None:
        """Train on a run that has ended: by the worker that still serves it, else by a new one.

        Raises:
            RunError: a worker that is not ours to command holds it, or none can be started.
            NoAnswerError: its worker refuses.
        """

    @overload
    async def ask(self, run_id: str, command: commands.Predict) -> events.Predicted: ...

    @overload
    async def ask(self, run_id: str, command: commands.ListExamples) -> events.Examples: ...

    @overload
    async def ask(
        self,
        run_id: str,
        command: commands.Pause | commands.Resume | commands.Stop | commands.Checkpoint | commands.Extend,
    ) -> events.Accepted: ...

    async def ask(self, run_id: str, command: commands.AnyCommand) -> Reply:
        """The answer to a question, or that a command has taken effect; cancelled, the question is forgotten.

        Where no worker lives, one is started that answers about what is recorded.

        Raises:
            RefusedError: the worker cannot, or will not; its text says why.
            NoAnswerError: the worker has gone, none can be started, or the run was closed.
        """
        answer = await self._ask(run_id, command)
        match command:
            case commands.Predict():
                fits = isinstance(answer, events.Predicted)
            case commands.ListExamples():
                fits = isinstance(answer, events.Examples)
            case _:
                fits = isinstance(answer, events.Accepted)
        if not fits:
            raise NoAnswerError(f"the worker answered {type(command).__name__} with {type(answer).__name__}")
        return answer

    @abstractmethod
    async def _ask(self, run_id: str, command: commands.AnyCommand) -> Reply:
        """What ``ask`` says, whatever kind of answer comes."""

    @abstractmethod
    async def close(self, *run_ids: str) -> None:
        """Stop following these runs, or all; training continues, and questions to them end with NoAnswerError."""
