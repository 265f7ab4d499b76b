"""Whether the process that ``worker.json`` names is this run's worker, and signalling it only if it is.

A run's directory may be damaged, copied or somebody else's: its pid may be -1, or that of a stranger by now.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from namestui.runs.sockets import socket_path
from namestui.runs.store import RunDirectory, WorkerInfo, boot_id, host_name
from namestui.runs.text import inert

WORKER = "namestui.engine.worker"
"""The module that a worker's command line runs, followed by its run's id."""
MAX_PID = (1 << 31) - 1
"""Beyond this no kernel has one; 1 is never a worker, and what is below stands for many processes."""
PROC = Path("/proc")


def start_time(pid: int) -> int:
    """When a process began, in the kernel's ticks since the boot; 0 where that cannot be read."""
    try:
        # The name, in parentheses, may hold spaces and parentheses itself; the rest are numbers (proc(5), field 22).
        return int((PROC / str(pid) / "stat").read_bytes().rpartition(b")")[2].split()[19])
    except (OSError, ValueError, IndexError):
        return 0


def worker_info(run: RunDirectory, pid: int, *, serves: bool) -> WorkerInfo:
    """What ``worker.json`` says of a process of this host that has just become the worker of ``run``."""
    return WorkerInfo(
        host=host_name(),
        boot_id=boot_id(),
        pid=pid,
        started=time.time(),
        socket=inert(str(socket_path(run.path))),
        start_time=start_time(pid),
        serves=serves,
    )


def signal_worker(run: RunDirectory, number: signal.Signals) -> bool:
    """Send a signal to the worker of this host that ``worker.json`` names; False where no such process is its worker.

    What is compared: host, boot, the start time of the process, its user, its command line and its home.
    """
    info = run.worker()
    if info is None:
        return False
    if not 1 < info.pid <= MAX_PID:
        return False
    with contextlib.suppress(ProcessLookupError, PermissionError):
        with contextlib.ExitStack() as stack:
            send = _sender(info.pid, stack)  # first: from here on the pid cannot become another process's
            if not _is_worker(run, info):
                return False
            send(number)
        return True
    return False


def is_trained(run: RunDirectory) -> bool:
    """Whether a worker of this host holds the run, and not only to answer questions about it."""
    if not run.is_locked():
        return False
    info = run.worker()
    return info is None or not info.serves or not _is_worker(run, info)


def _is_worker(run: RunDirectory, info: WorkerInfo) -> bool:
    if (info.host, info.boot_id) != (host_name(), boot_id()):
        return False
    if not PROC.joinpath("self/stat").exists():
        return _runs_worker(_words_by_ps(info.pid), run.id)
    if info.start_time and start_time(info.pid) != info.start_time:
        return False
    process = PROC / str(info.pid)
    try:
        if process.stat().st_uid != os.getuid():
            return False
        words = [os.fsdecode(word) for word in (process / "cmdline").read_bytes().split(b"\0")]
        environment = (process / "environ").read_bytes().split(b"\0")
        homes = [Path(os.fsdecode(line)).expanduser() for line in _values(environment, b"NAMESTUI_HOME")]
        return _runs_worker(words, run.id) and all(home.samefile(run.path.parent.parent) for home in homes)
    except OSError:
        return False


def _runs_worker(words: Sequence[str], run_id: str) -> bool:
    """Whether a command line runs the worker of this run; torch's launcher, which holds the lock for several, has it
    as the end of its own."""
    return any(tuple(words[i : i + 3]) == ("-m", WORKER, run_id) for i in range(len(words)))


def _words_by_ps(pid: int) -> list[str]:
    """The command line of a process of this user where there is no ``/proc`` (macOS); empty where there is none."""
    command = ["ps", "-ww", "-o", "uid=", "-o", "command=", "-p", str(pid)]
    try:
        words = subprocess.run(command, capture_output=True, text=True, timeout=5, check=False).stdout.split()
    except (OSError, subprocess.TimeoutExpired):
        return []
    return words[1:] if words[:1] == [str(os.getuid())] else []


def _values(environment: Sequence[bytes], name: bytes) -> list[bytes]:
    return [value for key, _, value in (line.partition(b"=") for line in environment) if key == name]


def _sender(pid: int, stack: contextlib.ExitStack) -> Callable[[signal.Signals], None]:
    """What signals the process that has this pid now, and no later one where the kernel knows how (Linux 5.3)."""
    if sys.platform == "linux":
        with contextlib.suppress(OSError):
            descriptor = os.pidfd_open(pid)
            stack.callback(os.close, descriptor)
            return lambda number: signal.pidfd_send_signal(descriptor, number)
    return lambda number: os.kill(pid, number)
