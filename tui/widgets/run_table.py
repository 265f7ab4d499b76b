"""The table of a list of runs: of ten thousand it draws only the lines in view."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, NamedTuple

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from namestui.tui.widgets.glyphs import Glyphs
from namestui.tui.words.table import pad, shorten

MARKS, GAP = 2, "  "
RIGHT = frozenset({"epochs", "best", "seed", "age", "size"})
"""Columns of numbers, which end where they end."""


class TableRow(NamedTuple):
    """A line of the table: a run with its cells, or, without an id, the ``title`` of a group."""

    run_id: str
    cells: Mapping[str, str]
    title: str = ""


class RunTable(ScrollView, can_focus=True):
    """A heading that stays, lines below it, a cursor that is always on a run, and marks."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        *("run-table--header", "run-table--sorted", "run-table--title", "run-table--cursor", "run-table--marked"),
    }
    DEFAULT_CSS = """
    RunTable {
        height: 1fr; scrollbar-size-horizontal: 0;
        & > .run-table--header { color: $foreground 60%; }
        & > .run-table--sorted { color: $foreground; text-style: bold; }
        & > .run-table--title { color: $foreground 60%; text-style: bold; }
        & > .run-table--marked { text-style: bold; }
        & > .run-table--cursor { color: $background; background: $accent; text-style: bold; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "move(-1)", "up", show=False),
        Binding("down,j", "move(1)", "down", show=False),
        Binding("pageup", "page(-1)", "page up", show=False),
        Binding("pagedown", "page(1)", "page down", show=False),
        Binding("home", "end(-1)", "first", show=False),
        Binding("end", "end(1)", "last", show=False),
    ]

    @dataclass
    class Moved(Message):
        """The cursor is on another run, or the runs are others."""

    @dataclass
    class Opened(Message):
        """A run was clicked twice."""

    @dataclass
    class HeadingClicked(Message):
        """A heading was clicked."""

        heading: str

    def __init__(self, glyphs: Glyphs, *, empty: str = "") -> None:
        """``empty`` is what a table without runs says."""
        super().__init__()
        self.empty = empty
        self._glyphs = glyphs
        self._columns: dict[str, int] = {}
        self._texts: Mapping[str, str] = {}
        self._rows: Sequence[TableRow] = []
        self._marked: frozenset[str] = frozenset()
        self._sort = ("", False)
        self._cursor = 0

    @property
    def run_ids(self) -> list[str]:
        """The runs in the table, from the top."""
        return [row.run_id for row in self._rows if row.run_id]

    @property
    def run_id(self) -> str | None:
        """The run under the cursor; None where there is none."""
        return self._rows[self._cursor].run_id if self._rows else None

    def show(
        self,
        columns: Mapping[str, int],
        rows: Sequence[TableRow],
        *,
        texts: Mapping[str, str],
        at: str | None,
        marked: Iterable[str] = (),
        sort: tuple[str, bool] = ("", False),
    ) -> None:
        """Draw other lines, the cursor on the run ``at`` or, where it is not among them, on the first.

        ``texts`` names the cells of a column that are not those of its heading; ``sort`` is the heading that is sorted
        by, and whether from the bottom up.
        """
        self._columns, self._texts, self._rows = dict(columns), texts, rows
        self._marked, self._sort = frozenset(marked), sort
        first = next((i for i, row in enumerate(rows) if row.run_id), 0)
        self._cursor = next((i for i, row in enumerate(rows) if row.run_id and row.run_id == at), first)
        self.virtual_size = Size(self.scrollable_content_region.width, len(rows) + 1)
        self._scroll_to_cursor()
        self.refresh()
        self.post_message(self.Moved())

    def mark(self, marked: Iterable[str]) -> None:
        """Draw these marks."""
        self._marked = frozenset(marked)
        self.refresh()
        self.post_message(self.Moved())

    def move_to(self, run_id: str) -> None:
        """Put the cursor on a run of the table."""
        self._go_to([row.run_id for row in self._rows].index(run_id), 1)

    def action_move(self, step: int) -> None:
        """Up or down."""
        self._go_to(self._cursor + step, step)

    def action_page(self, step: int) -> None:
        """As many lines as are in view."""
        self._go_to(self._cursor + step * max(1, self.size.height - 2), step)

    def action_end(self, step: int) -> None:
        """The first run, or the last."""
        self._go_to(0 if step < 0 else len(self._rows) - 1, -step)

    def _go_to(self, index: int, step: int) -> None:
        """Put the cursor on the line ``index``, or from there on in the direction of ``step`` on the next run."""
        if not self._rows:
            return
        index = max(0, min(index, len(self._rows) - 1))
        around = [*range(index, len(self._rows)), *range(index - 1, -1, -1)]
        if step < 0:
            around = [*range(index, -1, -1), *range(index + 1, len(self._rows))]
        before = self._cursor
        self._cursor = next(i for i in around if self._rows[i].run_id)
        self._refresh_rows(before, self._cursor)
        self._scroll_to_cursor()
        self.post_message(self.Moved())

    def _refresh_rows(self, *indices: int) -> None:
        top = int(self.scroll_offset.y)
        width = int(self.size.width)
        self.refresh(*(Region(0, index - top + 1, width, 1) for index in indices if index >= top))

    def _scroll_to_cursor(self) -> None:
        height = max(1, self.size.height - 1)
        top = int(self.scroll_offset.y)
        above = 1 if self._cursor and not self._rows[self._cursor - 1].run_id else 0  # a group's title is seen, too
        wanted = min(max(top, self._cursor - height + 1), self._cursor - above)
        if wanted != top:
            self.scroll_to(y=wanted, animate=False, force=True, immediate=True)
            self.refresh()

    def on_resize(self) -> None:
        """The cursor stays in view."""
        self.virtual_size = Size(self.scrollable_content_region.width, len(self._rows) + 1)
        self._scroll_to_cursor()

    def on_click(self, event: events.Click) -> None:
        """A heading is sorted by, a run gets the cursor, and is opened at the second click."""
        if event.y == 0:
            heading = self._heading_at(event.x)
            if heading:
                self.post_message(self.HeadingClicked(heading))
            return
        index = event.y - 1 + int(self.scroll_offset.y)
        if index < len(self._rows) and self._rows[index].run_id:
            self._go_to(index, 1)
            if event.chain == 2:
                self.post_message(self.Opened())

    def _heading_at(self, x: int) -> str:
        end = MARKS
        for heading, width in self._columns.items():
            end += width + len(GAP)
            if MARKS <= x < end:
                return heading
        return ""

    def render_line(self, y: int) -> Strip:
        """The heading, or a line below it."""
        width, plain = self.size.width, self.rich_style
        if y == 0:
            return Strip(self._heading()).adjust_cell_length(width, plain)
        index = y - 1 + int(self.scroll_offset.y)
        if not self._rows and y == 2:
            empty = Segment("  " + shorten(self.empty, max(1, width - 2)), plain)
            return Strip([empty]).adjust_cell_length(width, plain)
        if index >= len(self._rows):
            return Strip.blank(width, plain)
        row = self._rows[index]
        if not row.run_id:
            style = self.get_component_rich_style("run-table--title")
            return Strip(
                [Segment(shorten(row.title, max(1, width), ascii_only=self._glyphs.is_ascii), style)]
            ).adjust_cell_length(width, plain)
        style = self._style(index)
        mark = "*" if row.run_id in self._marked else " "
        cells = (self._cell(row, heading, cells) for heading, cells in self._columns.items())
        return Strip([Segment(f"{mark} {GAP.join(cells)}", style)]).adjust_cell_length(width, style)

    def _cell(self, row: TableRow, heading: str, width: int) -> str:
        text = row.cells[self._texts.get(heading, heading)]
        return pad(shorten(text, width, ascii_only=self._glyphs.is_ascii), width, right=heading in RIGHT)

    def _style(self, index: int) -> Style:
        if index == self._cursor and self.has_focus:
            return self.get_component_rich_style("run-table--cursor")
        if index == self._cursor:
            return self.rich_style + Style(bold=True)
        is_marked = self._rows[index].run_id in self._marked
        return self.get_component_rich_style("run-table--marked") if is_marked else self.rich_style

    def _heading(self) -> list[Segment]:
        header = self.get_component_rich_style("run-table--header")
        segments = [Segment(" " * MARKS, header)]
        sorted_by, is_reversed = self._sort
        for heading, width in self._columns.items():
            is_sorted = heading == sorted_by
            arrow = (self._glyphs.up if is_reversed else self._glyphs.down) if is_sorted else ""
            text = pad(shorten(heading + arrow, width), width, right=heading in RIGHT)
            style = self.get_component_rich_style("run-table--sorted") if is_sorted else header
            segments += [Segment(text, style), Segment(GAP, header)]
        return segments
