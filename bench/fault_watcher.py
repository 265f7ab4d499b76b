"""A real client in a thread of its own, for injections that are written as plain steps."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self, TypeVar

from bench.fault_lab import wait_until
from namestui.engine.link.asking import NoAnswerError
from namestui.engine.link.client import EngineClient
from namestui.engine.link.updates import Reply, Update, WorkerGone
from namestui.runs import commands, events
from namestui.runs.events import Greeting, LoggedEvent, Notice, StateChanged
from namestui.runs.store import RunDirectory, RunStore

Result = TypeVar("Result")


class Watcher:
    """Follows ``run`` from entry to exit of the ``with`` block and keeps in ``updates`` what arrives."""

    def __init__(self, store: RunStore, run: RunDirectory) -> None:
        self.updates: list[Update] = []
        self._run = run
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="watcher", daemon=True)
        self._thread.start()
        self._client = self._call(lambda: EngineClient(store))
        self._call(lambda: self._client.open(run))
        self._keeping = asyncio.run_coroutine_threadsafe(self._keep(), self._loop)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        asyncio.run_coroutine_threadsafe(self._client.close(), self._loop).result(timeout=10)
        self._keeping.cancel()
        self._call(lambda: None)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(timeout=10)
        self._loop.close()

    def send(self, command: commands.AnyCommand) -> None:
        """Send a command; what becomes of it shows in the record."""
        self._call(lambda: self._client.send(self._run.id, command))

    def ask(self, command: commands.AnyCommand) -> Reply | NoAnswerError:
        """Ask, and wait for the answer, or why there is none."""

        async def answer() -> Reply | NoAnswerError:
            try:
                return await self._client.ask(self._run.id, command)
            except NoAnswerError as error:
                return error

        return asyncio.run_coroutine_threadsafe(answer(), self._loop).result(timeout=60)

    def start(self, *, take_over: bool = False) -> None:
        """Start a worker, as ``EngineClient.start`` does.

        Raises:
            RunError: it cannot be started.
        """
        self._call(lambda: self._client.start(self._run, take_over=take_over))

    def wait_for(self, wanted: Callable[[Update], bool], what: str) -> Update:
        """Wait until something that is wanted has arrived, and return the first of it."""
        wait_until(lambda: any(map(wanted, list(self.updates))), what)
        return next(filter(wanted, list(self.updates)))

    def wait_for_state(self, state: events.State) -> None:
        """Wait until the run was reported to be in ``state``."""
        self.wait_for(
            lambda update: isinstance(update, StateChanged) and update.state == state, f"a client receives: {state}"
        )

    def wait_until_gone(self) -> WorkerGone:
        """Wait until the client says that nobody holds the run, after it was connected if it ever was."""
        found: list[WorkerGone] = []

        def is_gone() -> bool:
            last = [update for update in list(self.updates) if isinstance(update, WorkerGone | Greeting)][-1:]
            found.extend(update for update in last if isinstance(update, WorkerGone))
            return bool(found)

        wait_until(is_gone, "the client says that no worker is left")
        return found[-1]

    def wait_until_connected(self) -> None:
        """Wait until a worker has greeted."""
        self.wait_for(lambda update: isinstance(update, Greeting), "a worker greets")

    def wait_for_count(self, count: int) -> None:
        """Wait until ``count`` events of the record have arrived."""
        wait_until(lambda: len(self.logged()) >= count, f"a client receives {count} events")

    def block_until(self, awake: threading.Event) -> None:
        """Let the client's loop stand still until then."""
        self._loop.call_soon_threadsafe(awake.wait)

    def logged(self) -> list[LoggedEvent]:
        """What arrived of the record."""
        return [update for update in list(self.updates) if isinstance(update, LoggedEvent)]

    def notices(self) -> list[str]:
        """The messages of all notices."""
        return [update.message for update in list(self.updates) if isinstance(update, Notice)]

    def _call(self, act: Callable[[], Result]) -> Result:
        async def in_the_loop() -> Result:
            return act()

        return asyncio.run_coroutine_threadsafe(in_the_loop(), self._loop).result(timeout=60)

    async def _keep(self) -> Any:
        while True:
            self.updates.extend(await self._client.queue.get())
