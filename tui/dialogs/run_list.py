"""The list of runs as it is shown: filtered, sorted, in groups, some marked. No textual: what is drawn are `lines`."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from namestui.runs.filter_completion import completions, without_last_part
from namestui.runs.filter_values import FilterError
from namestui.runs.recipes import SETTINGS
from namestui.runs.run_fields import FIELDS
from namestui.runs.run_filter import RunFilter, parse_filter, searched_text
from namestui.runs.run_groups import Group, group_runs, sort_runs, value_text
from namestui.runs.summary import Summary
from namestui.tui.words.runs import HEADINGS, row, same_settings, settings_cell
from namestui.tui.words.table import cell_len

GROUPINGS = ("model", "corpus", "split", "seed", "state", "tag", "recipe", *SETTINGS)
"""What runs are put in groups by, in the order in which a key offers it."""
WITH_SPLIT = "settings, split"
"""The settings where the split has no column: what of a run distinguishes it is in one of the two."""
_SORTED_BY = {"epochs": "epoch"}
"""Columns that are sorted by another field than the one of their name."""


class Row(NamedTuple):
    """A run, its cells by heading, and what words are looked for in."""

    run: Summary
    cells: Mapping[str, str]
    text: str


class Rows(NamedTuple):
    """All runs, by id, newest first; for each heading the cells of its widest text, 0 where no run has any."""

    by_id: dict[str, Row]
    widths: dict[str, int]


def rows_of(runs: Sequence[Summary]) -> Rows:
    """What a list of ``runs`` is drawn from; of thousands it takes a moment, so it is made off the screen's thread."""
    same = same_settings(runs)
    found: dict[str, Row] = {}
    widths = dict.fromkeys([*HEADINGS, WITH_SPLIT], 0)
    for run in runs:
        cells = dict(zip(HEADINGS, row(run), strict=True))
        cells["settings"] = settings_cell(run, ("seed", "split"), same)
        cells[WITH_SPLIT] = settings_cell(run, ("seed",), same) if run.split == "random" else cells["settings"]
        for heading, cell in cells.items():
            if cell and (width := cell_len(cell)) > widths[heading]:
                widths[heading] = width
        found[run.run] = Row(run, cells, searched_text(run))
    return Rows(found, widths)


class RunList:
    """What is shown of the runs. ``lines`` are rows, and above the rows of each group the group."""

    def __init__(self) -> None:
        self.rows = Rows({}, {})
        self.lines: list[Row | Group] = []
        self.sort = ""
        """The heading of the column that is sorted by; empty: newest first."""
        self.is_reversed = False
        self.group_by = ""
        """The field of which the runs of a group have the same; empty: there are no groups."""
        self.marked: set[str] = set()
        self._filter = RunFilter()

    def load(self, rows: Rows) -> None:
        """Show these runs from now on; marks stay on those that are there still."""
        self.rows = rows
        self.marked &= rows.by_id.keys()
        self._arrange()

    def filter(self, text: str) -> None:
        """Show the runs that fulfil a filter.

        Raises:
            FilterError: it cannot be read; those are shown that fulfil what stands before its last part, which may
                not be complete yet.
        """
        try:
            self._filter = parse_filter(text)
        except FilterError:
            with contextlib.suppress(FilterError):
                self._filter = parse_filter(without_last_part(text))
            raise
        finally:
            self._arrange()

    def sort_by(self, heading: str) -> None:
        """Sort by a column; by the same one again, in reverse."""
        self.is_reversed = heading == self.sort and not self.is_reversed
        self.sort = heading
        self._arrange()

    def move_sort(self, step: int, headings: Sequence[str]) -> None:
        """Sort by the next column of those shown, or the one before; first of all by the best accuracy."""
        if self.sort in headings:
            self.sort = headings[(headings.index(self.sort) + step) % len(headings)]
        else:
            self.sort = "best" if "best" in headings else headings[0]
        self.is_reversed = False
        self._arrange()

    def reverse(self) -> None:
        """List in reverse order."""
        self.is_reversed = not self.is_reversed
        self._arrange()

    def next_grouping(self) -> None:
        """Put the runs in groups by the next setting that they do not all have alike; after the last one, in none."""
        following = GROUPINGS[GROUPINGS.index(self.group_by) + 1 :] if self.group_by else GROUPINGS
        self.group_by = next(filter(self._is_telling, following), "")
        self._arrange()

    def toggle_mark(self, run_id: str) -> None:
        """Mark a run, or take its mark away."""
        self.marked ^= {run_id}

    def toggle_all(self) -> None:
        """Mark all runs that are shown; where all of them are, none any more."""
        ids = {run.run for run in self.shown()}
        self.marked = self.marked - ids if ids <= self.marked else self.marked | ids

    def shown(self) -> list[Summary]:
        """The runs in the list, from the top."""
        return [line.run for line in self.lines if isinstance(line, Row)]

    def marked_runs(self) -> list[Summary]:
        """The marked runs, those in the list in its order, then those that the filter hides."""
        shown = [run for run in self.shown() if run.run in self.marked]
        there = {run.run for run in shown}
        return shown + [row.run for row in self._all() if row.run.run in self.marked - there]

    def completed(self, text: str) -> str | None:
        """The likeliest way to go on with a filter; None where there is none."""
        return next(iter(completions(text, [row.run for row in self._all()])), None)

    def _all(self) -> Iterable[Row]:
        return self.rows.by_id.values()

    def _is_telling(self, name: str) -> bool:
        values = {value_text(FIELDS[name], row.run) for row in self._all()}
        return 1 < len(values) < max(len(self.rows.by_id), 3)

    def _arrange(self) -> None:
        runs = [row.run for row in self._all() if self._filter.matches(row.run, row.text)]
        if self.sort:
            runs = sort_runs(runs, FIELDS[_SORTED_BY.get(self.sort, self.sort)], is_reversed=self.is_reversed)
        elif self.is_reversed:
            runs.reverse()
        by_id = self.rows.by_id
        if not self.group_by:
            self.lines = [by_id[run.run] for run in runs]
            return
        self.lines = []
        for group in group_runs(runs, FIELDS[self.group_by]):
            self.lines += [group, *(by_id[run.run] for run in group.runs)]
