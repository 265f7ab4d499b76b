"""Beside the matrix: precision, recall, F1 and support of every class, its recall so far, and what is confused most."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

from rich.cells import cell_len
from rich.segment import Segment
from textual.binding import Binding
from textual.content import Content
from textual.strip import Strip

from namestui.runs.text import NOTHING, Inert
from namestui.tui.state.class_history import NO_RECALLS, Recalls
from namestui.tui.widgets.matrix.data import Matrix
from namestui.tui.widgets.matrix.layout import fit
from namestui.tui.widgets.matrix.scores import ClassScores, Confused, most_confused, scores_of
from namestui.tui.widgets.quiet import QuietWidget, centred
from namestui.tui.widgets.spark import spark

MAX_LABEL, MIN_LABEL = 14, 6
MAX_SPARK, MIN_SPARK = 24, 4
NUMBERS = 3 * 6 + 7
"""Cells of precision, recall, F1 and support."""
GAP = 3
"""Cells between the table and the pairs at its right."""
MIN_PAIRS, MAX_PAIRS = 30, 44
"""Cells of a line of the pairs beside the table."""
MANY = 40
"""Pairs that are sought, more than fit."""


@dataclass(frozen=True)
class _Shown:
    scores: tuple[ClassScores, ...] = ()
    pairs: tuple[Confused, ...] = ()
    recalls: Recalls = NO_RECALLS


class ClassTable(QuietWidget, can_focus=True):
    """A line a class, as far as they fit; the arrows scroll. Below or beside it the pairs that are confused most."""

    DEFAULT_CSS = """
    ClassTable {
        border-title-style: bold; border-subtitle-color: $foreground;
        &:focus { border: round $accent; }
        &.-ascii:focus { border: ascii $accent; }
        & > .class-table--head { color: $foreground 60%; }
        & > .class-table--spark { color: $foreground 60%; }
        & > .class-table--empty { color: $foreground 60%; }
    }
    """
    COMPONENT_CLASSES = {"class-table--head", "class-table--spark", "class-table--empty"}
    BINDINGS = [
        Binding("up,k", "scroll_lines(-1)", "up", show=False),
        Binding("down,j", "scroll_lines(1)", "down", show=False),
        Binding("pageup", "scroll_lines(-10)", "page up", show=False),
        Binding("pagedown", "scroll_lines(10)", "page down", show=False),
    ]

    def __init__(self, **kwargs: Any) -> None:
        """``kwargs`` as `QuietWidget` has them."""
        super().__init__(**kwargs)
        self._shown = _Shown()
        self._heading = Inert("classes")
        self._first = 0

    def show(self, matrix: Matrix, recalls: Recalls, heading: Inert, empty: str) -> None:
        """Show what ``matrix`` says; without counts ``empty`` says why there is nothing."""
        scores = tuple(scores_of(matrix)) if matrix.counts else ()
        shown = _Shown(scores, tuple(most_confused(matrix, MANY)), recalls)
        if (shown, heading, empty) != (self._shown, self._heading, self.empty):
            self._shown, self._heading, self.empty = shown, heading, empty
            self.update_picture()

    def reads(self) -> str:
        """What is copied: the whole table, tabs between the cells."""
        rows = [(one.label, *map(share_text, one[1:4]), f"{one.support}") for one in self._shown.scores]
        return "\n".join("\t".join(row) for row in [("class", "precision", "recall", "F1", "names"), *rows] if rows)

    def titles(self) -> tuple[Content, Content]:
        """The epoch and what is in view; the pair that is confused most, where the pairs have no room."""
        count, lines = len(self._shown.scores), self._lines_of_table(self.size.width, self.size.height)
        part = f"{self._first + 1}-{self._first + lines} of {count}" if 0 < lines < count else ""
        title = self.glyphs.separator.join(filter(None, (self._heading, part)))
        has_pairs = self._is_wide(self.size.width) or self._lines_below(self.size.height) > 0
        below = "" if has_pairs or not self._shown.pairs else " ".join(self._texts(self._shown.pairs[0]))
        return Content(title), Content(below)

    def key(self) -> object:
        """All that is shown."""
        return self._shown, self._heading, self._first

    def picture(self, width: int, height: int) -> list[Strip]:
        """The table, with the pairs beside it or below."""
        empty = self.get_component_rich_style("class-table--empty")
        if not self._shown.scores:
            return centred(self.empty, width, height, empty)
        if self._is_wide(width):
            pairs = self._pairs(min(MAX_PAIRS, width - self._table_width(width) - GAP), height)
            table = self._table(self._table_width(width), height)
            blank = Strip([Segment(" " * self._table_width(width), self.rich_style)])
            gap = Strip([Segment(" " * GAP, self.rich_style)])
            return [Strip.join([left, gap, right]) for left, right in zip_longest(table, pairs, fillvalue=blank)]
        below = self._lines_below(height)
        lines = self._table(width, height - below)
        return lines + ([Strip.blank(width, self.rich_style), *self._pairs(width, below - 1)] if below > 1 else [])

    def action_scroll_lines(self, lines: int) -> None:
        """Show other classes."""
        last = max(0, len(self._shown.scores) - self._lines_of_table(self.size.width, self.size.height))
        self._first = min(max(self._first + lines, 0), last)
        self.update_picture()

    def _is_wide(self, width: int) -> bool:
        """Whether the pairs have room beside the table."""
        return width >= self._label() + NUMBERS + MIN_SPARK + 1 + GAP + MIN_PAIRS

    def _label(self) -> int:
        longest = max((cell_len(one.label) for one in self._shown.scores), default=0)
        return min(max(longest, MIN_LABEL), MAX_LABEL)

    def _table_width(self, width: int) -> int:
        spare = width - self._label() - NUMBERS - 1 - (GAP + MIN_PAIRS if self._is_wide(width) else 0)
        return self._label() + NUMBERS + (1 + min(spare, MAX_SPARK) if spare >= MIN_SPARK else 0)

    def _lines_below(self, height: int) -> int:
        """Lines under the table, with a blank one before them: none where there is no room for three pairs."""
        spare = height - 1 - len(self._shown.scores)
        return spare if spare >= 5 else 0

    def _lines_of_table(self, width: int, height: int) -> int:
        """Classes in view."""
        below = 0 if self._is_wide(width) else self._lines_below(height)
        return max(0, min(height - below - 1, len(self._shown.scores) - self._first))

    def _table(self, width: int, height: int) -> list[Strip]:
        head, spark_style = (self.get_component_rich_style(f"class-table--{name}") for name in ("head", "spark"))
        label = min(self._label(), max(1, width - NUMBERS))
        room = min(width - label - NUMBERS - 1, MAX_SPARK)
        known = len(self._shown.recalls.values[0]) if self._shown.recalls.values else 0
        has_spark = room >= MIN_SPARK and known > 0
        words = f"{'class':<{label}}  prec   rec    F1   names"
        lines = [_line([(words[:width], head), (f" {'recall':<{room}}"[: room + 1] if has_spark else "", head)], width)]
        for index in range(self._first, min(self._first + height - 1, len(self._shown.scores))):
            one = self._shown.scores[index]
            numbers = "".join(f"{share_text(share):>6}" for share in one[1:4]) + f"{one.support:>7,}"
            recalls = self._shown.recalls.of(index) if has_spark and index < known else []
            drawn = " " + spark(recalls, room, self.glyphs) if recalls else ""
            text = (fit(one.label, label, self.glyphs.more) + numbers)[:width]
            lines.append(_line([(text, self.rich_style), (drawn, spark_style)], width))
        return lines

    def _pairs(self, width: int, height: int) -> list[Strip]:
        head = self.get_component_rich_style("class-table--head")
        lines = [_line([(fit("most confused", width), head)], width)]
        lines += [_line([(self._pair(pair, width), self.rich_style)], width) for pair in self._shown.pairs]
        return lines[: max(0, height)]

    def _pair(self, pair: Confused, width: int) -> str:
        """``Scottish → English   6 of 10``."""
        names, counts = self._texts(pair)
        return fit(names, max(0, width - len(counts) - 1), self.glyphs.more) + " " + counts if width > 0 else NOTHING

    def _texts(self, pair: Confused) -> tuple[str, str]:
        return f"{pair.true} {self.glyphs.arrow} {pair.predicted}", f"{pair.names:,} of {pair.support:,}"


def share_text(share: float | None) -> str:
    """``.842``, ``1.00``; what cannot be said is a dash."""
    if share is None:
        return "-"
    return "1.00" if share == 1 else f"{min(share, 0.999):.3f}"[1:]


def _line(parts: list[tuple[str, Any]], width: int) -> Strip:
    segments = [Segment(text, style) for text, style in parts if text]
    return Strip(segments).adjust_cell_length(width, segments[-1].style if segments else None)
