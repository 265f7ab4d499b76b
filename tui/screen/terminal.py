"""Leaving the terminal as it was found, also when the way out is a signal."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
import termios
from typing import Any

RESET = (
    "\x1b[?1000l\x1b[?1002l\x1b[?1003l\x1b[?1006l\x1b[?1015l\x1b[?1004l\x1b[?2004l\x1b[<u\x1b[?1049l\x1b[?25h\x1b[0m"
)
"""Mouse, focus and paste reports off, keyboard protocol back, alternate screen left, cursor shown."""

LOOK_EVERY = 1.0
"""Seconds between looks at whether the terminal is still there."""


def has_terminal() -> bool:
    """Whether there is a terminal to draw on: Textual reads stdin and writes to stderr."""
    return all(stream is not None and stream.isatty() for stream in (sys.stdin, sys.stdout, sys.__stderr__))


class TerminalWatch:
    """Ends this process when its terminal goes (SIGHUP, end of input) or someone wants it gone (SIGTERM, SIGINT).

    Nothing is lost by ending at once: the runs are other processes, and which tabs are open is on disk already. A
    graceful end would write to a terminal that may be gone or stalled, and never come back; under nohup, where SIGHUP
    is ignored, it would spin.
    """

    def __init__(self) -> None:
        self._saved: list[Any] | None = None
        with contextlib.suppress(termios.error, OSError, ValueError):
            self._saved = termios.tcgetattr(sys.stdin.fileno())

    def watch(self, loop: asyncio.AbstractEventLoop) -> None:
        """Catch the signals from now on."""
        if self._saved is None:
            return  # no terminal of ours, as in tests: nothing to lose
        for number in (signal.SIGHUP, signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self.end, number)

    def look(self) -> None:
        """End where the terminal is gone without a signal."""
        if self._saved is None:
            return
        try:
            termios.tcgetattr(sys.stdin.fileno())
        except (termios.error, OSError):
            self.end(signal.SIGHUP)

    def end(self, number: int) -> None:
        """Put the terminal back, as far as it is there, and end with the status of this signal."""
        with contextlib.suppress(OSError, termios.error):
            # A description of our own: not blocking here must not change how the shell's own writes behave.
            terminal = os.open("/dev/tty", os.O_WRONLY | os.O_NOCTTY | os.O_NONBLOCK)
            os.write(terminal, RESET.encode())
            termios.tcsetattr(terminal, termios.TCSANOW, self._saved or termios.tcgetattr(terminal))
        os._exit(128 + number)
