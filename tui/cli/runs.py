"""``namestui runs``: all runs in a table or as JSON, and ``runs rm``."""

from __future__ import annotations

import shutil
import sys
from typing import TYPE_CHECKING

import msgspec
import typer

from namestui.runs.text import inert
from namestui.tui.cli.named_runs import open_store, run_named
from namestui.tui.cli.options import Json, Runs
from namestui.tui.plain.output import say, say_json

if TYPE_CHECKING:
    from namestui.runs.store import RunStore
    from namestui.runs.summary import Summary


def runs(context: typer.Context, json: Json = False) -> None:
    """List all runs, newest first."""
    if context.invoked_subcommand is not None:
        return
    from namestui.runs.summary import summaries
    from namestui.tui.words.runs import runs_table

    store = open_store()
    found = _with_what_workers_say(store, summaries(store))
    if json:
        for summary in found:
            say_json(summary)
    elif found:
        # A terminal shows what fits; a pipe gets everything.
        width = shutil.get_terminal_size().columns if sys.stdout.isatty() else None
        say("\n".join(runs_table(found, width)))
    else:
        say("no runs yet; start some with: namestui")


def _with_what_workers_say(store: RunStore, found: list[Summary]) -> list[Summary]:
    """The same, with what live runs of this host wait for, or that their processes do not answer, and what the machine
    does."""
    from namestui.runs.events import LIVE_STATES
    from namestui.runs.store import host_name

    live = [store.get(one.run) for one in found if one.state in LIVE_STATES and one.host == host_name()]
    if not live:
        return found
    from namestui.engine.link.polling import Polled, poll

    said = poll(live)
    return [msgspec.structs.replace(one, **said.get(one.run, Polled())._asdict()) for one in found]


def rm(run: Runs) -> None:
    """Move runs to the trash folder beside them."""
    from namestui.runs.trash import move_to_trash

    store = open_store()
    for one in [run_named(wanted) for wanted in run]:
        say(inert(f"{one.id} was moved to {move_to_trash(store, one)}"))
