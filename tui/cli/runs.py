"""``namestui runs``: all runs in a table or as JSON, and ``runs rm``."""

from __future__ import annotations

import shutil
import sys

import typer

from namestui.runs.text import inert
from namestui.tui.cli.named_runs import open_store, run_named
from namestui.tui.cli.options import Json, Runs
from namestui.tui.plain.output import say, say_json


def runs(context: typer.Context, json: Json = False) -> None:
    """List all runs, newest first."""
    if context.invoked_subcommand is not None:
        return
    from namestui.runs.summary import summaries
    from namestui.tui.words.runs import runs_table

    found = summaries(open_store())
    if json:
        for summary in found:
            say_json(summary)
    elif found:
        # A terminal shows what fits; a pipe gets everything.
        width = shutil.get_terminal_size().columns if sys.stdout.isatty() else None
        say("\n".join(runs_table(found, width)))
    else:
        say("no runs yet; start some with: namestui")


def rm(run: Runs) -> None:
    """Move runs to the trash folder beside them."""
    from namestui.runs.trash import move_to_trash

    store = open_store()
    for one in [run_named(wanted) for wanted in run]:
        say(inert(f"{one.id} was moved to {move_to_trash(store, one)}"))
