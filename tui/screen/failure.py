"""An error of ours that ended the screen: all of it in a file, one line for the user."""

from __future__ import annotations

import os
import time
import traceback
from pathlib import Path

from namestui.runs.text import inert

LOG = "screen.log"


def record_failure(home: Path, error: BaseException) -> str:
    """Write ``error`` with its traceback to ``screen.log`` in ``home``; the line that says what and where."""
    what = inert(f"{type(error).__name__}: {error}".partition("\n")[0])
    path = home / LOG
    text = time.strftime("%Y-%m-%d %H:%M:%S %z\n") + "".join(traceback.format_exception(error))
    try:
        _replace(path, text)
    except OSError as problem:
        where = f"{inert(str(path))} cannot be written: {problem.strerror}"
    else:
        where = f"details in {inert(str(path))}"
    return f"namestui: the screen has failed, the runs have not: {what}; {where}"


def _replace(path: Path, text: str) -> None:
    """The last failure alone is kept; a link or a pipe of that name is refused."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_NONBLOCK
    with os.fdopen(os.open(path, flags, 0o600), "w", encoding="utf-8", errors="backslashreplace") as file:
        file.write(text)
