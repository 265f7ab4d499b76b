"""All runs in a table: whole, or as much of it as a terminal has columns for."""

from __future__ import annotations

from collections.abc import Sequence

from namestui.runs.differences import settings_text
from namestui.runs.summary import Summary
from namestui.runs.text import inert
from namestui.tui.words.format import age, percent, size
from namestui.tui.words.table import GAP, aligned, cell_len, shorten

HEADINGS = ("run", "model", "state", "epochs", "best", "age", "size", "host", "corpus", "settings", "name")
_DROP_ORDER = ("size", "host", "model", "corpus", "age")
"""What a narrow terminal leaves out, first to last; an id names the model, and ``--json`` all."""
_MIN_WIDTH = {"name": 8, "settings": 8, "corpus": 8}
"""Columns that are shortened, and to how many cells, before others are left away."""


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
        inert(settings_cell(summary)),
        inert("; ".join(filter(None, (summary.error, summary.held_up))) or name),
    )


def settings_cell(summary: Summary) -> str:
    """What of the run is otherwise than its recipe has it, its split and its seed among it."""
    found = dict(summary.settings)
    if summary.seed:
        found["seed"] = summary.seed
    if summary.split == "random" and summary.settings.get("recipe") != "report":
        found["split"] = summary.split
    return settings_text(found)


def runs_table(summaries: Sequence[Summary], width: int | None = None) -> list[str]:
    """A heading and a line a run; with a ``width``, of at most that many cells each."""
    table = [HEADINGS, *map(row, summaries)]
    shown = [
        i for i, heading in enumerate(HEADINGS) if heading in ("run", "state") or any(cells[i] for cells in table[1:])
    ]
    if width is not None:
        table, shown = _fitted(table, shown, width)
    return aligned([[cells[i] for i in shown] for cells in table])


def _fitted(table: Sequence[tuple[str, ...]], shown: list[int], width: int) -> tuple[list[tuple[str, ...]], list[int]]:
    widths = [max(cell_len(cells[i]) for cells in table) for i in range(len(HEADINGS))]

    def excess() -> int:
        return sum(widths[i] for i in shown) + len(GAP) * (len(shown) - 1) - width

    for heading in _DROP_ORDER:
        # What can be shortened still says something: the rest goes first.
        if sum(max(widths[i] - _MIN_WIDTH.get(HEADINGS[i], widths[i]), 0) for i in shown) >= excess():
            break
        shown = [i for i in shown if HEADINGS[i] != heading]
    for heading in ("corpus", "name", "settings", "run"):
        i = HEADINGS.index(heading)
        if i in shown and (over := excess()) > 0:
            widths[i] = max(widths[i] - over, _MIN_WIDTH.get(heading, 8))
    return [tuple(shorten(cell, widths[i]) for i, cell in enumerate(cells)) for cells in table], shown
