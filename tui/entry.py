"""The way in. Without arguments the screen is on its way before the command line's own machinery is loaded."""

from __future__ import annotations

import sys

from namestui.tui.screen.terminal import has_terminal, is_terminal

DUMB = "namestui: TERM=dumb: no screen here; `namestui train` works without one"


def main() -> None:
    """Entry point of ``namestui`` and ``python -m namestui.tui``."""
    if len(sys.argv) == 1 and is_terminal():
        if not has_terminal():
            print(DUMB, file=sys.stderr)
            sys.exit(2)
        from namestui.runs.store import RunStore
        from namestui.tui.screen.app import NamesApp, show

        sys.exit(show(NamesApp(RunStore())))
    from namestui.tui.cli.app import main as command_line

    command_line()
