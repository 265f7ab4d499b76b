"""Leaving the terminal as it was found, also when the way out is a signal."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import termios
import threading
import time
from collections.abc import Callable
from typing import Any, NoReturn

from namestui.tui.plain.capabilities import can_move_cursor

MODES_OFF = "".join(f"\x1b[?{mode}l" for mode in (1000, 1002, 1003, 1006, 1015, 1016, 1004, 2004, 2026, 2048))
"""Mouse, focus, paste and size reports off; what is written is shown at once."""
RESET = f"\x18{MODES_OFF}\x1b[?7h\x1b[<u\x1b[?1049l\x1b[?25h\x1b[0m"
"""After whatever sequence was cut short: modes off, lines wrap, usual keys, main screen, cursor shown, no colours."""

WRITER = "textual-output"
"""The thread that writes what Textual draws."""
PATIENCE = 1.0
"""Seconds that a stalled terminal has to take the reset."""


def has_terminal() -> bool:
    """Whether there is a terminal to draw on: Textual reads stdin and writes to stderr."""
    return is_terminal() and can_move_cursor()


def is_terminal() -> bool:
    """Whether a person sits at all three streams."""
    return all(stream is not None and stream.isatty() for stream in (sys.stdin, sys.stdout, sys.__stderr__))


def has_mouse() -> bool:
    """Whether mouse reports do no harm: GNU screen holds back a lone Esc while they are on."""
    return "STY" not in os.environ


class Ending:
    """Ends this process at once where its terminal goes (SIGHUP, end of input) or it is asked to (SIGTERM, SIGINT).

    Nothing is lost by that: the runs are other processes, and which tabs are open is on disk already. A graceful end
    would write to a terminal that may be gone or stalled, and never come back. The signals are not the event loop's,
    which waits for the library's writer where the terminal has stalled.
    """

    SIGNALS = (signal.SIGHUP, signal.SIGTERM, signal.SIGINT)

    def __init__(self, descriptor: int) -> None:
        """``descriptor``: the terminal, whose settings of this moment are given back."""
        self._saved: list[Any] = termios.tcgetattr(descriptor)
        self._before: dict[signal.Signals, Callable[..., Any] | int | None] = {}

    def catch(self) -> None:
        """Catch the signals from now on."""
        if not self._before:
            self._before = {number: signal.signal(number, self._on_signal) for number in self.SIGNALS}

    def release(self) -> None:
        """Leave the signals to who had them before."""
        for number, handler in self._before.items():
            signal.signal(number, handler)
        self._before = {}

    def _on_signal(self, number: int, frame: object) -> None:  # noqa: ARG002
        self.end(number)

    def end(self, number: int) -> NoReturn:
        """Put the terminal back, as far as it is there, and end with the status of this signal; from any thread."""
        with contextlib.suppress(OSError, termios.error):
            # A description of our own: not blocking here must not change how the shell's own writes behave.
            terminal = os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
            if os.tcgetpgrp(terminal) == os.getpgrp():  # else it is another program's now
                termios.tcsetattr(terminal, termios.TCSANOW, self._saved)
                write_stalled(terminal, RESET.encode())
        os._exit(128 + number)


def write_stalled(terminal: int, text: bytes) -> None:
    """Write to a terminal even where nobody reads it: what waits there is thrown away, and no more is added."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.__stderr__.fileno() if sys.__stderr__ is not None else 2)
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        try:
            os.write(terminal, text)
        except BlockingIOError:
            termios.tcflush(terminal, termios.TCOFLUSH)
            for thread in threading.enumerate():
                if thread.name == WRITER and thread.ident is not None:
                    signal.pthread_kill(thread.ident, signal.SIGWINCH)  # out of its write, which holds the terminal
            time.sleep(0.01)
        else:
            return
