"""All runs: filter, sort, group and mark them; open, resume, stop, compare, name, tag, delete them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content

from namestui.runs.events import LIVE_STATES
from namestui.runs.filter_values import FilterError
from namestui.runs.run_fields import FIELDS
from namestui.runs.store import RunError, RunStore
from namestui.runs.summary import Summary, summaries
from namestui.runs.text import Inert, inert
from namestui.runs.trash import move_to_trash
from namestui.tui.dialogs.confirm import Confirm
from namestui.tui.dialogs.dialog import Dialog
from namestui.tui.dialogs.filter_line import FilterLine
from namestui.tui.dialogs.run_columns import columns_of
from namestui.tui.dialogs.run_list import WITH_SPLIT, Row, Rows, RunList, rows_of
from namestui.tui.dialogs.run_notes import ask_note, ask_tags_of_all
from namestui.tui.widgets.glyphs import UNICODE, Glyphs
from namestui.tui.widgets.key_lines import KeyLines
from namestui.tui.widgets.run_table import RunTable, TableRow
from namestui.tui.words.runs import group_title, row, settings_cell

READ_AGAIN = 2.0
"""Seconds between two readings while runs live."""
Stop = Callable[[str], Awaitable[str]]
"""Stops the run of this id; why it has not been stopped, or an empty text."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What the user wants of these runs: ``open``, ``resume`` or ``compare``."""

    what: str
    run_ids: tuple[str, ...]


class AllRuns(Dialog[Wish | None]):
    """A table of all runs, newest first."""

    BINDINGS = [
        Binding("enter", "open", "open"),
        Binding("space", "mark", "mark"),
        Binding("a", "mark_all", "all"),
        Binding("slash", "filter", "filter", key_display="/"),
        Binding("right", "sort(1)", "sort"),
        Binding("left", "sort(-1)", "sort by the column before", show=False),
        Binding("minus", "reverse", "reverse", key_display="-"),
        Binding("g", "group", "group"),
        Binding("c", "compare", "compare"),
        Binding("r", "resume", "resume"),
        Binding("R", "resume_all", "resume all", key_display="R"),
        Binding("s", "stop", "stop"),
        Binding("n", "rename", "name"),
        Binding("t", "tag", "tags"),
        Binding("N", "note", "note", key_display="N"),
        Binding("d,delete", "delete", "delete"),
        Binding("escape,o,q", "close", "close", key_display="esc", show=False),
    ]
    DEFAULT_CSS = """
    AllRuns Vertical { width: 100%; height: 94%; border: round $accent; background: $surface; padding: 0 1; }
    """

    def __init__(self, store: RunStore, stop: Stop | None = None, *, glyphs: Glyphs = UNICODE, at: str = "") -> None:
        """The cursor starts at the run ``at``, where there is one of this id."""
        super().__init__()
        self._store = store
        self._stop = stop
        self._glyphs = glyphs
        self._at: str | None = at
        self._list = RunList()
        self._wrong = ""
        self._table = RunTable(glyphs, empty="reading the runs")
        self._filter = FilterLine(self._list.completed)

    def compose(self) -> ComposeResult:
        """The filter, the table and the keys."""
        with Vertical():
            yield self._filter
            yield self._table
            keys = {"right": "left/right" if self._glyphs.is_ascii else "←→"}
            yield KeyLines([one for one in self.BINDINGS if isinstance(one, Binding)], keys)

    def on_mount(self) -> None:
        """Fill the table."""
        self._table.focus()
        self._load()
        self.set_interval(READ_AGAIN, self._load_what_lives)

    def _load_what_lives(self) -> None:
        if any(row.run.state in LIVE_STATES for row in self._list.rows.by_id.values()):
            self._load()

    @work(exclusive=True, group="load")
    async def _load(self) -> None:
        try:
            rows = await asyncio.to_thread(lambda: rows_of(summaries(self._store)))
        except RunError as error:
            rows = Rows({}, {})
            self._complain(str(error))
        self._list.load(rows)
        self._table.empty = "no runs yet" if not rows.by_id else "no run matches the filter"
        self._fill()

    def _complain(self, problem: str) -> None:
        self.notify(inert(problem), severity="error", markup=False)

    def _fill(self, *, to_top: bool = False) -> None:
        """Draw the list; the cursor stays on its run, or goes to the first one."""
        at = None if to_top else self._table.run_id or self._at
        columns = columns_of(self._list.rows, self._table.scrollable_content_region.width)
        drawn = [
            TableRow(line.run.run, line.cells)
            if isinstance(line, Row)
            else TableRow("", {}, group_title(FIELDS[self._list.group_by], line))
            for line in self._list.lines
        ]
        order = (self._list.sort, self._list.is_reversed)
        texts = {} if "split" in columns else {"settings": WITH_SPLIT}
        self._table.show(columns, drawn, texts=texts, at=at, marked=self._list.marked, sort=order)

    def on_resize(self) -> None:
        """Other columns fit."""
        if self._list.rows.by_id:
            self.call_after_refresh(self._fill)

    @on(RunTable.Moved)
    def _say_which(self) -> None:
        """How many runs there are, and of the run under the cursor the whole id and all its settings, which few
        terminals have columns for; or what is wrong with the filter."""
        frame = self.query_one(Vertical)
        by = f"{self._glyphs.separator}by {self._list.group_by}" if self._list.group_by else ""
        frame.border_title = Content(f"all runs{by}: enter opens, esc closes")
        if self._wrong:
            frame.border_subtitle = Content.styled(self._wrong, "$text-error")
            return
        which = self._selected()
        marked = len(self._list.marked)
        parts = [
            f"{marked} marked" if marked else "",
            f"{len(self._list.shown())} of {len(self._list.rows.by_id)}",
            *([] if which is None else [inert(which.run), settings_cell(which)]),
        ]
        frame.border_subtitle = Content("  ".join(filter(None, parts)))

    def _selected(self) -> Summary | None:
        """The run under the cursor."""
        row = self._list.rows.by_id.get(self._table.run_id or "")
        return row.run if row is not None else None

    def reads(self) -> str:
        """What is copied: all cells of the row under the cursor, from the run's id on, tabs between."""
        which = self._selected()
        return "" if which is None else "\t".join(row(which))

    def _wanted(self) -> list[Summary]:
        """The marked runs; where none is, the one under the cursor."""
        selected = self._selected()
        return self._list.marked_runs() or ([selected] if selected is not None else [])

    # The list

    @on(FilterLine.Changed)
    def _on_filter(self) -> None:
        self._wrong = ""
        try:
            self._list.filter(self._filter.value)
        except FilterError as error:
            self._wrong = str(error)
        self._fill()

    @on(FilterLine.Submitted)
    def _on_filtered(self) -> None:
        self._table.focus()

    @on(RunTable.Opened)
    def _on_row(self) -> None:
        self.action_open()

    @on(RunTable.HeadingClicked)
    def _on_heading(self, event: RunTable.HeadingClicked) -> None:
        self._list.sort_by(event.heading)
        self._fill(to_top=True)

    def action_filter(self) -> None:
        """Type to narrow the list."""
        self._filter.focus()

    def action_sort(self, step: int) -> None:
        """Sort by the best accuracy, then by the column beside."""
        self._list.move_sort(step, list(columns_of(self._list.rows, self._table.scrollable_content_region.width)))
        self._fill(to_top=True)

    def action_reverse(self) -> None:
        """Turn the order round."""
        self._list.reverse()
        self._fill(to_top=True)

    def action_group(self) -> None:
        """Put runs in groups by the next setting that they do not all have alike."""
        self._list.next_grouping()
        self._fill()

    def action_mark(self) -> None:
        """Mark the run, or take its mark away, and go to the next one."""
        if (run := self._selected()) is not None:
            self._list.toggle_mark(run.run)
            self._table.mark(self._list.marked)
            self._table.action_move(1)

    def action_mark_all(self) -> None:
        """Mark all that the filter shows, or none."""
        self._list.toggle_all()
        self._table.mark(self._list.marked)

    def action_close(self) -> None:
        """Out of the filter first, then out of the list."""
        if self._filter.has_focus:
            self._table.focus()
        else:
            self.dismiss(None)

    # What is done to runs

    def _wish(self, what: str) -> None:
        if wanted := self._wanted():
            self.dismiss(Wish(what, tuple(run.run for run in wanted)))

    def action_open(self) -> None:
        """Give the runs tabs."""
        self._wish("open")

    def action_resume(self) -> None:
        """Train on and give the runs tabs."""
        self._wish("resume")

    def action_compare(self) -> None:
        """Lay the curves of the marked runs over each other."""
        if len(self._list.marked) < 2:
            self.notify("mark two runs or more with space; c compares them", markup=False)
        else:
            self._wish("compare")

    def action_resume_all(self) -> None:
        """After a reboot: every interrupted run is resumed."""
        rows = reversed(self._list.rows.by_id.values())
        found = [row.run.run for row in rows if row.run.state == "interrupted" and not row.run.error]
        if found:
            self.dismiss(Wish("resume", tuple(found)))
        else:
            self.notify("no run is interrupted", markup=False)

    @work
    async def action_stop(self) -> None:
        """Have the live ones of the runs save a checkpoint and end their workers."""
        live = [run for run in self._wanted() if run.state in LIVE_STATES]
        if not live or self._stop is None:
            self.notify("nothing to stop: no worker trains here", markup=False)
            return
        if len(live) > 1:
            question = Inert(f"Stop {len(live)} runs? Each saves a checkpoint and can be resumed.")
            if not await self.app.push_screen_wait(Confirm(question, "stop")):
                return
        for problem in await asyncio.gather(*(self._stop(run.run) for run in live)):
            if problem:
                self._complain(problem)
        self._load()

    @work
    async def action_rename(self) -> None:
        """Name the run; the name works wherever an id does."""
        await self._note_down("name")

    @work
    async def action_tag(self) -> None:
        """Tag the runs, words apart by spaces."""
        await self._note_down("tags")

    @work
    async def action_note(self) -> None:
        """Write a line about the run."""
        await self._note_down("note")

    async def _note_down(self, part: str) -> None:
        """Change the notes of the run under the cursor, or the tags of all that are marked."""
        wanted = self._list.marked_runs() if part == "tags" else []
        selected = self._selected()
        try:
            if len(wanted) > 1:
                await ask_tags_of_all(self.app, [self._store.get(run.run) for run in wanted])
            elif (run := wanted[0] if wanted else selected) is not None:
                await ask_note(self.app, self._store.get(run.run), part)
        except RunError as error:
            self._complain(str(error))
        self._load()

    @work
    async def action_delete(self) -> None:
        """Ask, then move the runs to the trash folder."""
        wanted = [run.run for run in self._wanted()]
        if not wanted:
            return
        what = inert(wanted[0]) if len(wanted) == 1 else f"{len(wanted)} runs"
        question = Inert(f"Move {what} to the trash folder beside the runs?")
        if not await self.app.push_screen_wait(Confirm(question, "move to trash")):
            return
        moved: list[str] = []
        for run_id in wanted:
            try:
                where = await asyncio.to_thread(move_to_trash, self._store, self._store.get(run_id))
            except RunError as error:
                self._complain(str(error))
            else:
                moved.append(f"{inert(run_id)} was moved to {inert(str(where))}")
        if moved:
            said = moved[0] if len(moved) == 1 else f"{len(moved)} runs were moved to {inert(str(where.parent))}"
            self.notify(said, markup=False)
        self._load()
