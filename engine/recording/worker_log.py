"""What a worker prints for ``worker.log``, which is its stderr: on a full disk that fails, and must end nothing."""

from __future__ import annotations

import contextlib
import sys
import traceback


def report(line: str) -> None:
    """Print one line, if there is room for it."""
    with contextlib.suppress(OSError):
        print(f"namestui: {line}", file=sys.stderr)


def report_exception(error: BaseException) -> None:
    """Print the traceback of ``error``, if there is room for it."""
    with contextlib.suppress(OSError):
        traceback.print_exception(error)
