"""The way in. Without arguments the screen is on its way before the command line's own machinery is loaded."""

from __future__ import annotations

import os
import sys

from namestui.tui.screen.terminal import has_terminal

COMPLETING = "_NAMESTUI_COMPLETE"
"""Is set where a shell asks what may come next on its command line."""


def main() -> None:
    """Entry point of ``namestui`` and ``python -m namestui.tui``."""
    if len(sys.argv) == 1 and has_terminal() and COMPLETING not in os.environ:
        from namestui.runs.store import RunError, RunStore
        from namestui.tui.screen.app import NamesApp, show
        from namestui.tui.state.config_environment import set_environment
        from namestui.tui.state.config_file import read_config

        config = read_config()
        set_environment(config.config, os.environ)
        try:
            store = RunStore()
        except RunError as error:
            print(f"namestui: {error}", file=sys.stderr)
            sys.exit(2)
        sys.exit(show(NamesApp(store, config=config)))
    from namestui.tui.cli.app import main as command_line

    command_line()
