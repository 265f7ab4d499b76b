"""All runs in a table: whole, or as much of it as a terminal has columns for."""

from __future__ import annotations

import itertools
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from namestui.runs.differences import settings_text
from namestui.runs.run_fields import SHORT, Field
from namestui.runs.run_groups import Group
from namestui.runs.summary import Summary
from namestui.runs.text import Inert, inert
from namestui.tui.words.format import age, percent, size
from namestui.tui.words.table import GAP, aligned, cell_len, shorten

HEADINGS = (
    *("run", "model", "state", "epochs", "best", "seed", "split", "age", "size", "host", "corpus", "settings", "name"),
)
_ALWAYS = ("run", "state")
_DROP_ORDER = ("size", "host", "split", "model", "corpus", "age", "seed", "epochs")
"""What a narrow terminal leaves out, first to last; an id names the model, and ``--json`` all."""
_SHORT = {name: short for short, name in SHORT.items()}
_MIN_WIDTH = 8
_ROOM = {"name": _MIN_WIDTH, "settings": 24, "corpus": _MIN_WIDTH}
"""Columns that are shortened, and to how many cells, before others are left away; in need to `_MIN_WIDTH`."""


def row(summary: Summary) -> tuple[str, ...]:
    """The cells of one run, under ``HEADINGS``; inert."""
    name = " ".join([summary.name, *(f"#{tag}" for tag in summary.tags)]).strip()
    return (
        inert(summary.run),
        inert(summary.model),
        summary.state,
        f"{summary.epoch}/{summary.epochs}",
        "" if summary.best_accuracy is None else percent(summary.best_accuracy),
        "" if summary.seed is None else str(summary.seed),
        summary.split,
        age(summary.age),
        size(summary.size),
        inert(summary.host),
        inert(summary.corpus),
        settings_cell(summary, HEADINGS),
        inert("; ".join(filter(None, (summary.error, summary.held_up))) or name),
    )


def settings_cell(summary: Summary, shown: Collection[str] = (), same: Mapping[str, Any] | None = None) -> str:
    """What of the run is otherwise than its recipe has it, its seed and its split included but those in columns
    ``shown``. Where room is short: without what is the ``same`` in all runs listed, in short names."""
    found = dict(summary.settings)
    if summary.seed and "seed" not in shown:
        found["seed"] = summary.seed
    if summary.split == "random" and summary.settings.get("recipe") != "report" and "split" not in shown:
        found["split"] = summary.split
    if same is not None:
        found = {_SHORT.get(name, name): value for name, value in found.items() if same.get(name) != value}
    return inert(settings_text(found))


def same_settings(summaries: Sequence[Summary]) -> dict[str, Any]:
    """The settings that all of these runs have otherwise than their recipes, and alike; of fewer than two runs none."""
    found = [{**one.settings, "seed": one.seed, "split": one.split} for one in summaries]
    if len(found) < 2:
        return {}
    return {name: value for name, value in found[0].items() if all(one.get(name) == value for one in found[1:])}


def group_title(field: Field, group: Group) -> Inert:
    """``model lstm: 5 runs, best 83.9 %, mean 82.1 %``."""
    parts = [f"{len(group.runs)} run{'' if len(group.runs) == 1 else 's'}"]
    for name, share in (("best", group.best), ("mean", group.mean)):
        parts += [] if share is None else [f"{name} {percent(share).strip()}"]
    return Inert(f"{field.name} {inert(group.value) or 'none'}: {', '.join(parts)}")


def grouped_table(field: Field, groups: Sequence[Group], width: int | None = None) -> list[str]:
    """The table of all ``groups``, each under its title."""
    heading, *rows = runs_table([run for group in groups for run in group.runs], width)
    lines, left = [heading], iter(rows)
    for group in groups:
        title = group_title(field, group)
        lines += ["", title if width is None else shorten(title, width), *itertools.islice(left, len(group.runs))]
    return lines


def runs_table(summaries: Sequence[Summary], width: int | None = None) -> list[str]:
    """A heading and a line a run; with a ``width``, of at most that many cells each."""
    rows = [row(summary) for summary in summaries]
    shown = [heading for heading, *cells in zip(HEADINGS, *rows, strict=True) if heading in _ALWAYS or any(cells)]
    widths = {heading: max(map(cell_len, cells)) for heading, *cells in zip(HEADINGS, HEADINGS, *rows, strict=True)}
    if width is not None:
        alike = {heading for heading, *cells in zip(HEADINGS, *rows, strict=True) if len(set(cells)) == 1}
        shown = _fitting(shown, alike, widths, width)
        if not {"seed", "split"} <= set(shown):
            at = HEADINGS.index("settings")
            same = same_settings(summaries)
            cells = [settings_cell(summary, shown, same) for summary in summaries]
            rows = [(*one[:at], cell, *one[at + 1 :]) for one, cell in zip(rows, cells, strict=True)]
            widths["settings"] = max(map(cell_len, ["settings", *cells]))
            if any(cells) and "settings" not in shown:
                shown.insert(-1, "settings")
        _shrink(shown, widths, width)
    table = [[shorten(cells[HEADINGS.index(one)], widths[one]) for one in shown] for cells in (HEADINGS, *rows)]
    return aligned(table)


def _excess(shown: Sequence[str], widths: dict[str, int], width: int) -> int:
    return sum(widths[heading] for heading in shown) + len(GAP) * (len(shown) - 1) - width


def _fitting(shown: Sequence[str], alike: Collection[str], widths: dict[str, int], width: int) -> list[str]:
    """The columns that a terminal of this width has room for; those go first in which all rows are ``alike``."""
    left = list(shown)
    for heading in sorted(_DROP_ORDER, key=lambda one: one not in alike):
        # What can be shortened still says something: the rest goes first.
        spare = sum(max(widths[one] - _ROOM.get(one, widths[one]), 0) for one in left)
        if spare >= _excess(left, widths, width):
            break
        left = [one for one in left if one != heading]
    return left


def _shrink(shown: Sequence[str], widths: dict[str, int], width: int) -> None:
    """Shorten columns until all fit."""
    for heading in ("corpus", "name", "settings", "run"):
        if heading in shown and (over := _excess(shown, widths, width)) > 0:
            widths[heading] = max(widths[heading] - over, _MIN_WIDTH)
