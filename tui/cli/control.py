"""Commands to one run from the command line: pause, resume, stop, extend; each waits until it is acknowledged."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Awaitable, Callable
from typing import Any

from namestui.engine.link.asking import NoAnswerError, NoWorkerError, RefusedError
from namestui.engine.link.client import SHUTDOWN_WITHIN, EngineClient
from namestui.engine.link.following import SILENT_AFTER
from namestui.engine.link.updates import Update, WorkerGone, WorkerSilent
from namestui.runs import commands, events
from namestui.runs.config import MAX_EPOCHS
from namestui.runs.events import LIVE_STATES, StateChanged
from namestui.runs.history import History
from namestui.runs.store import RunDirectory, RunError, RunStore
from namestui.runs.summary import current_state
from namestui.runs.text import inert
from namestui.runs.trash import take_from_server
from namestui.tui.state.run_state import RunState


class CommandFailedError(RunError):
    """A command that was sent, or tried, and did not come out: exit status 1."""


PATIENCE = 60.0
"""Seconds to wait for an acknowledgement: loading torch on a busy machine takes some."""


def pause_run(store: RunStore, run: RunDirectory) -> str:
    """Pause a training run; the message for the user.

    Raises:
        RunError: it does not train, or does not answer.
    """
    what_to_do = f"resume it with: namestui resume {run.id}"
    state = current_state(run)
    if state == "paused":
        return f"{run.id} is paused already; {what_to_do}"
    _need_live(run, state, "pause")
    _steer(store, run, lambda client: client.ask(run.id, commands.Pause()))
    return f"{run.id} is paused; {what_to_do}"


def stop_run(store: RunStore, run: RunDirectory) -> str:
    """Save a checkpoint and end the worker; the message for the user.

    Raises:
        RunError: it does not train, or does not answer.
    """
    what_to_do = f"resume it with: namestui resume {run.id}"
    state = current_state(run)
    if state == "stopped":
        return f"{run.id} is stopped already; {what_to_do}"
    _need_live(run, state, "stop")

    def has_stopped(update: Update) -> bool:
        return isinstance(update, StateChanged) and update.state in ("stopped", "finished")

    async def save_and_end(client: EngineClient) -> None:
        try:
            await client.ask(run.id, commands.Stop())
        except RefusedError:
            raise
        except NoAnswerError:  # it may have ended before it could say so
            if current_state(run) not in ("stopped", "finished"):
                raise

    _steer(store, run, save_and_end, has_stopped)
    return f"{run.id} is stopped; {what_to_do}"


def resume_run(
    store: RunStore, run: RunDirectory, *, device: str = "", take_over: bool = False, nproc: int | None = None
) -> str:
    """Train on after a pause, a stop, a failure, a crash; the message for the user.

    ``device`` and ``nproc`` are for this time only, and for a new worker: a live one continues as it is.

    Raises:
        RunError: it has finished, belongs to another host, or fails.
    """
    state = current_state(run)
    watch = f"watch it with: namestui attach {run.id}"
    gaps = History.read(run).gaps() if state == "finished" else ""
    if state == "finished" and not gaps:
        raise RunError(f"{run.id} has finished; train it longer with: namestui extend {run.id} EPOCHS")
    if run.is_locked():
        if state in ("starting", "running"):
            return f"{run.id} is {state} already; {watch}"
        if state in ("pausing", "stopping"):
            done = "paused" if state == "pausing" else "stopped"
            raise RunError(f"{run.id} is {state}: resume it once it is {done}")
        is_elsewhere = nproc is not None or bool(device)
        if is_elsewhere and state == "paused":
            raise RunError(
                f"{run.id} is paused: --device and --nproc need a stopped run; stop it with: namestui stop {run.id}"
            )
        if (is_elsewhere or gaps) and state not in LIVE_STATES:
            # It would train on where it is, or has in memory what its log lacks.
            take_from_server(run, SHUTDOWN_WITHIN).release()
    waits: list[str] = []

    async def train_on(client: EngineClient) -> None:
        if run.is_locked():
            await client.resume(run)
        else:
            client.start(run, device=device, take_over=take_over, nproc=nproc)

    def trains_on(update: Update) -> bool:
        if isinstance(update, events.Notice) and update.topic in ("turn", "weights") and update.message:
            waits.append(update.message)
        return bool(waits) or (isinstance(update, StateChanged) and update.state in ("running", "finished"))

    _steer(store, run, train_on, trains_on)
    if gaps:
        return f"{run.id} trains again: its log lacks {gaps}; {watch}"
    return f"{run.id} {inert(waits[-1]) if waits else 'has resumed'}; {watch}"


def extend_run(store: RunStore, run: RunDirectory, epochs: int) -> str:
    """Train more epochs than planned, at once where the run has ended; the message for the user.

    Raises:
        RunError: it does not answer, or epochs is below 1.
    """
    if not 1 <= epochs <= MAX_EPOCHS:
        raise RunError(f"extend takes 1 to {MAX_EPOCHS} epochs, not {epochs}")
    is_live = current_state(run) in LIVE_STATES

    def trains(update: Update) -> bool:
        # A run that has ended must train again when this returns: who follows it next would find it finished.
        return is_live or (isinstance(update, StateChanged) and update.state == "running")

    state = _steer(store, run, lambda client: client.ask(run.id, commands.Extend(epochs=epochs)), trains)
    return f"{run.id} is now planned for {state.planned_epochs} epochs; watch it with: namestui attach {run.id}"


def _need_live(run: RunDirectory, state: str, wish: str) -> None:
    if state not in LIVE_STATES:
        raise RunError(f"{run.id} is {state}: there is nothing to {wish}")


def _steer(
    store: RunStore,
    run: RunDirectory,
    act: Callable[[EngineClient], Awaitable[object]],
    until: Callable[[Update], bool] | None = None,
) -> RunState:
    """Follow ``run`` past its history, ``act``, and wait until that is acknowledged and ``until`` is true of an update;
    what is known of the run then.

    Raises:
        RunError: it cannot be started, fails, or is not acknowledged in time.
    """

    async def steer() -> RunState:
        client = EngineClient(store)
        watched = _Watched(client, run)
        client.open(run)
        try:
            async with asyncio.timeout(PATIENCE):
                await watched.read_history()
                acting = asyncio.ensure_future(act(client))
                await watched.wait_for(acting, until)
        except TimeoutError:
            raise CommandFailedError(f"{run.id} did not answer within {PATIENCE:.0f} s; see its worker.log") from None
        except NoWorkerError as error:
            raise RunError(_naming(run, error)) from None
        except NoAnswerError as error:
            raise CommandFailedError(_naming(run, error)) from None
        finally:
            await client.close()
        return watched.state

    return asyncio.run(steer())


class _Watched:
    """Folds what happens to a run while a command is on its way, and says on stderr what that waits for."""

    def __init__(self, client: EngineClient, run: RunDirectory) -> None:
        self.state = RunState(run.id)
        self._client = client
        self._run_id = inert(run.id)
        self._notice = ""
        self._said = ""
        self._is_late = False

    async def read_history(self) -> None:
        """Wait until all that has been is known, or a worker that is there does not say a word."""
        while True:
            updates = await self._client.queue.get()
            for update in updates:
                self._fold(update)
            if any(isinstance(update, events.Greeting | WorkerGone) for update in updates) or self._is_late:
                return

    async def wait_for(self, acting: asyncio.Future[object], until: Callable[[Update], bool] | None) -> None:
        """Wait until ``acting`` has come out and ``until`` was true of an update since.

        Raises:
            RunError: the run fails, or its worker goes.
            NoAnswerError: what ``acting`` raises.
        """
        is_reached = until is None
        late_at = time.monotonic() + SILENT_AFTER
        while not (acting.done() and is_reached):
            news = asyncio.ensure_future(self._client.queue.get())
            awaited: list[asyncio.Future[Any]] = [news] if acting.done() else [news, acting]
            patience = None if self._is_late else max(0.0, late_at - time.monotonic())
            await asyncio.wait(awaited, timeout=patience, return_when=asyncio.FIRST_COMPLETED)
            self._is_late = self._is_late or time.monotonic() >= late_at
            self._say(self._notice)
            if not news.done():
                news.cancel()
                if acting.done():
                    acting.result()
                continue
            for update in news.result():
                self._fold(update)
                is_reached = is_reached or (until is not None and until(update))
                if not is_reached and acting.done():
                    _raise_if_bad(update)
        acting.result()
        while not self._client.queue.empty():  # what came before the acknowledgement
            for update in self._client.queue.get_nowait():
                self._fold(update)

    def _fold(self, update: Update) -> None:
        self.state.apply(update)
        if isinstance(update, events.Notice):
            self._notice = f"{self._run_id}: {inert(update.message)}" if update.message else ""
            self._say(self._notice)
        elif isinstance(update, WorkerSilent):
            self._is_late = True
            self._say(self._notice or update.message)

    def _say(self, reason: str) -> None:
        """Say once what is waited for, where that takes long."""
        if self._is_late and reason and reason != self._said:
            self._said = reason
            print(f"namestui: {reason}", file=sys.stderr, flush=True)


def _naming(run: RunDirectory, error: NoAnswerError) -> str:
    """The reason, inert, with the run named in it once."""
    reason = inert(str(error))
    return reason if run.id in reason else f"{run.id}: {reason}"


def _raise_if_bad(update: Update) -> None:
    match update:
        case StateChanged(state="failed"):
            raise CommandFailedError(f"{update.run} failed: {inert(update.reason)}")
        case WorkerGone():
            tail = f"; its log ends: {update.log_tail[-1]}" if update.log_tail else ""
            raise CommandFailedError(f"{update.run}: {update.reason}{tail}")
