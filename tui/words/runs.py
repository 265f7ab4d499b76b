"""``namestui runs``: all runs in a table, or as JSON."""

from __future__ import annotations

import sys

import msgspec

from namestui.runs.store import RunStore
from namestui.runs.summary import Summary, summaries
from namestui.runs.text import inert
from namestui.tui.words.format import age, percent, size

HEADINGS = ("run", "model", "state", "epochs", "best", "age", "size", "host", "corpus", "name")


def row(summary: Summary) -> tuple[str, ...]:
    """The cells of one run, under ``HEADINGS``; inert."""
    name = " ".join([summary.name, *(f"#{tag}" for tag in summary.tags)]).strip()
    return (
        inert(summary.run),
        inert(summary.model),
        summary.state,
        f"{summary.epoch}/{summary.epochs}",
        "" if summary.best_accuracy is None else percent(summary.best_accuracy),
        age(summary.age),
        size(summary.size),
        inert(summary.host),
        inert(summary.corpus),
        inert(summary.error or name),
    )


def list_runs(store: RunStore, *, json: bool) -> None:
    """Print all runs, newest first."""
    found = summaries(store)
    if json:
        for summary in found:
            sys.stdout.write(msgspec.json.encode(summary).decode() + "\n")
        return
    if not found:
        print("no runs yet; namestui starts some")
        return
    table = [HEADINGS, *(row(summary) for summary in found)]
    widths = [max(len(cells[i]) for cells in table) for i in range(len(HEADINGS))]
    for cells in table:
        print("  ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)).rstrip())
