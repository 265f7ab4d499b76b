"""Curves as rows of coloured characters, rasterised by plotext; its axes are not used, nor its colours."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from namestui.tui.widgets.chart.downsample import Segment

Role = Literal["train", "validation", "reference"]
Run = tuple[str, Role | None]
"""Neighbouring characters of one role; None is blank."""

# plotext is given one palette number a role, and its output is read back by that number: the theme's colours
# are set by the widget. A cell that two curves share takes the role drawn last: validation, or where that is
# dashed the solid line, which must not inherit the dashes.
_NUMBER: dict[Role, int] = {"reference": 1, "train": 2, "validation": 3}
_ORDER: tuple[Role, ...] = ("reference", "train", "validation")
_DASHED_ORDER: tuple[Role, ...] = ("reference", "validation", "train")
_ROLE = {f"38;5;{number}": role for role, number in _NUMBER.items()}
_ESCAPE = re.compile(r"\x1b\[([0-9;]*)m")
_BRAILLE, _LEFT_DOTS = 0x2800, 0x47


@dataclass(frozen=True)
class Pen:
    """What lines are made of: a plotext marker a role, and the dots a cell has across."""

    train: str
    validation: str
    reference: str
    dots: int


BRAILLE = Pen("braille", "braille", "braille", 2)
BLOCKS = Pen("hd", "hd", "·", 2)
ASCII = Pen("*", "o", "-", 1)


@dataclass(frozen=True)
class Stroke:
    """One curve ready to be drawn: its role and its unbroken pieces, in axis units."""

    role: Role
    segments: Sequence[Segment]


def draw(
    strokes: Sequence[Stroke],
    size: tuple[int, int],
    x_limits: tuple[float, float],
    y_limits: tuple[float, float],
    pen: Pen,
    dashed: bool,
) -> list[list[Run]]:
    """Rows of runs, top row first: `size[1]` rows that are each `size[0]` characters wide.

    Every number must be finite and the limits ascending: plotext aborts the whole process on a NaN.
    A reference is dotted; with `dashed`, so is validation dashed, for screens without colour.
    """
    import plotext  # imported late: it takes 0.1 s, and most users of the widgets never draw

    width, height = size
    figure: Any = plotext.figure
    figure.clear()
    plotext.terminal.limit(False, False)
    figure.plot_size(width, height)
    figure.canvas("default")
    figure.axes(False)
    figure.legend(False)
    for axis, limits in (("x", x_limits), ("y", y_limits)):
        figure.ruler(axis).ticks([])
        figure.ruler(axis).lim(*limits)
    low, high = y_limits
    floor, ceiling = low - (high - low), high + (high - low)
    order = _DASHED_ORDER if dashed else _ORDER
    for stroke in sorted(strokes, key=lambda stroke: order.index(stroke.role)):
        marker = plotext.marker(getattr(pen, stroke.role), _NUMBER[stroke.role])
        xs, ys, starts = _joined(stroke.segments)
        if not xs:
            continue
        # Points far off the canvas are brought near it: plotext steps along the whole of every line.
        signal = figure.signal(xs, [min(max(y, floor), ceiling) for y in ys], marker=marker).lines(True)
        for start in starts:
            signal.line(start, False)
        figure.draw(signal)
    rows = figure.build().string().split("\n")
    rows += [""] * (height - len(rows))
    return [_runs(text, index, width, dashed) for index, text in enumerate(rows[:height])]


def _joined(segments: Sequence[Segment]) -> tuple[list[float], list[float], list[int]]:
    xs: list[float] = []
    ys: list[float] = []
    starts: list[int] = []
    for segment_x, segment_y in segments:
        starts.append(len(xs))
        xs += segment_x
        ys += segment_y
    return xs, ys, starts


def _runs(text: str, row: int, width: int, dashed: bool) -> list[Run]:
    """One line of plotext's output as runs, exactly `width` characters in all."""
    runs: list[Run] = []
    column = 0
    parts = _ESCAPE.split(text)
    role: Role | None = None
    for index, part in enumerate(parts):
        if index % 2:
            role = _ROLE.get(part, None if part in ("", "0") else role)
            continue
        part = part[: width - column]
        if not part:
            continue
        shown = role if part.strip() else None
        if shown == "reference" or (shown == "validation" and dashed):
            part = "".join(_broken(mark, shown, column + at, row) for at, mark in enumerate(part))
        runs.append((part, shown))
        column += len(part)
    if column < width:
        runs.append((" " * (width - column), None))
    return runs


def _broken(mark: str, role: Role, column: int, row: int) -> str:
    """The character as a dotted (reference) or dashed (validation) line has it at this place."""
    if role == "validation":
        return " " if (column + 2 * row) % 4 == 3 else mark  # a pattern no straight line hides or keeps whole
    if _BRAILLE < ord(mark) < _BRAILLE + 256:
        dots = (ord(mark) - _BRAILLE) & _LEFT_DOTS
        return chr(_BRAILLE + dots) if dots else " "
    return " " if column % 2 else mark
