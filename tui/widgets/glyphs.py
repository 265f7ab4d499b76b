"""Every character of the screen that is not a letter or a digit, for terminals with and without Unicode."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from namestui.runs.events import State


@dataclass(frozen=True)
class Pen:
    """What the lines of a chart are made of: a mark for each place in the order of drawing, and the dots that a cell
    has across (2: a cell is a braille character, and needs no mark)."""

    markers: tuple[str, ...]
    reference: str
    raw: str
    """The values that a smoothed line is made of."""
    dots: int


@dataclass(frozen=True)
class Glyphs:
    """One set of characters; widgets are given one and ask no further."""

    is_ascii: bool
    separator: str
    """Between the parts of one line."""
    more: str
    """That text was cut."""
    prompt: str
    arrow: str
    """From a true class to a predicted one."""
    falling: str
    """A column by which rows are sorted, its better end first."""
    rising: str
    zero: str
    """A cell of the matrix with nothing in it."""
    stroke: str
    """Between the two words in the corner of the matrix."""
    full: str
    """A cell of a progress bar that is done."""
    empty: str
    eighths: str
    """A bar's last cell by eighths of it, none first; the last of them fills the cell."""
    levels: str
    """A cell of a sparkline, from the lowest to the highest."""
    axis: str
    tick: str
    pen: Pen
    lines: tuple[str, ...]
    """The curves of a chart in its legend, in the order of drawing."""
    dashed: tuple[str, ...]
    """The same where no colour tells them apart."""
    reference: str
    cursor: str
    """The line at the epoch that is looked at."""
    best: str
    """The best point of a curve."""
    cut: str
    """Where a pause was cut out of an axis."""
    states: Mapping[State, str]
    down: str
    """Beside a heading: sorted by it."""
    up: str
    """Likewise, in reverse."""


UNICODE = Glyphs(
    is_ascii=False,
    separator=" · ",
    more="…",
    prompt="▸",
    arrow="→",
    falling="▼",
    rising="▲",
    zero="·",
    stroke="╲",
    full="▓",
    empty="░",
    eighths=" ▏▎▍▌▋▊▉█",
    levels="▁▂▃▄▅▆▇█",
    axis="│",
    tick="┤",
    pen=Pen((), "", "", 2),
    lines=("━",),
    dashed=("━", "╍"),
    reference="┈",
    cursor="▏",
    best="◆",
    cut="╱",
    states={
        "starting": "◌",
        "running": "●",
        "pausing": "❚❚",
        "paused": "❚❚",
        "stopping": "■",
        "stopped": "■",
        "finished": "✓",
        "failed": "✗",
        "interrupted": "!",
    },
    down="↓",
    up="↑",
)
ASCII = Glyphs(
    is_ascii=True,
    separator=" - ",
    more=".",
    prompt=">",
    arrow="->",
    falling="v",
    rising="^",
    zero=".",
    stroke="\\",
    full="#",
    empty=".",
    eighths=" " * 4 + "#" * 5,
    levels="_.-=+*%#",
    axis="|",
    tick="+",
    pen=Pen(("*", "o", "x", "%"), "-", ".", 1),
    lines=("*", "o", "x", "%"),
    dashed=("*", "o", "x", "%"),
    reference="-",
    cursor="|",
    best="@",
    cut="/",
    states={
        "starting": ".",
        "running": "*",
        "pausing": "=",
        "paused": "=",
        "stopping": "#",
        "stopped": "#",
        "finished": "+",
        "failed": "x",
        "interrupted": "!",
    },
    down="v",
    up="^",
)
