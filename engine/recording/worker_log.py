"""The worker's standard error, which is its ``worker.log``: on a full disk that cannot be written either."""

from __future__ import annotations

import contextlib
import sys
import traceback


def note(what: BaseException | str) -> None:
    """Write a line, or an error with its traceback, as far as there is room."""
    with contextlib.suppress(OSError):
        if isinstance(what, str):
            print(what, file=sys.stderr, flush=True)
        else:
            traceback.print_exception(what)
            sys.stderr.flush()
