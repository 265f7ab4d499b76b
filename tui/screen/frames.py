"""Frames made small: of what Textual draws, a terminal is sent the cells that look different from before.

Textual sends whole rows of a widget, each piece with all of its colours and a reset. Over a slow line that is several
times what has changed.
"""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import islice
from typing import NamedTuple

from rich.cells import cell_len

_TOKEN = re.compile(r"\x1b\[([0-9;]*)m|\x1b\[(\d+);(\d+)H|(\n)|([^\x00-\x1f\x7f-\x9f]+)")
"""All that a frame consists of: colours, moves, line ends, text."""
_HARMLESS = re.compile(r"(?:\x1b\[\?2026[hl]|\x07|\x1b\][^\x00-\x1f\x7f-\x9f]*(?:\x07|\x1b\\))*")
"""What draws nothing and moves nothing: begin and end of a frame, bells, messages to the terminal."""
_HOME = "\x1b[1;1H"
MOVE = 3
"""Bytes of the shortest move to the right."""
_COLOURS = {"5": 1, "2": 3}
"""How many numbers follow, by the kind of a colour."""
_SIMPLE = re.compile(
    "[\x20-\x7e\xa0-\xac\xae-\u02ff\u0370-\u058f\u1e00-\u1fff\u2010-\u2027\u2030-\u205f\u20a0-\u2bff]+"
)
"""Characters that take one cell each (where our tables say so, too), join with no other, and run from left to right."""


class Style(NamedTuple):
    """As the terminal is told it; empty: its own colours."""

    foreground: str = ""
    background: str = ""
    attributes: frozenset[str] = frozenset()


PLAIN = Style()
_UNSEEN = frozenset("1238")
"""Attributes that make no difference to a blank: bold, dim, italic, concealed."""

Cell = tuple[str, Style]


class _UnknownError(Exception):
    """Something that no frame consists of, or that is out of bounds."""


class Frames:
    """Knows what each cell of the terminal looks like, as far as it was drawn through ``reduced``."""

    def __init__(self) -> None:
        self._rows: list[list[Cell | None]] = []
        self._size = (0, 0)
        self._out: list[str] = []
        self._sent = PLAIN
        self._at: tuple[int, int] | None = None
        """Column and row of the terminal's cursor; None where that is not certain."""

    def reduced(self, data: str, size: tuple[int, int]) -> str:
        """What to write instead of ``data`` to a terminal of so many columns and rows.

        A frame of the whole screen is sent whole: it is drawn where the terminal may show anything. So is everything
        that is no frame, and what is drawn next after that.
        """
        if _HARMLESS.fullmatch(data):
            return data
        if size != self._size or (data.startswith(_HOME) and data.count("\n") >= size[1] - 1):
            self._forget(size)
        self._out, self._sent = [], PLAIN
        try:
            self._draw(data)
        except _UnknownError:
            self._forget(size)
            return data
        return "".join(self._out)

    def _forget(self, size: tuple[int, int]) -> None:
        columns, rows = self._size = size
        self._rows = [[None] * columns for _ in range(rows)]
        self._at = None

    def _draw(self, data: str) -> None:
        columns, rows = self._size
        codes, style, place, end = "", PLAIN, self._at, 0
        is_verbatim = False
        """Nobody knows how wide what is written in this row is: as it comes, from here to the next move."""
        for token in _TOKEN.finditer(data):
            if token.start() != end:
                raise _UnknownError
            end = token.end()
            sgr, row, column, newline, text = token.groups()
            if sgr is not None:
                codes = f"{codes};{sgr}" if codes and sgr not in ("", "0") else sgr
                style = style_of(codes)
                continue
            if row is not None:
                place, is_verbatim = (int(column) - 1, int(row) - 1), False
            elif place is None:
                raise _UnknownError
            elif newline is not None:
                place, is_verbatim = (0, place[1] + 1), False
            if place is None or not (0 <= place[1] < rows and 0 <= place[0] <= columns):
                raise _UnknownError
            if text is None:
                continue
            if not is_verbatim and is_simple(text):
                self._put(*place, text, style)
                place = place[0] + len(text), place[1]
                continue
            if not is_verbatim:
                self._move(*place)
                self._rows[place[1]], self._at, is_verbatim = [None] * columns, None, True
            self._paint(style)
            self._out.append(text)
        if end != len(data):
            raise _UnknownError
        if place is not None and place[0] < columns and not is_verbatim:
            self._move(*place)
        self._paint(PLAIN)

    def _put(self, x: int, y: int, text: str, style: Style) -> None:
        """Draw ``text``, a cell a character, where it differs."""
        row = self._rows[y]
        if x + len(text) > len(row):
            raise _UnknownError
        blank = blank_of(style)
        cells: list[Cell] = [(character, blank if character == " " else style) for character in text]
        before = row[x : x + len(cells)]
        if before == cells:
            return
        if before.count(None) == len(cells):  # the usual case of a whole frame: cell by cell takes longer
            row[x : x + len(cells)] = cells
            self._move(x, y)
            self._paint(self._style_for(cells[0]) if text.isspace() else style)
            self._out.append(text)
            self._at = (x + len(cells), y) if x + len(cells) < len(row) else None
            return
        for column, cell in enumerate(cells, x):
            if row[column] == cell:
                continue
            row[column] = cell
            if self._at is not None and self._at[1] == y and x < self._at[0] < column:
                self._write_again(cells[self._at[0] - x : column - x])
            self._move(column, y)
            self._paint(self._style_for(cell))
            self._out.append(cell[0])
            self._at = (column + 1, y) if column + 1 < len(row) else None

    def _write_again(self, cells: list[Cell]) -> None:
        """Pass over these by writing them, where that is no longer than a move."""
        text = "".join(character for character, _ in cells)
        if len(text.encode()) <= MOVE and self._at is not None and all(self._style_for(c) == self._sent for c in cells):
            self._out.append(text)
            self._at = self._at[0] + len(cells), self._at[1]

    def _move(self, x: int, y: int) -> None:
        if self._at == (x, y):
            return
        if self._at is not None and self._at[1] == y and x > self._at[0]:
            steps = x - self._at[0]
            self._out.append(f"\x1b[{steps}C" if steps > 1 else "\x1b[C")
        else:
            self._out.append(f"\x1b[{y + 1};{x + 1}H")
        self._at = (x, y)

    def _style_for(self, cell: Cell) -> Style:
        """The style to write it in: of a blank only the background matters."""
        character, style = cell
        if character == " " and not style.foreground and not style.attributes and self._sent.attributes <= _UNSEEN:
            return self._sent._replace(background=style.background)
        return style

    def _paint(self, style: Style) -> None:
        if style != self._sent:
            self._out.append(change(self._sent, style))
            self._sent = style


@lru_cache(4096)
def style_of(codes: str) -> Style:
    """What these numbers of an SGR sequence, after a reset, make of the text.

    Raises:
        _UnknownError: some mean what is not known here.
    """
    foreground = background = ""
    attributes = set[str]()
    parts = iter(codes.split(";"))
    for code in parts:
        if code in ("38", "48"):
            kind = next(parts, "")
            colour = ";".join([code, kind, *islice(parts, _COLOURS.get(kind, 0))])
            if colour.count(";") != 1 + _COLOURS.get(kind, 9):
                raise _UnknownError
            foreground, background = (colour, background) if code == "38" else (foreground, colour)
        elif code in ("", "0"):
            foreground = background = ""
            attributes.clear()
        elif len(code) == 1:
            attributes.add(code)
        elif code[:-1] in ("3", "9") and code[-1] < "8":
            foreground = code
        elif code[:-1] in ("4", "10") and code[-1] < "8":
            background = code
        else:
            raise _UnknownError
    return Style(foreground, background, frozenset(attributes))


@lru_cache(4096)
def blank_of(style: Style) -> Style:
    """What of ``style`` is seen of a blank."""
    return Style(background=style.background) if style.attributes <= _UNSEEN else style


@lru_cache(4096)
def change(old: Style, new: Style) -> str:
    """The SGR sequence from one style to another that is not the same."""
    codes = []
    if old.attributes - new.attributes or (old != PLAIN and new == PLAIN):
        codes, old = ["0"], PLAIN
    codes += sorted(new.attributes - old.attributes)
    if new.foreground != old.foreground:
        codes.append(new.foreground or "39")
    if new.background != old.background:
        codes.append(new.background or "49")
    return f"\x1b[{';'.join(codes)}m"


@lru_cache(4096)
def is_simple(text: str) -> bool:
    """Whether all terminals are certain to show ``text`` in as many cells as it has characters."""
    return _SIMPLE.fullmatch(text) is not None and cell_len(text) == len(text)
