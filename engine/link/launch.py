"""Starting workers, detached: they outlive the screen, its terminal and its session. No torch here."""

from __future__ import annotations

import contextlib
import functools
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence

from namestui.data.safe_files import open_file
from namestui.runs.decoding import system_reason
from namestui.runs.events import LIVE_STATES
from namestui.runs.initial_weights import needs_weights
from namestui.runs.process import WORKER, worker_info
from namestui.runs.store import RunDirectory, RunError, RunLock, RunStore, host_name
from namestui.runs.summary import current_state
from namestui.runs.text import inert


def in_turn(runs: Sequence[RunDirectory], jobs: int) -> list[tuple[RunDirectory, Sequence[RunDirectory]]]:
    """The runs to be started, in this order, each with the runs it waits for if at most ``jobs`` train at once."""
    return [(run, runs[:i] if i >= jobs else ()) for i, run in enumerate(runs)]


class DetachedProcess(subprocess.Popen[bytes]):
    """A process that is meant to outlive the one that started it: that it still runs is nothing to warn of."""

    def __del__(self) -> None:
        """Let the system have it, and have it waited for where it ends before us."""
        super().__del__(_warn=_say_nothing)  # type: ignore[call-arg]  # typeshed does not know it


def _say_nothing(*_arguments: object, **_options: object) -> None:
    """In place of ``warnings.warn``."""


def launch(
    store: RunStore,
    run: RunDirectory,
    *,
    after: Sequence[RunDirectory] = (),
    jobs: int = 1,
    device: str = "",
    serve: bool = False,
    take_over: bool = False,
    nproc: int | None = None,
) -> subprocess.Popen[bytes]:
    """Start the worker of ``run`` in a session of its own; it trains on from where the run stands.

    The run's lock is taken here and inherited by the worker, so that a second start is refused at once and no
    moment passes in which the run seems dead. It waits until fewer than ``jobs`` of the runs ``after`` have yet to
    end. ``device`` is for this time only; with ``serve`` it answers questions, and trains only when asked to.
    ``take_over`` takes a run that lives, or died, on another host. ``nproc`` processes train together, or as many as
    the config says; of several, torch's launcher is the one that is started here: it holds the lock for them.

    Raises:
        RunError: a worker trains it already, here or perhaps on another host; its config cannot be read; or the
            process cannot be started.
    """
    if not take_over:
        _refuse_foreign(run)
    config = run.config()
    nproc = 1 if serve else nproc or config.nproc
    arguments = ["--device", device] if device else []
    if serve:
        arguments.append("--serve")
    if after:
        arguments += ["--jobs", str(jobs), "--after", *(one.id for one in after)]
    try:
        if nproc > 1 and (needs_weights(run, config) or after):
            arguments = ["--nproc", str(nproc), *arguments]  # one process waits, and then becomes the launcher
            nproc = 1
        process = _spawn(store, run, arguments, nproc)
    except OSError as error:
        raise RunError(f"run {inert(run.id)}: cannot start a worker: {system_reason(error)}") from None
    if serve:
        _note_server(run, process.pid)
    return process


def _spawn(store: RunStore, run: RunDirectory, arguments: Sequence[str], nproc: int) -> subprocess.Popen[bytes]:
    lock = RunLock(run)
    try:
        log = open_file(run.log_file, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        try:
            return DetachedProcess(
                [*scope(), *command(run, lock.descriptor, nproc), *arguments],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                pass_fds=(lock.descriptor,),
                cwd="/",
                env=environment(store, nproc),
            )
        finally:
            os.close(log)
    finally:
        lock.release()


def command(run: RunDirectory, lock: int, nproc: int) -> list[str]:
    """The command line of a worker that inherits descriptor ``lock``; its last arguments are those of the worker."""
    # -P: neither the current directory nor the run's can put modules in the way.
    worker = [sys.executable, "-P", "-m", WORKER, run.id, "--lock", str(lock)]
    if nproc == 1:
        return worker
    torchrun = [sys.executable, "-P", "-m", "torch.distributed.run", "--standalone", "--local-addr", "localhost"]
    return [*torchrun, "--max-restarts", "0", "--nnodes", "1", "--nproc-per-node", str(nproc), "--no-python", *worker]


def environment(store: RunStore, nproc: int) -> dict[str, str]:
    """This process's environment for a worker, without what a launcher that started us may have put there."""
    inherited = {
        name: value
        for name, value in os.environ.items()
        if name not in ("RANK", "WORLD_SIZE") and not name.startswith(("PET_", "TORCHELASTIC_"))
    }
    several = {"OMP_NUM_THREADS": "1"} if nproc > 1 else {}
    if nproc > 1 and sys.platform == "linux":
        several["GLOO_SOCKET_IFNAME"] = "lo"  # one machine: no network may come into it
    return {**several, **inherited, "NAMESTUI_HOME": str(store.home), "PYTHONUNBUFFERED": "1"}


@functools.cache
def kills_at_logout() -> bool:
    """Whether this machine's logind kills a user's processes at the last logout (``KillUserProcesses=yes``)."""
    loginctl = shutil.which("loginctl")
    if loginctl is None:
        return False
    try:
        answer = subprocess.run(
            [loginctl, "show", "--property=KillUserProcesses", "--value"],
            capture_output=True,
            text=True,
            timeout=2,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return answer.stdout.strip().lower() == "yes"


def scope() -> list[str]:
    """What to put before a worker's command so that it survives a logout; empty where nothing is needed or there."""
    systemd_run = shutil.which("systemd-run") if kills_at_logout() else None
    return [systemd_run, "--user", "--scope", "--quiet", "--collect", "--"] if systemd_run else []


def _note_server(run: RunDirectory, pid: int) -> None:
    """Say at once that who holds the run only serves it: it would count as trained until its worker says so itself."""
    worker = run.worker()
    if worker is None or worker.pid != pid:  # else it was quicker
        with contextlib.suppress(OSError):  # the worker waits until there is room
            run.write_worker(worker_info(run, pid, serves=True))


def _refuse_foreign(run: RunDirectory) -> None:
    worker = run.worker()
    if worker is not None and worker.host != host_name() and current_state(run) in LIVE_STATES:
        raise RunError(
            f"run {inert(run.id)} belongs to host {inert(worker.host)}; if it has ended there: "
            f"namestui resume {inert(run.id)} --take-over"
        )
