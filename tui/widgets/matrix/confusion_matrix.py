"""A confusion matrix with a cursor: rows are true classes, columns predicted ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.app import RenderResult
from textual.binding import Binding
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive
from textual.strip import Strip

from namestui.tui.widgets.matrix.colours import known, shades
from namestui.tui.widgets.matrix.data import Matrix
from namestui.tui.widgets.matrix.layout import Layout, fit, layout
from namestui.tui.widgets.matrix.picture import ASCII, UNICODE, Look, Signs, View
from namestui.tui.widgets.quiet import QuietWidget, centred, changed_rows

_PARTS = ("label", "corner", "zero", "at", "cursor", "empty")


class ConfusionMatrix(QuietWidget, can_focus=True):
    """Counts in coloured cells: the diagonal in one hue, errors in another, the stronger the larger in its row.

    What does not fit is scrolled so that the cursor stays in view; heads and row labels stay where they are.
    """

    DEFAULT_CSS = """
    ConfusionMatrix {
        width: 1fr; height: 1fr;
        border: round $foreground 25%;
        border-title-color: $foreground; border-title-style: bold; border-title-background: transparent;
        border-subtitle-color: $foreground; border-subtitle-background: transparent;
        border-subtitle-align: left;
        &:focus { border: round $accent; }
        &.-ascii { border: ascii $foreground 25%; }
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
    COMPONENT_CLASSES = {
        "confusion-matrix--correct",
        "confusion-matrix--error",
        "confusion-matrix--label",
        "confusion-matrix--corner",
        "confusion-matrix--zero",
        "confusion-matrix--at",
        "confusion-matrix--cursor",
        "confusion-matrix--empty",
    }
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
    empty = reactive("")
    """What is shown before there are counts: what will fill the pane, and how."""
    ascii_only = reactive(False)
    """Draw in ASCII, for terminals that are not UTF-8."""

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

    def __init__(self, *, empty: str = "", ascii_only: bool = False, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._matrix = Matrix()
        self._heading = ""
        self._first = (0, 0)
        self._drawn: object = None
        self._rows: list[Strip] = []
        self._look: Look | None = None
        self.set_reactive(ConfusionMatrix.empty, empty)
        self.set_reactive(ConfusionMatrix.ascii_only, ascii_only)

    def show(self, labels: Sequence[str], counts: Sequence[Sequence[int]], title: str) -> None:
        """Show `counts[true][predicted]` of so many classes; missing counts are 0. The cursor stays put.

        Labels and title are plain text, in which the caller has neutralised control characters.
        """
        matrix = Matrix.of(labels, counts)
        if (matrix, title) == (self._matrix, self._heading):
            return
        self._matrix, self._heading = matrix, title
        self._drawn = None
        self.cursor = self.validate_cursor(self.cursor)
        self._update()

    def sentence(self) -> str:
        """What the cursor is on, and how well the true class is told, where that fits; empty without classes."""
        cell, scores = self._matrix.sentence(*self.cursor, self._signs.arrow), self._matrix.scores(self.cursor[0])
        both = f"{cell}{self._signs.separator}{scores}"
        return both if scores and cell_len(both) <= self.size.width - 2 else cell

    def validate_cursor(self, cursor: tuple[int, int]) -> tuple[int, int]:
        """Keep the cursor inside the matrix."""
        last = max(0, len(self._matrix.labels) - 1)
        row, column = cursor
        return min(max(int(row), 0), last), min(max(int(column), 0), last)

    def watch_cursor(self) -> None:
        """Repaint what the cursor left and what it reached, and tell the parents."""
        self._update()
        self.post_message(self.CursorMoved(self, *self.cursor))

    def watch_percent(self) -> None:
        """Write the numbers the other way."""
        self._update()

    def watch_ascii_only(self, ascii_only: bool) -> None:
        """Change the border along with the signs."""
        self.set_class(ascii_only, "-ascii")
        self._update()

    def on_mount(self) -> None:
        """Write the titles."""
        self.set_class(self.ascii_only, "-ascii")
        self._update()

    def on_resize(self) -> None:
        """What is scrolled, and so the title, depends on the size."""
        self._update()

    def on_click(self, event: events.Click) -> None:
        """Put the cursor where the mouse is."""
        offset = event.get_content_offset(self)
        if offset is None or not self._matrix.labels:
            return
        placed = self._layout()
        row, column = placed.row_at(offset.y), placed.column_at(offset.x)
        if row is not None and column is not None:
            self.cursor = (self._first[0] + row, self._first[1] + column)

    def action_toggle_percent(self) -> None:
        """Counts or shares of the row."""
        self.percent = not self.percent

    def action_move(self, down: int, right: int) -> None:
        """Move the cursor by so many rows and columns."""
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

    def notify_style_update(self) -> None:
        """Draw again in the colours of a new theme, or of gained or lost focus."""
        super().notify_style_update()
        self._drawn = None
        self._look = None

    def render(self) -> RenderResult:
        """Nothing: the matrix is drawn by lines."""
        return ""

    def render_line(self, y: int) -> Strip:
        """One line of the content, exactly as wide as the content."""
        self._draw()
        width = self.size.width
        row = self._rows[y] if y < len(self._rows) else Strip.blank(width, self.rich_style)
        return row.adjust_cell_length(width, self.rich_style)

    def _update(self) -> None:
        """Bring the picture up to date and repaint the lines that changed."""
        if not self.is_mounted:
            return
        self._scroll_to_cursor()
        self.set_titles(Content(self._title_text()), Content(self.sentence() if self.has_border else ""))
        if not self.is_on_screen or not self._rows:
            self.refresh()  # nothing is drawn before someone looks
            return
        before = self._rows
        self._draw()
        self.refresh_rows(changed_rows(before, self._rows))

    @property
    def _signs(self) -> Signs:
        return ASCII if self.ascii_only else UNICODE

    def _layout(self) -> Layout:
        width, height = self.size
        return layout(width, height, len(self._matrix.labels), self._matrix.longest, self.has_border)

    def _scroll_to_cursor(self) -> None:
        placed = self._layout()
        first = []
        for at, start, shown in zip(self.cursor, self._first, (placed.rows, placed.columns), strict=True):
            start = min(max(start, at - shown + 1), at) if shown else at
            first.append(max(0, min(start, len(self._matrix.labels) - shown)))
        self._first = (first[0], first[1])

    def _title_text(self) -> str:
        count, placed = len(self._matrix.labels), self._layout()
        parts = [self._heading] if self._heading else []
        if count:
            parts.append("row %" if self.percent else "counts")
        seen = [
            f"{name} {first + 1}-{first + shown}"
            for name, first, shown in zip(("rows", "columns"), self._first, (placed.rows, placed.columns), strict=True)
            if 0 < shown < count
        ]
        if seen:
            parts.append(f"{', '.join(seen)} of {count}")
        return self._signs.separator.join(parts)

    def _draw(self) -> None:
        """Draw into `_rows`, unless they already hold this at this size."""
        key = (self.size, self.cursor, self.percent, self.empty, self.ascii_only, self.has_border)
        if self._drawn == key or not self.size:
            return
        self._drawn = key
        self._scroll_to_cursor()
        self._look = self._look or self._find_look()
        self._rows = self._picture(self._look)

    def _find_look(self) -> Look:
        parts = {name: self.get_component_rich_style(f"confusion-matrix--{name}") for name in _PARTS}
        system = self.app.console.color_system
        if system not in ("256", "truecolor"):
            # The accent may well be matched to the red or the green that cells have.
            parts["cursor"] = self.rich_style + Style(bold=True, reverse=True)
        dark = self.app.current_theme.dark
        background = known(self.background_colors[1], "#121212" if dark else "#f0f0f0")
        ramps = []
        for kind, otherwise in (("correct", "#4ebf71"), ("error", "#d75f5f")):
            hue = known(self.get_component_styles(f"confusion-matrix--{kind}").color, otherwise)
            ramps.append(shades(kind, hue, background, self.rich_style, system))
        return Look(parts, *ramps)

    def _picture(self, look: Look) -> list[Strip]:
        """As many lines as the content has."""
        width, height = self.size
        if not self._matrix.labels:
            return centred(self.empty, width, height, look.parts["empty"])
        placed = self._layout()
        lines = View(self._matrix, placed, self._first, self.cursor, self.percent, self._signs).lines(look)
        lines += [Strip.blank(width, self.rich_style)] * (height - len(lines))
        if placed.sentence:
            lines[-1] = Strip([Segment(fit(self.sentence(), width, self._signs.more), self.rich_style)])
        return lines
