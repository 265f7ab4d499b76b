"""The way in. Without arguments the screen is on its way before the command line's own machinery is loaded."""

from __future__ import annotations

import sys

from namestui.tui.screen.terminal import has_terminal


def main() -> None:
    """Entry point of ``namestui`` and ``python -m namestui.tui``."""
    if len(sys.argv) == 1 and has_terminal():
        from namestui.runs.store import RunError, RunStore
        from namestui.tui.screen.app import NamesApp, show

        try:
            store = RunStore()
        except RunError as error:
            print(f"namestui: {error}", file=sys.stderr)
            sys.exit(2)
        sys.exit(show(NamesApp(store)))
    from namestui.tui.cli.app import main as command_line

    command_line()
