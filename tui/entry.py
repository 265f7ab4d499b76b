"""The way in. Without arguments the screen is on its way before the command line's own machinery is loaded."""

from __future__ import annotations

import sys


def has_terminal() -> bool:
    """Whether there is a terminal to draw on: Textual reads stdin and writes to stderr."""
    return all(stream is not None and stream.isatty() for stream in (sys.stdin, sys.stdout, sys.__stderr__))


def main() -> None:
    """Entry point of ``namestui`` and ``python -m namestui.tui``."""
    if len(sys.argv) == 1 and has_terminal():
        from namestui.runs.store import RunStore
        from namestui.tui.app import NamesApp, show

        sys.exit(show(NamesApp(RunStore())))
    from namestui.tui.cli import main as command_line

    command_line()
