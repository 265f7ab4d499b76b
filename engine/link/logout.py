"""What a logout would do to runs, said once."""

from __future__ import annotations

import contextlib
import os

from namestui.data.safe_files import open_file
from namestui.engine.link.launch import kills_at_logout, scope
from namestui.runs.store import RunStore


def warn_of_logout(store: RunStore) -> str:
    """One line where a logout would kill workers and nothing here prevents it; empty otherwise, and the next time."""
    if not kills_at_logout() or scope():
        return ""
    if store.logout_file.exists():
        return ""
    with contextlib.suppress(OSError):  # then it is said again
        store.home.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(open_file(store.logout_file, os.O_WRONLY | os.O_CREAT))
    return "this machine kills your processes when you log out, runs included: see namestui doctor"
