"""Commands to one run from the command line: pause, resume, stop, extend; each waits until it is acknowledged."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from namestui.engine.link.client import EngineClient, Told, WorkerGone
from namestui.runs import commands, events
from namestui.runs.config import MOST_EPOCHS
from namestui.runs.events import LIVE_STATES
from namestui.runs.history import History
from namestui.runs.store import RunDirectory, RunError, RunStore
from namestui.runs.summary import run_state
from namestui.runs.trash import take_from_server


class CommandFailedError(RunError):
    """A command that was sent, or tried, and did not come out: exit status 1."""


PATIENCE = 60.0
"""Seconds to wait for an acknowledgement: loading torch on a busy machine takes some."""
LAST_WORDS = 10.0
"""Seconds that a worker which only answers questions is given to end."""


def pause(store: RunStore, run: RunDirectory) -> str:
    """Pause a training run; what to tell the user.

    Raises:
        RunError: it does not train, or does not answer.
    """
    _need_live(run, "pause")
    _steer(store, run, lambda client: client.send(run.id, commands.Pause), _reached("paused"))
    return f"{run.id} is paused; go on with: namestui resume {run.id}"


def stop(store: RunStore, run: RunDirectory) -> str:
    """Save a checkpoint and end the worker; what to tell the user.

    Raises:
        RunError: it does not train, or does not answer.
    """
    _need_live(run, "stop")
    _steer(store, run, lambda client: client.send(run.id, commands.Stop), _reached("stopped", "finished"))
    return f"{run.id} is stopped; go on with: namestui resume {run.id}"


def resume(
    store: RunStore, run: RunDirectory, *, device: str = "", take_over: bool = False, nproc: int | None = None
) -> str:
    """Go on after a pause, a stop, a failure, a crash; what to tell the user.

    ``device`` and ``nproc`` are for this time only, and for a new worker: one that lives goes on as it is.

    Raises:
        RunError: it trains already, has finished, belongs to another host, or fails.
    """
    state = run_state(run)
    gaps = History.read(run).gaps() if state == "finished" else ""
    if state == "finished" and not gaps:
        raise RunError(f"{run.id} has finished; to train on: namestui extend {run.id} EPOCHS")
    arguments = ["--device", device] if device else []
    is_elsewhere = nproc is not None or bool(device)
    if is_elsewhere and state == "paused" and run.is_locked():
        raise RunError(f"{run.id} is paused: stop it, then it can go on elsewhere, or with more or fewer processes")
    if (is_elsewhere or gaps) and state not in LIVE_STATES and run.is_locked():
        take_from_server(run, LAST_WORDS).release()  # it would train on where it is, or has what it lacks in memory

    def go_on(client: EngineClient) -> None:
        if state == "paused" and run.is_locked():
            client.send(run.id, commands.Resume)
        elif run.is_locked() and state not in LIVE_STATES:
            client.send(run.id, commands.Resume)  # a worker that only answers questions trains when told to
        else:
            client.start(run, *arguments, take_over=take_over, nproc=nproc)

    if state != "paused" and state in LIVE_STATES and run.is_locked():
        raise RunError(f"{run.id} is {state} already")
    waits: list[str] = []

    def goes_on(told: Told) -> bool:
        if isinstance(told, events.Notice) and told.message.startswith("waits for "):
            waits.append(told.message)
        return bool(waits) or _reached("running", "finished")(told)

    _steer(store, run, go_on, goes_on)
    if gaps:
        return f"{run.id} trains again: its log lacks {gaps}; watch it with: namestui attach {run.id}"
    return f"{run.id} {waits[-1] if waits else 'goes on'}; watch it with: namestui attach {run.id}"


def extend(store: RunStore, run: RunDirectory, epochs: int) -> str:
    """Train more epochs than planned, at once where the run has ended; what to tell the user.

    Raises:
        RunError: it does not answer, or epochs is below 1.
    """
    if not 1 <= epochs <= MOST_EPOCHS:
        raise RunError(f"extend takes 1 to {MOST_EPOCHS} epochs, not {epochs}")
    planned: list[int] = []
    is_live = run_state(run) in LIVE_STATES

    def acknowledged(told: Told) -> bool:
        # A run that has ended must train again when this returns: who follows it next would find it finished.
        if isinstance(told, events.EpochsPlanned):
            planned.append(told.epochs)
        return bool(planned) and (is_live or _reached("running")(told))

    _steer(store, run, lambda client: client.send(run.id, commands.Extend, epochs=epochs), acknowledged)
    return f"{run.id} is planned to {planned[-1]} epochs; watch it with: namestui attach {run.id}"


def _need_live(run: RunDirectory, wish: str) -> None:
    state = run_state(run)
    if state not in LIVE_STATES:
        raise RunError(f"{run.id} is {state}: nothing to {wish}")


def _reached(*states: str) -> Callable[[Told], bool]:
    return lambda told: isinstance(told, events.StateChanged) and told.state in states


def _steer(
    store: RunStore, run: RunDirectory, act: Callable[[EngineClient], object], done: Callable[[Told], bool]
) -> None:
    """Follow ``run`` past its history, ``act``, and wait for what is ``done`` from then on."""

    async def steer() -> None:
        client = EngineClient(store)
        client.open(run)
        try:
            async with asyncio.timeout(PATIENCE):
                while not any(isinstance(told, events.Greeting | WorkerGone) for told in await client.queue.get()):
                    pass
                act(client)
                while True:
                    for told in await client.queue.get():
                        if done(told):
                            return
                        _raise_if_bad(told)
        except TimeoutError:
            raise CommandFailedError(f"{run.id} did not answer within {PATIENCE:.0f} s; see its worker.log") from None
        finally:
            await client.close()

    asyncio.run(steer())


def _raise_if_bad(told: Told) -> None:
    match told:
        case events.Refused():
            raise CommandFailedError(f"{told.run}: {told.reason}")
        case events.StateChanged(state="failed"):
            raise CommandFailedError(f"{told.run} failed: {told.reason}")
        case WorkerGone():
            tail = f"; its log ends: {told.log_tail[-1]}" if told.log_tail else ""
            raise CommandFailedError(f"{told.run}: {told.reason}{tail}")
