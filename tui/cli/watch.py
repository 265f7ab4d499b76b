"""``namestui attach``, ``follow`` and ``replay``: what runs do, and did."""

from __future__ import annotations

from typing import Annotated

import typer

from namestui.tui.cli.named_runs import open_store, run_named
from namestui.tui.cli.options import Json, MachineFigures, Run, Runs, check_machine
from namestui.tui.cli.screen import need_screen, open_screen

_IN_LINES = "namestui follow RUN prints a run in lines"


def attach(run: Runs) -> None:
    """Open the screen on these runs, whatever their state."""
    need_screen(_IN_LINES)
    open_screen([run_named(wanted).id for wanted in run], attach=True)


def follow(run: Run = "last", json: Json = False, machine: MachineFigures = False) -> None:
    """Print a run in lines. Its history comes first, then what it does, until it ends."""
    from namestui.tui.plain.follow_run import follow_run

    check_machine(machine, json=json)
    raise typer.Exit(follow_run(open_store(), run_named(run), json=json, machine=machine))


def replay(
    run: Run,
    speed: Annotated[float, typer.Option(help="how many times as fast", min=0.01)] = 1.0,
) -> None:
    """Play a recorded run on the screen as if live."""
    need_screen(_IN_LINES)
    found = run_named(run)
    found.config()
    from namestui.tui.state.replay import ReplayEngine

    open_screen([found.id], engine=ReplayEngine(speed), attach=True, replay=f"replay, speed {speed:g}")
