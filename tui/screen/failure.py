"""An error of ours that ended the screen: all of it in a file, one line for the user."""

from __future__ import annotations

import os
import time
import traceback
from pathlib import Path

from namestui.data.safe_files import replacing
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
    """The last failure alone is kept; a link or a pipe of that name makes room for it."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    own = Path(os.path.realpath(path.parent))  # the home itself may be a link: that is the user's choice
    with replacing(own / path.name, durable=False) as file:
        file.write(text.encode("utf-8", "backslashreplace"))
