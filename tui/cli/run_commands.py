"""``namestui pause``, ``resume``, ``stop`` and ``extend``: commands to one run; how they are sent is in ``control``."""

from __future__ import annotations

from typing import Annotated

import typer

from namestui.runs.text import inert
from namestui.tui.cli.named_runs import open_store, run_named
from namestui.tui.cli.options import Run
from namestui.tui.plain.output import say


def pause(run: Run) -> None:
    """Pause a run; its worker waits."""
    from namestui.tui.cli import control

    say(inert(control.pause_run(open_store(), run_named(run))))


def resume(
    run: Run,
    device: Annotated[str, typer.Option(help="device to train on (default: the run's)", show_default=False)] = "",
    nproc: Annotated[
        int | None, typer.Option(help="train with this many processes (default: as planned)", show_default=False)
    ] = None,
    take_over: Annotated[
        bool, typer.Option("--take-over", help="Take over a run of another host; it must have ended there.")
    ] = False,
) -> None:
    """Resume a run from its last checkpoint. It may have been paused or stopped, have failed or crashed."""
    from namestui.engine.planning.plan import check_resume
    from namestui.tui.cli import control

    found = run_named(run)
    check_resume(found, device, nproc)
    say(inert(control.resume_run(open_store(), found, device=device, take_over=take_over, nproc=nproc)))


def stop(run: Run) -> None:
    """Save a checkpoint and end the worker; the run can be resumed."""
    from namestui.tui.cli import control

    say(inert(control.stop_run(open_store(), run_named(run))))


def extend(run: Run, epochs: Annotated[int, typer.Argument(help="epochs more than planned")]) -> None:
    """Train a run longer, at the last learning rate of its schedule."""
    from namestui.tui.cli import control

    say(inert(control.extend_run(open_store(), run_named(run), epochs)))
