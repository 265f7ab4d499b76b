"""What live workers say of themselves: asked of all of them at once, and answered within a moment."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Sequence
from typing import NamedTuple

import msgspec

from namestui.engine.link.connecting import connect
from namestui.runs import events
from namestui.runs.store import RunDirectory
from namestui.runs.text import inert

ANSWER_WITHIN = 1.0
"""Seconds that a worker has to greet; one that trains does within milliseconds."""
MORE_WITHIN = 0.1
"""Seconds for what a worker sends with its greeting, such as what it waits for."""


class Polled(NamedTuple):
    """What a worker says: what holds its run up (waiting, or a process that does not answer), if anything does, and the
    newest that it has measured of its machine."""

    held_up: str = ""
    machine: events.Machine | None = None


def poll(runs: Sequence[RunDirectory]) -> dict[str, Polled]:
    """By the ids of ``runs``. One without a socket, since its worker starts or lives on another host, says nothing."""
    return asyncio.run(_poll_all(runs))


async def _poll_all(runs: Sequence[RunDirectory]) -> dict[str, Polled]:
    found = await asyncio.gather(*map(_poll, runs))
    return {run.id: polled for run, polled in zip(runs, found, strict=True)}


async def _poll(run: RunDirectory) -> Polled:
    connection = connect(run)
    if connection is None:
        return Polled()
    reader, writer = await asyncio.open_connection(sock=connection, limit=1 << 24)
    waits = ""
    machine: events.Machine | None = None
    try:
        if not await asyncio.wait_for(reader.readline(), ANSWER_WITHIN):
            return Polled()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(MORE_WITHIN):  # in all: a run that trains never stops sending
                while line := await reader.readline():
                    match _decoded(line):
                        case events.Notice() as notice:
                            waits = notice.message
                        case events.Machine() as machine:
                            pass
    except TimeoutError:
        worker = run.worker()
        who = f"process {worker.pid}" if worker is not None else "its process"
        return Polled(f"{who} does not answer")
    except (OSError, ValueError):  # it has just ended, or sends lines without an end
        return Polled()
    finally:
        writer.close()
    return Polled(inert(waits), machine)


def _decoded(line: bytes) -> events.AnyEvent | None:
    try:
        return events.decode(line)
    except msgspec.DecodeError:
        return None
