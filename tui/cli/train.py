"""``namestui new`` and ``namestui train``: new runs, on the screen or without one."""

from __future__ import annotations

import os
from typing import Annotated, NoReturn

import typer

from namestui.engine.planning.wanted import UsageError, Wanted
from namestui.tui.cli.named_runs import open_store
from namestui.tui.cli.options import Jobs, Json, MachineFigures, check_machine, wanted_options
from namestui.tui.cli.screen import need_screen, open_screen


@wanted_options("folds")
def new(wanted: Wanted, jobs: Jobs = None) -> None:
    """Open the screen on new runs."""
    need_screen("namestui train does the same in lines")
    from namestui.engine.planning.plan import create, plan
    from namestui.tui.plain.loading_bar import loading_bar

    check_hook()
    store = open_store()
    with loading_bar() as on_progress:
        planned = plan(wanted, store, on_progress)
    runs = create(store, planned)
    open_screen([run.id for run in runs], planned.summary, jobs=jobs or 0)


@wanted_options()
def train(
    wanted: Wanted,
    jobs: Jobs = None,
    detach: Annotated[bool, typer.Option("--detach", help="Start the runs and return at once.")] = False,
    json: Json = False,
    machine: MachineFigures = False,
) -> None:
    """Train without a screen. Ctrl-C stops the runs with a checkpoint; a closed terminal leaves them training."""
    check_machine(machine, json=json)
    train_wanted(wanted, jobs=jobs, detach=detach, json=json, machine=machine)


def train_wanted(
    wanted: Wanted, *, jobs: int | None = None, detach: bool = False, json: bool = False, machine: bool = False
) -> NoReturn:
    """Plan, create and train what is wanted; ends with the exit status."""
    from namestui.engine.planning.plan import create, plan
    from namestui.tui.plain import training
    from namestui.tui.plain.loading_bar import loading_bar

    if detach and wanted.folds > 1:
        raise UsageError("--folds prints the mean at the end, so it cannot be used with --detach")
    if detach and machine:
        raise UsageError("--machine prints while the runs train, so it cannot be used with --detach")
    check_hook()
    store = open_store()
    with loading_bar() as on_progress:
        planned = plan(wanted, store, on_progress)
    runs = create(store, planned)
    if detach:
        status = training.start_detached(store, runs, jobs=jobs or len(runs), json=json)
    else:
        at_once = jobs or max(1, (os.cpu_count() or 1) // wanted.nproc)
        status = training.train_runs(store, runs, planned, jobs=at_once, json=json, machine=machine)
    raise typer.Exit(status)


def check_hook() -> None:
    """Raise UsageError where the user's hook is no command line: hours later it would be too late."""
    from namestui.engine.recording.hook import hook_words

    try:
        hook_words(os.environ)
    except ValueError as error:
        raise UsageError(str(error)) from None
