"""Workers for fault injection: forked from one process that has torch loaded, each with at most one fault built in.

``engine.worker.main`` runs as it is, with its own session, output file and lock; what is different is named in
``SETTINGS`` (shorter waits), and, for some, one patched system call or method that fails at its n-th use. Nothing in
the product knows of this. ``python -m bench.fault_child`` reads a JSON request a line and answers with a JSON line:
``{"home", "arguments", "fault", "at", "settings"}`` is answered with the pid, ``{"wait": pid}`` with its status. With
``"client": path`` the process is no worker but a client that keeps what it receives in that file.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import itertools
import json
import os
import random
import resource
import signal
import sys
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch

from namestui.engine.link.client import EngineClient
from namestui.engine.recording import recorder, server
from namestui.engine.training.trainer import Trainer
from namestui.engine.worker import __main__ as worker
from namestui.engine.worker import idle, journal
from namestui.runs.events import LoggedEvent, encode
from namestui.runs.store import RunStore

SETTINGS: dict[str, tuple[Any, str, float]] = {
    "save_after": (journal, "SAVE_AFTER", 0.02),
    "save_within": (journal, "SAVE_WITHIN", 25.0),
    "idle_alone": (idle, "IDLE_ALONE", -1.0),
    "stop_within": (recorder, "STOP_WITHIN", 3.0),
    "retry_every": (recorder, "RETRY_EVERY", 0.02),
    "poll_every": (server, "POLL_EVERY", 0.1),
}
"""What is shorter than in production, and by default how short: many checkpoints, and no lingering once finished."""
SYNCED = "synced-confusion.bin"
"""Below the home: the matrices that a power cut cannot take."""


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _at(nth: int, holder: Any, name: str, fault: Callable[..., Any], wanted: Callable[..., bool] | None = None) -> None:
    """Replace ``holder.name``: its n-th use (from 1) that is ``wanted`` is ``fault(real, ...)``, others are real."""
    real, uses = getattr(holder, name), itertools.count(1)

    def patched(*arguments: Any, **keywords: Any) -> Any:
        if (wanted is None or wanted(*arguments)) and next(uses) == nth:
            return fault(real, *arguments, **keywords)
        return real(*arguments, **keywords)

    setattr(holder, name, patched)


def _is_event(_descriptor: int, data: Any) -> bool:
    return bytes(data[:8]) == b'{"kind":'


def _is_temporary(path: Any, *_: Any) -> bool:
    return str(path).endswith(".tmp")


def half_a_line(nth: int) -> None:
    """The n-th line of the log is torn: a part of it is written, then the process is killed."""

    def fault(real: Callable[..., int], descriptor: int, data: bytes) -> None:
        real(descriptor, data[: random.Random(nth).randrange(len(data))])
        _die()

    _at(nth, os, "write", fault, _is_event)


def half_a_matrix(nth: int) -> None:
    """The n-th record of ``confusion.bin`` is torn, then the process is killed."""

    def fault(real: Callable[..., int], descriptor: int, data: bytes, offset: int) -> None:
        real(descriptor, data[: len(data) // 2], offset)
        _die()

    _at(nth, os, "pwrite", fault)


def power_cut(nth: int) -> None:
    """As `half_a_matrix`; beside the runs stands what of ``confusion.bin`` was on the disk: `SYNCED`."""
    real, kept = os.fsync, Path(os.environ["NAMESTUI_HOME"], SYNCED)

    def sync(fd: Any) -> None:
        real(fd)
        file = Path(f"/proc/self/fd/{fd}").resolve()
        if file.name == "confusion.bin":
            kept.write_bytes(file.read_bytes())

    os.fsync = sync
    half_a_matrix(nth)


def half_a_file(nth: int) -> None:
    """The n-th file that is to replace another is cut in the middle of its bytes, then the process is killed."""

    def fault(_real: Callable[..., None], descriptor: int) -> None:
        os.ftruncate(descriptor, os.fstat(descriptor).st_size // 2)
        _die()

    _at(nth, os, "fsync", fault, lambda descriptor: Path(f"/proc/self/fd/{descriptor}").readlink().suffix == ".tmp")


def before_a_sync(nth: int) -> None:
    """Killed before the n-th fsync."""
    _at(nth, os, "fsync", lambda *_: _die())


def before_a_rename(nth: int) -> None:
    """Killed before the n-th rename: some of them fall between the two renames of a checkpoint."""
    _at(nth, os, "replace", lambda *_, **__: _die())


def after_a_rename(nth: int) -> None:
    """Killed after the n-th rename, before the directory is on the disk."""

    def fault(real: Callable[..., None], *arguments: Any, **keywords: Any) -> None:
        real(*arguments, **keywords)
        _die()

    _at(nth, os, "replace", fault)


def after_an_open(nth: int) -> None:
    """Killed when the n-th temporary file has been created and is empty."""

    def fault(real: Callable[..., int], *arguments: Any, **keywords: Any) -> None:
        real(*arguments, **keywords)
        _die()

    _at(nth, os, "open", fault, _is_temporary)


def read_only(nth: int) -> None:
    """From the n-th temporary file on nothing can be created: what a disk that turned read-only does."""
    real, uses = os.open, itertools.count(1)

    def patched(path: Any, flags: int, *rest: Any, **keywords: Any) -> int:
        if _is_temporary(path) and next(uses) >= nth:
            raise OSError(errno.EROFS, os.strerror(errno.EROFS), str(path))
        return real(path, flags, *rest, **keywords)

    os.open = patched


def few_files(most: int) -> None:
    """The process may have ``most`` files open."""
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def out_of_memory(nth: int) -> None:
    """The device is out of memory in the n-th batch."""

    def fault(*_: Any) -> None:
        raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB.\nmore lines")

    _at(nth, Trainer, "_train_batch", fault)


def not_a_number(nth: int) -> None:
    """A weight becomes NaN before the n-th batch."""

    def fault(real: Callable[..., bool], trainer: Trainer, *batch: Any) -> bool:
        with torch.no_grad():
            next(iter(trainer.model.parameters())).fill_(float("nan"))
        return real(trainer, *batch)

    _at(nth, Trainer, "_train_batch", fault)


def unseen(nth: int) -> None:
    """The weights are NaN after the n-th batch, and nothing has checked its loss: as on a GPU, to save the wait."""

    def fault(real: Callable[..., bool], trainer: Trainer, *batch: Any) -> bool:
        taken = real(trainer, *batch)
        trainer._sums.loss += float("nan")
        with torch.no_grad():
            next(iter(trainer.model.parameters())).fill_(float("nan"))
        return taken

    _at(nth, Trainer, "_train_batch", fault)


def infinite(nth: int) -> None:
    """A weight of the output becomes infinite before the n-th batch."""

    def fault(real: Callable[..., bool], trainer: Trainer, *batch: Any) -> bool:
        with torch.no_grad():
            list(trainer.model.parameters())[-1][0] = float("inf")
        return real(trainer, *batch)

    _at(nth, Trainer, "_train_batch", fault)


def mad_clock(seed: int) -> None:
    """The wall clock jumps by up to a year, forth and back, each time it is read."""
    real, draw = time.time, random.Random(seed)
    time.time = lambda: real() + draw.uniform(-3e7, 3e7)


FAULTS: dict[str, Callable[[int], None]] = {
    fault.__name__: fault
    for fault in (
        *(half_a_line, half_a_matrix, power_cut, half_a_file, before_a_sync, before_a_rename, after_a_rename),
        *(few_files, after_an_open, read_only, out_of_memory, not_a_number, unseen, infinite, mad_clock),
    )
}


def _become_client(request: dict[str, Any]) -> int:
    """In the forked process: follow a run as the screen does, each logged event appended to a file, until killed."""
    out = os.open(request["client"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    store = RunStore(Path(request["home"]))

    async def follow() -> None:
        client = EngineClient(store)
        client.open(store.get(request["arguments"][0]))
        while True:
            for update in await client.queue.get():
                if isinstance(update, LoggedEvent):
                    os.write(out, encode(update))

    asyncio.run(follow())
    return 0


def _become_worker(request: dict[str, Any]) -> int:
    """In the forked process: what ``engine.link.launch`` arranges for a worker, then the worker's own ``main``."""
    os.setsid()
    os.chdir("/")
    os.environ["NAMESTUI_HOME"] = request["home"]
    log = Path(request["home"], "runs", request["arguments"][0], "worker.log")
    descriptors = os.open(os.devnull, os.O_RDONLY), os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    for target, source in enumerate((descriptors[0], descriptors[1], descriptors[1])):
        os.dup2(source, target)
    for descriptor in descriptors:
        os.close(descriptor)
    for name, (module, constant, default) in SETTINGS.items():
        setattr(module, constant, request.get("settings", {}).get(name, default))
    if request.get("fault"):
        FAULTS[request["fault"]](request.get("at", 1))
    return worker.main(request["arguments"])


def serve() -> None:
    """Fork a worker for each request until stdin ends."""
    torch.set_num_threads(1)
    torch.optim.AdamW([torch.nn.Parameter(torch.zeros(1))])  # loads what torch loads with its first optimiser: 1 s
    ended: dict[int, int] = {}

    def reap(wanted: int = -1) -> None:
        with contextlib.suppress(ChildProcessError):
            while (found := os.waitpid(wanted, 0 if wanted > 0 else os.WNOHANG))[0]:
                ended[found[0]] = os.waitstatus_to_exitcode(found[1])

    for line in sys.stdin:
        request = json.loads(line)
        reap()
        if "wait" in request:
            if request["wait"] not in ended:
                reap(request["wait"])
            answer = ended[request["wait"]]
        else:
            sys.stdout.flush()
            answer = os.fork()
            if answer == 0:
                status = 70
                try:
                    status = _become_client(request) if request.get("client") else _become_worker(request)
                except BaseException:  # whatever it is, a child must not go on as the server that it was forked from
                    traceback.print_exc()
                finally:
                    sys.stdout.flush()
                    os._exit(status)
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    serve()
