"""``namestui runs``: all runs in a table or as JSON; ``runs tag``, ``runs untag`` and ``runs rm``."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import msgspec
import typer

from namestui.engine.planning.wanted import UsageError
from namestui.runs.text import inert
from namestui.tui.cli.completion import complete_field, complete_filter
from namestui.tui.cli.named_runs import open_store, run_named
from namestui.tui.cli.options import Json, Runs
from namestui.tui.plain.output import say, say_json

if TYPE_CHECKING:
    from namestui.runs.run_fields import Field
    from namestui.runs.store import RunStore
    from namestui.runs.summary import Summary

Tag = Annotated[str, typer.Argument(metavar="TAG", help="one word")]


def runs(
    context: typer.Context,
    json: Json = False,
    filter_: Annotated[
        str,
        typer.Option(
            "--filter",
            metavar="WORDS",
            help="List runs with these words, and for which these conditions hold: "
            '--filter "model:lstm best>.8 -tag:old rate<=0.01 sweep".',
            show_default=False,
            autocompletion=complete_filter,
        ),
    ] = "",
    sort: Annotated[
        str,
        typer.Option(
            metavar="COLUMN",
            help="Sort by a column or a setting (best: the best first); -COLUMN: the other way round.",
            show_default=False,
            autocompletion=complete_field,
        ),
    ] = "",
    reverse: Annotated[bool, typer.Option("--reverse", help="List in reverse order.")] = False,
    group_by: Annotated[
        str,
        typer.Option(
            metavar="SETTING",
            help="List in groups, each with its number of runs, their best and mean accuracy.",
            show_default=False,
            autocompletion=complete_field,
        ),
    ] = "",
) -> None:
    """List all runs, newest first."""
    if context.invoked_subcommand is not None:
        return
    from namestui.runs.filter_values import FilterError
    from namestui.runs.run_filter import parse_filter
    from namestui.runs.run_groups import group_runs, sort_runs
    from namestui.runs.summary import summaries
    from namestui.tui.words.runs import grouped_table, runs_table

    try:
        wanted = parse_filter(filter_)
    except FilterError as error:
        raise UsageError(f"--filter: {error}") from None
    order = _field("--sort", sort.removeprefix("-")) if sort else None
    common = _field("--group-by", group_by) if group_by else None
    store = open_store()
    there = _with_what_workers_say(store, summaries(store))
    found = [one for one in there if wanted.matches(one)]
    if order is not None:
        found = sort_runs(found, order, is_reversed=reverse != sort.startswith("-"))
    elif reverse:
        found.reverse()
    groups = group_runs(found, common) if common is not None else []
    # A terminal shows what fits; a pipe gets everything.
    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else None
    if json:
        for summary in [one for group in groups for one in group.runs] if groups else found:
            say_json(summary)
    elif not there:
        say("no runs yet; start some with: namestui")
    elif not found:
        say(f"none of the {len(there)} runs matches the filter")
    elif common is not None:
        say("\n".join(grouped_table(common, groups, width)))
    else:
        say("\n".join(runs_table(found, width)))


def _field(option: str, name: str) -> Field:
    from namestui.runs.run_fields import UnknownFieldError, field_named

    try:
        return field_named(name)
    except UnknownFieldError as error:
        raise UsageError(f"{option}: {error}") from None


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


def tag(run: Runs, tag: Tag) -> None:
    """Give runs a tag; list them with: namestui runs --filter tag:TAG."""
    _retag(run, add=[_checked(tag)])


def untag(run: Runs, tag: Tag) -> None:
    """Take a tag from runs."""
    _retag(run, remove=[_checked(tag)])


def _checked(tag: str) -> str:
    if tag.split() != [tag] or inert(tag) != tag:
        raise UsageError(f"a tag is one word of printable characters, not {inert(tag)!r}")
    return tag


def _retag(wanted: Sequence[str], *, add: Sequence[str] = (), remove: Sequence[str] = ()) -> None:
    from namestui.runs.notes import notes_to_change, retagged, write_notes

    found = [run_named(one) for one in wanted]
    # All are read before one is written: where one cannot be read, none is changed.
    for run, notes in [(run, retagged(notes_to_change(run), add=add, remove=remove)) for run in found]:
        write_notes(run, notes)
        say(inert(f"{run.id} has the tags {' '.join(notes.tags)}" if notes.tags else f"{run.id} has no tags"))


def rm(run: Runs) -> None:
    """Move runs to the trash folder beside them."""
    from namestui.runs.trash import move_to_trash

    store = open_store()
    for one in [run_named(wanted) for wanted in run]:
        say(inert(f"{one.id} was moved to {move_to_trash(store, one)}"))
