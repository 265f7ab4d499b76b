"""What signals do to a program that reports in bars or lines: the terminal is left as it was found."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Callable

from namestui.tui.plain.reporters import Reporter


def handle_signals(loop: asyncio.AbstractEventLoop, reporter: Reporter, on_interrupt: Callable[[], None]) -> None:
    """From now on Ctrl-C calls ``on_interrupt``; what stops or ends us has ``reporter`` leave the terminal first.

    What is ignored, as SIGHUP is under nohup, stays ignored.
    """
    loop.add_signal_handler(signal.SIGINT, on_interrupt)
    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is signal.SIG_DFL:
            loop.add_signal_handler(number, _end, loop, reporter, number)
    if signal.getsignal(signal.SIGTSTP) is signal.SIG_DFL:
        loop.add_signal_handler(signal.SIGTSTP, _stop, loop, reporter)


def _end(loop: asyncio.AbstractEventLoop, reporter: Reporter, number: signal.Signals) -> None:
    loop.remove_signal_handler(number)
    reporter.close()
    signal.raise_signal(number)


def _stop(loop: asyncio.AbstractEventLoop, reporter: Reporter) -> None:
    """Be stopped, and come back when somebody says so (``fg``)."""
    loop.remove_signal_handler(signal.SIGTSTP)
    reporter.suspend()
    os.kill(os.getpid(), signal.SIGTSTP)  # we stand here until SIGCONT comes
    reporter.resume()
    loop.add_signal_handler(signal.SIGTSTP, _stop, loop, reporter)
