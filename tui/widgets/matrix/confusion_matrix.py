"""A confusion matrix with a cursor: rows are true classes, columns predicted ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from rich.cells import cell_len
from rich.segment import Segment
from textual import events
from textual.binding import Binding
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive
from textual.strip import Strip

from namestui.runs.text import Inert
from namestui.tui.widgets.matrix.data import Matrix
from namestui.tui.widgets.matrix.layout import Layout, fit, layout
from namestui.tui.widgets.matrix.look import CLASSES, look_of
from namestui.tui.widgets.matrix.picture import Look, View
from namestui.tui.widgets.matrix.window import Cell, described, inside, scrolled
from namestui.tui.widgets.quiet import QuietWidget, centred

BORDERS = 2
"""Columns of the borders at its left and its right."""

SENTENCE = 100
"""Columns that the sentence in its border takes, mostly."""


class ConfusionMatrix(QuietWidget, can_focus=True):
    """Counts in coloured cells: the diagonal in one hue, errors in another, the stronger the larger in its row.

    What does not fit is scrolled so that the cursor stays in view; heads and row labels stay where they are.
    """

    DEFAULT_CSS = """
    ConfusionMatrix {
        border-title-style: bold; border-subtitle-color: $foreground; border-subtitle-align: left;
        &:focus { border: round $accent; }
        &.-ascii:focus { border: ascii $accent; }
        & > .confusion-matrix--correct { color: $success; }
        & > .confusion-matrix--error { color: $error; }
        & > .confusion-matrix--label { color: $foreground 75%; }
        & > .confusion-matrix--corner { color: $foreground 50%; }
        & > .confusion-matrix--zero { color: $foreground 30%; }
        & > .confusion-matrix--at { color: $foreground; text-style: bold; }
        & > .confusion-matrix--cursor { color: $foreground; text-style: bold reverse; }
        & > .confusion-matrix--empty { color: $foreground 60%; }
        &:focus > .confusion-matrix--at { color: $text-accent; }
        &:focus > .confusion-matrix--cursor { color: $text-accent; }
    }
    """
    COMPONENT_CLASSES = CLASSES
    BINDINGS = [
        Binding("percent_sign", "toggle_percent", "row %", key_display="%"),
        Binding("enter", "select", "names", key_display="enter"),
        Binding("up,k", "move(-1, 0)", "up", show=False),
        Binding("down,j", "move(1, 0)", "down", show=False),
        Binding("left,h", "move(0, -1)", "left", show=False),
        Binding("right,l", "move(0, 1)", "right", show=False),
        Binding("pageup", "page(-1)", "page up", show=False),
        Binding("pagedown", "page(1)", "page down", show=False),
        Binding("home", "edge(-1)", "first column", show=False),
        Binding("end", "edge(1)", "last column", show=False),
    ]

    percent = reactive(False, repaint=False)
    """Show shares of the row in per cent instead of counts."""
    cursor = reactive((0, 0), repaint=False)
    """The row and the column of the cursor, counted from 0."""

    @dataclass
    class CellSelected(Message):
        """Enter was pressed on a cell."""

        matrix: ConfusionMatrix
        """The matrix it happened in."""
        row: int
        """Index of the true class."""
        column: int
        """Index of the predicted class."""

        @property
        def control(self) -> ConfusionMatrix:
            """The matrix, for `@on` selectors."""
            return self.matrix

    @dataclass
    class CursorMoved(Message):
        """The cursor went to another cell."""

        matrix: ConfusionMatrix
        """The matrix it happened in."""
        row: int
        """Index of the true class."""
        column: int
        """Index of the predicted class."""

        @property
        def control(self) -> ConfusionMatrix:
            """The matrix, for `@on` selectors."""
            return self.matrix

    def __init__(self, **kwargs: Any) -> None:
        """``kwargs`` as `QuietWidget` has them."""
        super().__init__(**kwargs)
        self._matrix = Matrix()
        self._heading = self._epoch = Inert("")
        self._first = (0, 0)
        self._look: Look | None = None

    def show(
        self,
        labels: Sequence[Inert],
        counts: Sequence[Sequence[int]],
        heading: Inert,
        empty: str | None = None,
        epoch: Inert | None = None,
    ) -> None:
        """Show `counts[true][predicted]` of so many classes; missing counts are 0. The cursor stays put.

        ``epoch`` says of what past epoch it is, also where no border holds the heading. Without labels ``empty`` says
        why there is nothing; it stays as it was where it is not given.
        """
        matrix = Matrix.of(labels, counts)
        empty = self.empty if empty is None else empty
        epoch = epoch or Inert("")
        if (matrix, heading, empty, epoch) == (self._matrix, self._heading, self.empty, self._epoch):
            return
        self._matrix, self._heading, self.empty, self._epoch = matrix, heading, empty, epoch
        self._drawn = None  # the counts are not part of the key: a million of them are not compared at every line
        if matrix.labels:  # an epoch without a matrix does not move it
            self.cursor = self.validate_cursor(self.cursor)
        self.update_picture()

    @property
    def shown(self) -> Matrix:
        """What it shows."""
        return self._matrix

    def width_in(self, room: int) -> int:
        """Columns, borders included, of which it makes use where ``room`` are there."""
        placed = layout(room - BORDERS, self.size.height, len(self._matrix.labels), self._matrix.longest, border=True)
        width = placed.label + placed.cell * placed.columns + BORDERS
        return min(room, max(width, SENTENCE)) if self._matrix.labels else room

    def titles(self) -> tuple[Content, Content]:
        """The title, and in the bottom border the sentence about the cursor's cell."""
        self._scroll_to_cursor()
        return Content(self._title_text()), Content(self.sentence() if self.has_border else "")

    def key(self) -> object:
        """Everything but the counts, whose change is noted in ``show``."""
        return self.cursor, self.percent, self._heading, self._epoch

    def picture(self, width: int, height: int) -> list[Strip]:
        """As many lines as the content has."""
        self._scroll_to_cursor()
        look = self._look = self._look or look_of(self)
        if not self._matrix.labels:
            return centred(self.empty, width, height, look.parts["empty"])
        placed = self._layout()
        lines = View(self._matrix, placed, self._first, self.cursor, self.percent, self.glyphs).lines(look)
        lines += [Strip.blank(width, self.rich_style)] * (height - len(lines))
        if placed.sentence:
            words = self.glyphs.separator.join(filter(None, (self._epoch, self.sentence())))
            lines[-1] = Strip([Segment(fit(words, width, self.glyphs.more), self.rich_style)])
        return lines

    def sentence(self) -> str:
        """What the cursor is on, with precision and recall of the true class where they fit; empty without classes."""
        cell, scores = self._matrix.sentence(*self.cursor, self.glyphs.arrow), self._matrix.scores(self.cursor[0])
        both = f"{cell}{self.glyphs.separator}{scores}"
        epoch = f"{self._epoch}{self.glyphs.separator}" if self._epoch and not self.has_border else ""
        return both if scores and cell_len(epoch + both) <= self.size.width - 2 else cell

    def reads(self) -> str:
        """What is copied: the cursor's cell, and the scores of its true class."""
        cell, scores = self._matrix.sentence(*self.cursor, self.glyphs.arrow), self._matrix.scores(self.cursor[0])
        return self.glyphs.separator.join(filter(None, (cell, scores)))

    def validate_cursor(self, cursor: Cell) -> Cell:
        """Keep the cursor inside the matrix."""
        return inside(cursor, len(self._matrix.labels)) if self._matrix.labels else cursor

    def watch_cursor(self) -> None:
        """Repaint what the cursor left and what it reached, and report it to the parents."""
        self.update_picture()
        self.post_message(self.CursorMoved(self, *self.cursor))

    def watch_percent(self) -> None:
        """Write the numbers the other way."""
        self.update_picture()

    def on_click(self, event: events.Click) -> None:
        """Put the cursor where the mouse is."""
        offset = event.get_content_offset(self)
        if offset is None or not self._matrix.labels:
            return
        placed = self._layout()
        row, column = placed.row_at(offset.y), placed.column_at(offset.x)
        if row is not None and column is not None:
            self.cursor = (self._first[0] + row, self._first[1] + column)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Down through the rows, where not all are in view."""
        self._scroll(event, 1)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Up through the rows, where not all are in view."""
        self._scroll(event, -1)

    def _scroll(self, event: events.MouseEvent, rows: int) -> None:
        if self._layout().rows < len(self._matrix.labels):
            event.stop()
            self.action_move(rows, 0)

    def notify_style_update(self) -> None:
        """Find the look of a new theme, or of gained or lost focus."""
        super().notify_style_update()
        self._look = None

    def action_toggle_percent(self) -> None:
        """Counts or shares of the row."""
        self.percent = not self.percent

    def action_move(self, down: int, right: int) -> None:
        """Move the cursor by so many rows and columns."""
        if self._matrix.labels:
            self.cursor = (self.cursor[0] + down, self.cursor[1] + right)

    def action_page(self, pages: int) -> None:
        """Move the cursor up or down by as many rows as are in view."""
        self.action_move(pages * max(1, self._layout().rows), 0)

    def action_edge(self, side: int) -> None:
        """Move the cursor to the first (-1) or the last (1) column."""
        self.action_move(0, side * len(self._matrix.labels))

    def action_select(self) -> None:
        """Say that the cell under the cursor is wanted."""
        if self._matrix.labels:
            self.post_message(self.CellSelected(self, *self.cursor))

    def _layout(self) -> Layout:
        width, height = self.size
        return layout(width, height, len(self._matrix.labels), self._matrix.longest, self.has_border)

    def _scroll_to_cursor(self) -> None:
        self._first = scrolled(self._first, self.cursor, self._layout(), len(self._matrix.labels))

    def _title_text(self) -> str:
        count = len(self._matrix.labels)
        numbers = ("row %" if self.percent else "counts") if count else ""
        in_view = described(self._first, self._layout(), count)
        return self.glyphs.separator.join(filter(None, (self._heading, numbers, in_view)))
