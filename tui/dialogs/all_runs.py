"""All runs: open, resume, rename, tag, note, delete; typing filters."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import msgspec
from rich.text import Text
from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import DataTable, Footer, Input

from namestui.runs.decoding import UnreadableError
from namestui.runs.notes import load_notes, write_notes
from namestui.runs.store import RunError, RunStore
from namestui.runs.summary import Summary, summaries
from namestui.runs.text import Inert, inert
from namestui.runs.trash import move_to_trash
from namestui.tui.dialogs.ask_line import AskLine
from namestui.tui.dialogs.confirm import Confirm
from namestui.tui.dialogs.dialog import Dialog
from namestui.tui.dialogs.run_columns import Columns, columns_of
from namestui.tui.words.runs import row, settings_cell


@dataclass(frozen=True, slots=True)
class Wish:
    """What the user wants of these runs: ``open`` or ``resume``."""

    what: str
    run_ids: tuple[str, ...]


class AllRuns(Dialog[Wish | None]):
    """A table of all runs, newest first."""

    BINDINGS = [
        Binding("enter", "open", "open"),
        Binding("r", "resume", "resume"),
        Binding("R", "resume_all", "resume all", key_display="R"),
        Binding("n", "rename", "name"),
        Binding("t", "tag", "tags"),
        Binding("N", "note", "note", key_display="N"),
        Binding("d,delete", "delete", "delete"),
        Binding("slash", "filter", "filter", key_display="/"),
        Binding("escape,o,q", "close", "close", key_display="esc", show=False),
    ]
    DEFAULT_CSS = """
    AllRuns Vertical { width: 96%; height: 92%; border: round $accent; background: $surface; padding: 0 1; }
    AllRuns #filter { height: 1; border: none; padding: 0; background: $surface; }
    AllRuns DataTable {
        height: 1fr; background: $surface; background-tint: $foreground 0%;
        &:focus { background-tint: $foreground 0%; }
        &:focus > .datatable--cursor { color: $background; background: $accent; text-style: bold; }
        & > .datatable--header { color: $foreground 60%; background: $surface; text-style: none; }
    }
    """

    def __init__(self, store: RunStore, at: str = "") -> None:
        """The cursor starts at the run ``at``, where there is one of this id."""
        super().__init__()
        self._store = store
        self._at = at
        self._all: list[Summary] = []
        self._columns = Columns((), [])
        self._count = ""
        self._frame = Vertical()
        self._filter = Input(placeholder="/ filters by any word of a row", id="filter", compact=True)
        self._table: DataTable[Text] = DataTable(cursor_type="row", id="table")

    def compose(self) -> ComposeResult:
        """The filter and the table."""
        with self._frame:
            self._frame.border_title = "all runs: enter opens, esc closes"
            yield self._filter
            yield self._table
            yield Footer(show_command_palette=False)

    def on_mount(self) -> None:
        """Fill the table."""
        self._table.focus()
        self._load()

    @work(exclusive=True)
    async def _load(self) -> None:
        try:
            self._all = await asyncio.to_thread(summaries, self._store)
        except RunError as error:
            self._all = []
            self._complain(str(error))
        self._fill()

    def _complain(self, problem: str) -> None:
        self.notify(inert(problem), severity="error", markup=False)

    def _fill(self) -> None:
        if not self._table.is_attached:  # it was closed meanwhile
            return
        words = self._filter.value.casefold().split()
        at = self._selected() or self._at
        shown = [summary for summary in self._all if matches(summary, words)]
        columns = columns_of(shown, self._table.size.width - self._table.scrollbar_size_vertical)
        self._table.clear(columns=columns.headings != self._columns.headings)
        if not self._table.columns:
            self._table.add_columns(*columns.headings)
        self._columns = columns
        for summary, cells in zip(shown, columns.rows, strict=True):
            # Text: a cell is never read as markup.
            self._table.add_row(*(Text(cell) for cell in cells), key=summary.run)
        ids = [summary.run for summary in shown]
        if at in ids:
            self._table.move_cursor(row=ids.index(at))
        self._count = f"{len(shown)} of {len(self._all)}"
        self._say_which()

    def on_resize(self) -> None:
        """Other columns fit."""
        if self._all:
            self.call_after_refresh(self._fill)

    @on(DataTable.RowHighlighted)
    def _say_which(self) -> None:
        """The whole id of the run under the cursor, and all its settings, which few terminals have columns for."""
        which = next((one for one in self._all if one.run == self._selected()), None)
        says = ["" if which is None else inert(which.run), "" if which is None else inert(settings_cell(which))]
        self._frame.border_subtitle = Content("  ".join(filter(None, [*says, self._count])))

    def _selected(self) -> str | None:
        if not self._table.row_count:
            return None
        key = self._table.coordinate_to_cell_key(self._table.cursor_coordinate).row_key
        return key.value

    @on(Input.Changed, "#filter")
    def _on_filter(self) -> None:
        self._fill()

    @on(Input.Submitted, "#filter")
    def _on_filtered(self) -> None:
        self._table.focus()

    @on(DataTable.RowSelected)
    def _on_row(self) -> None:
        self.action_open()

    def action_filter(self) -> None:
        """Type to narrow the list."""
        self.query_one("#filter", Input).focus()

    def action_close(self) -> None:
        """Out of the filter first, then out of the list."""
        if self.query_one("#filter", Input).has_focus:
            self._table.focus()
        else:
            self.dismiss(None)

    def action_open(self) -> None:
        """Give the run a tab."""
        if (run_id := self._selected()) is not None:
            self.dismiss(Wish("open", (run_id,)))

    def action_resume(self) -> None:
        """Train on and give the run a tab."""
        if (run_id := self._selected()) is not None:
            self.dismiss(Wish("resume", (run_id,)))

    def action_resume_all(self) -> None:
        """After a reboot: every interrupted run is resumed."""
        found = [summary.run for summary in reversed(self._all) if summary.state == "interrupted" and not summary.error]
        if found:
            self.dismiss(Wish("resume", tuple(found)))
        else:
            self.notify("no run is interrupted", markup=False)

    @work
    async def action_rename(self) -> None:
        """Name the run; the name works wherever an id does."""
        await self._note_down("name", "name", lambda text: text.strip())

    @work
    async def action_tag(self) -> None:
        """Tag the run, words apart by spaces."""
        await self._note_down("tags", "tags, apart by spaces", lambda text: list(dict.fromkeys(text.split())))

    @work
    async def action_note(self) -> None:
        """Write a line about the run."""
        await self._note_down("note", "note", lambda text: text.strip())

    async def _note_down(self, part: str, question: str, read: Callable[[str], object]) -> None:
        run_id = self._selected()
        if run_id is None:
            return
        run = self._store.get(run_id)
        try:
            notes = load_notes(run)
        except UnreadableError as error:  # what it holds would be lost
            self._complain(f"{run_id} keeps its notes as they are: {error}; mend or remove the file first")
            return
        value = getattr(notes, part)
        before = " ".join(value) if isinstance(value, list) else value
        text = await self.app.push_screen_wait(AskLine(Inert(f"{question} of {inert(run_id)}"), inert(before)))
        if text is None:
            return
        try:
            write_notes(run, msgspec.structs.replace(notes, **{part: read(text)}))
        except RunError as error:
            self._complain(str(error))
        self._load()

    @work
    async def action_delete(self) -> None:
        """Ask, then move the run to the trash folder."""
        run_id = self._selected()
        if run_id is None:
            return
        question = Inert(f"Move {inert(run_id)} to the trash folder beside the runs?")
        if not await self.app.push_screen_wait(Confirm(question, "move to trash")):
            return
        try:
            where = await asyncio.to_thread(move_to_trash, self._store, self._store.get(run_id))
        except RunError as error:
            self._complain(str(error))
        else:
            self.notify(f"{inert(run_id)} was moved to {inert(str(where))}", markup=False)
        self._load()


def matches(summary: Summary, words: Sequence[str]) -> bool:
    """Whether every word stands somewhere in the row or the note."""
    text = " ".join((*row(summary), inert(summary.note))).casefold()
    return all(word in text for word in words)
