"""What this machine offers and what may get in the way of training, each tried now."""

from __future__ import annotations

import contextlib
import fcntl
import locale
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from namestui.engine.link.launch import kills_at_logout, scope
from namestui.runs.store import RunError, RunStore
from namestui.runs.text import inert
from namestui.runs.version import VERSION
from namestui.tui.plain.capabilities import can_move_cursor
from namestui.tui.plain.output import say
from namestui.tui.words.format import size

MIN_FREE = 100_000_000
"""Bytes below which a run may soon have to wait."""
_ASK_TORCH = (
    "import torch; from namestui.engine.nets.devices import available;"
    "print(f'torch {torch.__version__}; devices: ' + ', '.join(available()))"
)


def examine(store: RunStore) -> int:
    """Print one line a check; the exit status is 1 where one of them is bad."""
    status = 0
    for good, text in _checks(store):
        say(f"{'ok ' if good else 'BAD'}  {text}")
        status = status if good else 1
    return status


def _checks(store: RunStore) -> Iterator[tuple[bool, str]]:
    yield True, f"namestui {VERSION} on Python {sys.version.split()[0]}, {sys.platform}"
    yield _torch()
    yield _machine(store)
    yield _disk(store)
    if store.home.is_dir():
        yield locks(store.home)
    yield _terminal()
    yield _logout()


def _torch() -> tuple[bool, str]:
    answer = subprocess.run(
        [sys.executable, "-P", "-c", _ASK_TORCH],
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        check=False,
    )
    if answer.returncode:
        last = (answer.stderr.strip().splitlines() or ["it ended without a message"])[-1]
        return False, f"torch cannot be loaded: {inert(last)}"
    return True, answer.stdout.strip()


def _machine(store: RunStore) -> tuple[bool, str]:
    import psutil

    from namestui.engine.recording.machine import Meter

    meter = Meter(store.home)
    cores, (_, memory) = meter.cores(), meter.memory()
    all_cores, all_memory = psutil.cpu_count() or cores, psutil.virtual_memory().total
    text = f"machine: {cores:g} cores, {size(memory)} of memory"
    if cores < all_cores or memory < all_memory:
        text += f" (this container or job may use no more; the machine has {all_cores} and {size(all_memory)})"
    if meter.gpus is None:
        return True, f"{text}; {inert(meter.why_no_gpus) or 'no NVIDIA GPU'}"
    return True, f"{text}; {len(meter.gpus)} NVIDIA GPU{'s' if len(meter.gpus) != 1 else ''}, measured"


def _disk(store: RunStore) -> tuple[bool, str]:
    shown = inert(str(store.home))
    try:
        store.home.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=store.home):
            pass
        runs, free = len(store.all()), shutil.disk_usage(store.home).free
    except (OSError, RunError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        return False, f"disk: {shown} cannot be written: {reason}; set NAMESTUI_HOME to another folder"
    trash = 0
    for path in (store.home / "trash").rglob("*"):
        with contextlib.suppress(OSError):  # deleted meanwhile
            trash += path.lstat().st_size
    text = f"disk: {runs} runs in {shown}, {size(free)} free, {size(trash)} in its trash folder"
    if free < MIN_FREE:
        return False, f"{text}; training waits while the disk is full: delete what you do not need"
    if store.home.stat().st_mode & 0o077:
        return False, f"{text}; other users can read it: chmod 700 {shown}"
    return True, text


def locks(folder: Path) -> tuple[bool, str]:
    """Whether a file in ``folder`` can be locked: that is how a run is known to live, and held by one worker."""
    try:
        with tempfile.NamedTemporaryFile(dir=folder) as file:
            fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
            other = os.open(file.name, os.O_RDONLY | os.O_CLOEXEC)
            try:
                fcntl.flock(other, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                return True, "locks: this file system keeps two workers from training one run"
            finally:
                os.close(other)
        problem = "a lock does not keep others out"
    except OSError as error:
        problem = f"a file cannot be locked ({error.strerror})"
    return False, (
        f"locks: {problem}, so live runs cannot be recognised, and two workers may train the same run: "
        "set NAMESTUI_HOME to a folder on a local disk"
    )


def _terminal() -> tuple[bool, str]:
    encoding = locale.getencoding()
    term, colours = os.environ.get("TERM", ""), os.environ.get("COLORTERM", "")
    columns, rows = shutil.get_terminal_size()
    shown = inert(term) or "unset"
    text = f"terminal: TERM {shown}, COLORTERM {inert(colours) or 'unset'}, {encoding}, {columns}x{rows}"
    if not can_move_cursor():
        return False, (
            f"{text}; TERM={shown} can neither move the cursor nor show colours: the screen does not start; train and "
            "follow print lines; try TERM=xterm-256color"
        )
    if "utf" not in encoding.lower():
        return False, f"{text}; not UTF-8, so the screen is drawn in ASCII: try LANG=C.UTF-8"
    if columns < 80 or rows < 24:
        return False, f"{text}; the screen needs 80x24 and is best at 120x40: make the window larger"
    return True, text


def _logout() -> tuple[bool, str]:
    if not kills_at_logout():
        return True, "logout: logging out does not end your processes, so runs train on"
    user = inert(os.environ.get("USER", "$USER"))
    lingers = Path(f"/var/lib/systemd/linger/{os.environ.get('USER', '')}").exists()
    if scope() and lingers:
        return True, "logout: this machine kills processes at logout; runs get a user scope, and lingering keeps it"
    if scope():
        return False, (
            "logout: this machine kills processes at logout, and the user scope that runs get ends with the last "
            f"session: loginctl enable-linger {user} keeps it"
        )
    return False, (
        "logout: this machine kills processes at logout, and systemd-run is not there to prevent it: ask for "
        f"KillUserProcesses=no, or for systemd-run and loginctl enable-linger {user}"
    )
