"""A table of runs: the number in the hue of the run's curve, the best value of each column set off."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.content import Content
from textual.message import Message
from textual.strip import Strip

from namestui.runs.text import NOTHING, Inert
from namestui.tui.widgets.chart.hues import SIXTEEN, run_hue
from namestui.tui.widgets.compare_layout import GAP, MARK, NUMBER, STATE, Column, Head, Layout, layout
from namestui.tui.widgets.quiet import QuietWidget
from namestui.tui.words.table import pad, shorten


@dataclass(frozen=True)
class Table:
    """All that decides the picture but size and colours; rows and columns are counted from 0."""

    heads: tuple[Head, ...] = ()
    columns: tuple[Column, ...] = ()
    focus: int = 0
    column: int = 0
    sort: int | None = None
    reverse: bool = False
    heading: Inert = NOTHING
    note: Inert = NOTHING


class CompareTable(QuietWidget, can_focus=False):
    """One run a line under a line of headings; what does not fit is scrolled so that the focus stays in view."""

    DEFAULT_CSS = """
    CompareTable {
        padding: 0 1; border-title-style: bold; border-subtitle-align: left; border-subtitle-color: $foreground;
        & > .compare-table--heading { color: $foreground 60%; }
        & > .compare-table--column { color: $text-accent; text-style: bold; }
        & > .compare-table--row { color: $foreground 80%; }
        & > .compare-table--focus { color: $foreground; text-style: bold; }
        & > .compare-table--mark { color: $text-accent; text-style: bold; }
        & > .compare-table--best { color: $text-success; text-style: bold; }
    }
    """
    COMPONENT_CLASSES = {f"compare-table--{part}" for part in ("heading", "column", "row", "focus", "mark", "best")}

    @dataclass
    class RowChosen(Message):
        """A row was clicked."""

        row: int
        """Its index."""

    @dataclass
    class ColumnChosen(Message):
        """A heading was clicked."""

        column: int
        """Its index."""

    @dataclass
    class Scrolled(Message):
        """The wheel was turned."""

        step: int
        """Rows down."""

    def __init__(self, **kwargs: Any) -> None:
        """``kwargs`` as `QuietWidget` has them."""
        super().__init__(**kwargs)
        self._table = Table()
        self._first = (0, 0)

    @property
    def table(self) -> Table:
        """What is shown."""
        return self._table

    def show(self, table: Table) -> None:
        """Show ``table``; lines that are as they were are not drawn again."""
        if table != self._table:
            self._table = table
            self.update_picture()

    def reads(self) -> str:
        """What is copied: the headings and the run in focus with all its columns, separated by tabs; empty without."""
        heads, columns, at = self._table.heads, self._table.columns, self._table.focus
        if at >= len(heads):
            return ""
        row = [heads[at].run, heads[at].title, *(column.cells[at].strip() for column in columns)]
        return "\n".join("\t".join(line) for line in (["id", "run", *(column.heading for column in columns)], row))

    def titles(self) -> tuple[Content, Content]:
        """What is in view, and what is to be said of the run in focus."""
        placed, table = self._layout(), self._table
        lines = _part("", placed.first_row, placed.rows, len(table.heads))
        columns = _part("columns ", placed.first_column, len(placed.columns), len(table.columns))
        title = self.glyphs.separator.join(filter(None, (table.heading, lines, columns)))
        room = max(self.size.width - 2, 1)
        return Content(title), Content(shorten(table.note, room, ascii_only=self.glyphs.is_ascii))

    def key(self) -> object:
        """The table."""
        return self._table

    def picture(self, width: int, height: int) -> list[Strip]:
        """The headings, and a line a run."""
        placed = self._layout()
        self._first = placed.first_row, placed.first_column
        styles = {
            name.removeprefix("compare-table--"): self.get_component_rich_style(name) for name in self.COMPONENT_CLASSES
        }
        if self.app.no_color:
            styles["best"] += Style(underline=True)
        elif self._is_sixteen:  # the theme's tint would be a grey
            styles["best"] += Style(color=SIXTEEN["third"][self.app.current_theme.dark])
        rows = range(placed.first_row, placed.first_row + placed.rows)
        lines = [self._headings(placed, styles), *(self._row(index, placed, styles) for index in rows)][:height]
        strips = [Strip(line).adjust_cell_length(width, self.rich_style) for line in lines]
        return [*strips, *[Strip.blank(width, self.rich_style)] * (height - len(strips))]

    def on_click(self, event: events.Click) -> None:
        """Say which row or which heading it was."""
        offset = event.get_content_offset(self)
        if offset is None:
            return
        placed = self._layout()
        if offset.y == 0:
            if (column := placed.column_at(offset.x)) is not None:
                self.post_message(self.ColumnChosen(column))
        elif offset.y <= placed.rows:
            self.post_message(self.RowChosen(placed.first_row + offset.y - 1))

    def on_mouse_scroll_down(self) -> None:
        """To the next run."""
        self.post_message(self.Scrolled(1))

    def on_mouse_scroll_up(self) -> None:
        """To the run before."""
        self.post_message(self.Scrolled(-1))

    def _layout(self) -> Layout:
        table = self._table
        return layout(self.size, table.heads, table.columns, (table.focus, table.column), self._first)

    def _headings(self, placed: Layout, styles: dict[str, Style]) -> list[Segment]:
        table = self._table
        cells = [Segment(" " * (MARK + NUMBER + 1 + STATE) + pad("run", placed.title), styles["heading"])]
        for index, _, width in placed.columns:
            sign = (self.glyphs.rising if table.reverse else self.glyphs.falling) if index == table.sort else ""
            text = self._cut(sign + table.columns[index].heading, width)
            style = styles["column" if index == table.column else "heading"]
            cells += [Segment(" " * GAP, styles["heading"]), Segment(pad(text, width, right=True), style)]
        return cells

    def _row(self, index: int, placed: Layout, styles: dict[str, Style]) -> list[Segment]:
        table, head = self._table, self._table.heads[index]
        is_focus = index == table.focus
        style = styles["focus" if is_focus else "row"]
        cells = [
            Segment(pad(self.glyphs.prompt if is_focus else "", MARK), styles["mark"]),
            Segment(f"{head.number:>{NUMBER}} ", style + self._hue(head.number)),
            Segment(pad(self.glyphs.states[head.state], STATE), style),
            Segment(pad(self._cut(head.title, placed.title), placed.title), style),
        ]
        for at, _, width in placed.columns:
            column = table.columns[at]
            text = pad(self._cut(column.cells[index], width), width, right=True)
            cells.append(Segment(" " * GAP + text, styles["best"] if index in column.best else style))
        return cells

    def _hue(self, number: int) -> Style:
        """That of the run's curve."""
        return Style(color=run_hue(number, is_dark=self.app.current_theme.dark, is_sixteen=self._is_sixteen))

    @property
    def _is_sixteen(self) -> bool:
        return self.app.console.color_system in ("standard", "windows")

    def _cut(self, text: str, width: int) -> str:
        return shorten(text, width, ascii_only=self.glyphs.is_ascii) if width else ""


def _part(name: str, first: int, shown: int, count: int) -> str:
    """``columns 2-6 of 17``; empty where all are in view."""
    return f"{name}{first + 1}-{first + shown} of {count}" if shown < count else ""
