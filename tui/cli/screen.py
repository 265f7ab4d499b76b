"""Opening the screen from a command."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NoReturn

import typer

from namestui.engine.planning.wanted import UsageError
from namestui.runs.text import inert
from namestui.tui.cli.named_runs import open_store
from namestui.tui.plain.capabilities import can_move_cursor
from namestui.tui.screen.terminal import has_terminal, is_terminal

if TYPE_CHECKING:
    from namestui.engine.link.engine import Engine


def need_screen(instead: str) -> None:
    """Refuse where the screen cannot be drawn, saying what to do ``instead``.

    Raises:
        UsageError: there is no terminal, or one that can only print lines.
    """
    if is_dumb_terminal():
        raise UsageError(
            f"TERM={inert(os.environ.get('TERM', ''))} cannot draw the screen; {instead}, or try TERM=xterm-256color"
        )
    if not has_terminal():
        raise UsageError(f"no terminal for the screen; {instead}")


def is_dumb_terminal() -> bool:
    """Whether there is a terminal, but one that can only print lines."""
    return is_terminal() and not can_move_cursor()


def open_screen(
    run_ids: list[str],
    summary: list[str] | None = None,
    *,
    engine: Engine | None = None,
    attach: bool = False,
    replay: str = "",
    jobs: int = 0,
) -> NoReturn:
    """Show these runs, or those that live, until the user leaves; see `NamesApp`."""
    from namestui.tui.screen.app import NamesApp, show
    from namestui.tui.state.config_file import read_config

    app = NamesApp(
        open_store(),
        run_ids,
        summary or [],
        engine=engine,
        attach=attach,
        replay=replay,
        jobs=jobs,
        config=read_config(),
    )
    raise typer.Exit(show(app))
