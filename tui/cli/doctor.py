"""``namestui doctor``: what this machine offers and what may get in the way, each measured now."""

from __future__ import annotations

import locale
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from namestui.engine.link.launch import kills_at_logout, scope
from namestui.runs.store import RunStore
from namestui.runs.text import inert
from namestui.runs.version import VERSION
from namestui.tui.words.format import size

_ASK_TORCH = (
    "import torch; from namestui.engine.nets.devices import available;"
    "print(f'torch {torch.__version__}; devices: ' + ', '.join(available()))"
)


def examine(store: RunStore) -> int:
    """Print one line a check; the exit status is 1 where one of them is bad."""
    status = 0
    for good, text in _checks(store):
        print(f"{'ok ' if good else 'BAD'}  {text}", flush=True)
        status = status if good else 1
    return status


def _checks(store: RunStore) -> Iterator[tuple[bool, str]]:
    yield True, f"namestui {VERSION} on Python {sys.version.split()[0]}, {sys.platform}"
    yield _torch()
    yield _home(store)
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
        last = (answer.stderr.strip().splitlines() or ["it ended without a word"])[-1]
        return False, f"torch cannot be loaded: {inert(last)}"
    return True, answer.stdout.strip()


def _home(store: RunStore) -> tuple[bool, str]:
    shown = inert(str(store.home))
    try:
        store.home.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=store.home):
            pass
    except OSError as error:
        return False, f"{shown} cannot be written: {error.strerror}; NAMESTUI_HOME moves it"
    runs, free = len(store.all()), shutil.disk_usage(store.home).free
    trash = sum(path.lstat().st_size for path in (store.home / "trash").rglob("*"))
    text = f"{runs} runs in {shown}; {size(free)} free; {size(trash)} in its trash folder"
    if free < 100_000_000:
        return False, f"{text}: training waits when the disk is full"
    if store.home.stat().st_mode & 0o077:
        return False, f"{text}; others can look in: chmod 700 {shown}"
    return True, text


def _terminal() -> tuple[bool, str]:
    encoding = locale.getpreferredencoding(False)
    term, colours = os.environ.get("TERM", ""), os.environ.get("COLORTERM", "")
    columns, rows = shutil.get_terminal_size()
    text = f"terminal {inert(term) or 'none'}, COLORTERM {inert(colours) or 'unset'}, {encoding}, {columns}x{rows}"
    if "utf" not in encoding.lower():
        return False, f"{text}: not UTF-8, so the screen is drawn in ASCII; try LANG=C.UTF-8"
    if columns < 80 or rows < 24:
        return False, f"{text}: the screen wants 80x24, better 120x40"
    return True, text


def _logout() -> tuple[bool, str]:
    if not kills_at_logout():
        return True, "logging out does not end your processes: runs train on"
    user = inert(os.environ.get("USER", "$USER"))
    lingers = Path(f"/var/lib/systemd/linger/{os.environ.get('USER', '')}").exists()
    if scope() and lingers:
        return True, "this machine kills processes at logout; runs get a user scope, and lingering keeps it"
    if scope():
        return False, (
            "this machine kills processes at logout, and the user scope that runs get ends with the last session: "
            f"loginctl enable-linger {user} keeps it"
        )
    return False, (
        "this machine kills processes at logout and systemd-run is not there to prevent it: ask for "
        f"KillUserProcesses=no, or for systemd-run and loginctl enable-linger {user}"
    )
