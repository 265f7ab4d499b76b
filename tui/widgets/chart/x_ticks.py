"""Ticks of a horizontal axis: epochs, steps, the clock on the wall, time spent training; labels never touch."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import pairwise
from math import ceil, floor, log10

from namestui.tui.state.chart_view import XAxis
from namestui.tui.widgets.chart.ticks import LEAST, Axis, number, ordered, step_above, steps_from

Ticks = list[tuple[float, str]]

_AIR = 3
"""Columns between two labels, where there is room."""
_EVERY = 8
"""Columns from one tick to the next, where there is room."""
_MINUTE, _HOUR, _DAY = 60, 3600, 86400
_SECONDS = (1, 2, 5, 10, 15, 30, *(_MINUTE * m for m in (1, 2, 5, 10, 15, 30)), *(_HOUR * h for h in (1, 2, 3, 6, 12)))
_DAYS = (1, 2, 7, 14, 28, 91, 182, 364, 728, 1820, 3640, 7280, 18200, 36400)
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_FIRST_DATE, _LAST_DATE = 0.0, 4e10
"""Seconds since 1970 that a clock can show; the year 3237."""
_LONG = 300 * _DAY
"""Spans of this length have the year in their dates."""


def x_axis(axis: XAxis, limits: tuple[float, float], columns: int) -> Axis:
    """A horizontal axis of so many columns, with three ticks or more where so many labels fit."""
    low, high = ordered(limits)
    name = ""
    match axis:
        case "time" if low >= _FIRST_DATE + _DAY and high <= _LAST_DATE:
            candidates = _clock_ticks(low, high, columns)
        case "elapsed":
            candidates = _elapsed_ticks(low, high, columns)
            name = "days" if high - low > 3 * _DAY else "h:mm" if high >= _HOUR else "m:ss"
        case _:
            candidates = _count_ticks(low, high, columns)
    return Axis(low, high, tuple(_chosen(candidates, low, high, columns)), name)


def placed(ticks: Ticks | tuple[tuple[float, str], ...], axis: Axis, columns: int) -> list[tuple[int, str]]:
    """Where each label begins under a canvas of so many columns: centred below its place, none touching another;
    those that would are left out."""
    found: list[tuple[int, str]] = []
    free = 0
    for position, text in ticks:
        middle = axis.cell(position, columns, 2)
        start = min(max(middle - (len(text) - 1) // 2, 0), columns - len(text))
        if start >= free:
            found.append((start, text))
            free = start + len(text) + 1
    return found


def _chosen(candidates: Iterator[Ticks], low: float, high: float, columns: int) -> Ticks:
    """The first whose labels stand in air; else the one with most that do not touch; else only some of their labels."""
    axis = Axis(low, high, ())
    seen: list[Ticks] = []
    for ticks in candidates:
        longest = max((len(text) for _, text in ticks), default=0)
        gaps = [b[0] - a[0] for a, b in pairwise(ticks)]
        apart = sorted(gaps)[len(gaps) // 2] / (high - low) * columns if gaps else float(columns)
        if len(ticks) >= LEAST and apart >= max(_EVERY, longest + _AIR) and _fit(ticks, axis, columns):
            return ticks
        seen.append(ticks)
    fitting = max((ticks for ticks in seen if _fit(ticks, axis, columns)), key=len, default=[])
    if len(fitting) >= LEAST:
        return fitting
    fewer = (ticks[::every] for ticks in reversed(seen) for every in range(2, len(ticks) // 2 + 1))
    return next((ticks for ticks in fewer if len(ticks) >= LEAST and _fit(ticks, axis, columns)), fitting)


def _fit(ticks: Ticks, axis: Axis, columns: int) -> bool:
    """Whether all labels can stand, and no two are the same."""
    return len(placed(ticks, axis, columns)) == len(ticks) == len({text for _, text in ticks})


def _finest(low: float, high: float, columns: int) -> float:
    """The least step worth trying: labels have two characters or more, and a blank between them."""
    return (high - low) / max(1, columns // 3)


def _count_ticks(low: float, high: float, columns: int) -> Iterator[Ticks]:
    """Whole numbers, the first one too; parts of them where there are not enough."""
    for step in steps_from(max(1.0, _finest(low, high, columns)), 12):
        values = _multiples(low, high, step)
        whole = float(ceil(low))
        if whole <= high and (not values or values[0] - whole >= step * 0.6):
            values.insert(0, whole)
        yield [(value, count(value, step)) for value in values]
    if high - low < LEAST:
        for step in steps_from(_finest(low, high, columns)):
            yield [(value, _decimal(value, step)) for value in _multiples(low, high, step)]


def _elapsed_ticks(low: float, high: float, columns: int) -> Iterator[Ticks]:
    in_days = high - low > 3 * _DAY
    for step in _time_steps(low, high, columns):
        yield [(value, _elapsed(value, step, high, in_days)) for value in _multiples(low, high, step)]


def _clock_ticks(low: float, high: float, columns: int) -> Iterator[Ticks]:
    zone = datetime.fromtimestamp(low).astimezone().utcoffset() or timedelta()
    ahead = zone.total_seconds()
    with_year = high - low > _LONG
    for step in _time_steps(low, high, columns):
        if step < _DAY:
            values = [value - ahead for value in _multiples(low + ahead, high + ahead, step)]
        else:
            values = _midnights(low, high, round(step / _DAY))
        yield [(value, _clock(value, step, with_year)) for value in values]


def _time_steps(low: float, high: float, columns: int) -> Iterator[float]:
    finest = _finest(low, high, columns)
    if finest < 1:
        yield from (step for step in steps_from(finest, 12) if step < 1)
    yield from (float(step) for step in (*_SECONDS, *(_DAY * days for days in _DAYS)) if step >= finest)
    yield from steps_from(max(finest, _DAYS[-1] * _DAY * 2.0))


def _midnights(low: float, high: float, days: int) -> list[float]:
    """Every so many days' beginning by the local clock, the same days wherever the axis begins."""
    if days > _DAYS[-1]:
        return []
    ordinal = (datetime.fromtimestamp(low).toordinal() // days) * days
    found: list[float] = []
    while (at := datetime.fromordinal(max(ordinal, 1)).timestamp()) <= high:
        if at >= low:
            found.append(at)
        ordinal += days
    return found


def _multiples(low: float, high: float, step: float) -> list[float]:
    first, last = ceil(low / step - 1e-9), floor(high / step + 1e-9)
    return [index * step for index in range(first, last + 1)] if last - first < 1000 else []


def _clock(value: float, step: float, with_year: bool) -> str:
    at = datetime.fromtimestamp(round(value, 3))
    if step >= _DAY or (step >= _MINUTE and at.hour == at.minute == 0):
        return f"{at:%Y-%m-%d}" if with_year else f"{at.day} {_MONTHS[at.month - 1]}"
    if step >= _MINUTE:
        return f"{at:%H:%M}"
    decimals = max(0, -floor(log10(step) + 1e-9))
    return f"{at:%H:%M:%S}" + (f"{at.microsecond / 1e6:.{min(decimals, 3)}f}"[1:] if decimals else "")


def _elapsed(value: float, step: float, high: float, in_days: bool) -> str:
    if in_days:
        return f"{value / _DAY:.{0 if step >= _DAY else 1 if step % (_DAY / 10) == 0 else 2}f}"
    decimals = max(0, -floor(log10(step) + 1e-9)) if step < 1 else 0
    value = round(value, decimals)
    seconds = f"{value % 60:0{3 + decimals if decimals else 2}.{decimals}f}"
    minutes, hours = int(value // 60), int(value // _HOUR)
    if high < _HOUR:
        return f"{minutes}:{seconds}"
    return f"{hours}:{minutes % 60:02}" + (f":{seconds}" if step < _MINUTE else "")


def _decimal(value: float, step: float) -> str:
    """A number with the decimals that ``step`` needs."""
    return number(value, step_above(step))


def count(value: float, step: float) -> str:
    """A whole number in few characters where ``step`` allows it: 20, 12000, 200k, 3.5M; else with all its digits."""
    size = abs(value)
    if size < 1e5:
        return f"{value:.0f}"
    for unit, letter in ((1e6, "M"), (1e3, "k")):
        if size >= unit and step >= unit / 10:
            return f"{value / unit:g}{letter}" if size < 1e9 else f"{value:.3g}".replace("e+", "e")
    return f"{value:.0f}" if size < 1e12 else number(value, step)
