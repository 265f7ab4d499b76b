"""What holds up runs whose workers live: asked of all of them at once, and answered within a moment."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Sequence

import msgspec

from namestui.engine.link.connecting import connect
from namestui.runs import events
from namestui.runs.store import RunDirectory
from namestui.runs.text import inert

ANSWER_WITHIN = 1.0
"""Seconds that a worker has to greet; one that trains does within milliseconds."""
MORE_WITHIN = 0.1
"""Seconds for what a worker sends with its greeting, such as what it waits for."""


def what_holds_up(runs: Sequence[RunDirectory]) -> dict[str, str]:
    """By the ids of those ``runs`` that are held up: what each waits for, or which process does not answer.

    A run without a socket, because its worker is starting or lives on another host, is not among them.
    """
    return asyncio.run(_poll_all(runs))


async def _poll_all(runs: Sequence[RunDirectory]) -> dict[str, str]:
    found = await asyncio.gather(*map(_poll, runs))
    return {run.id: text for run, text in zip(runs, found, strict=True) if text}


async def _poll(run: RunDirectory) -> str:
    connection = connect(run)
    if connection is None:
        return ""
    reader, writer = await asyncio.open_connection(sock=connection, limit=1 << 24)
    waits = ""
    try:
        if not await asyncio.wait_for(reader.readline(), ANSWER_WITHIN):
            return ""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(MORE_WITHIN):  # in all: a run that trains never stops sending
                while line := await reader.readline():
                    if isinstance(event := _decoded(line), events.Notice):
                        waits = event.message
    except TimeoutError:
        worker = run.worker()
        return f"process {worker.pid} does not answer" if worker is not None else "its process does not answer"
    except (OSError, ValueError):  # it has just ended, or sends lines without an end
        return ""
    finally:
        writer.close()
    return inert(waits)


def _decoded(line: bytes) -> events.AnyEvent | None:
    try:
        return events.decode(line)
    except msgspec.DecodeError:
        return None
