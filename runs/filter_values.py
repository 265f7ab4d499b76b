"""Values as they are typed in a filter: numbers, shares, durations, bytes and dates, each an interval of numbers."""

from __future__ import annotations

import math
import re
import time
from datetime import date, datetime, timedelta
from typing import NamedTuple

from namestui.runs.run_fields import Kind
from namestui.runs.text import inert

_NUMBER = r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?"
_SECONDS = {"": 1.0, "s": 1.0, "min": 60.0, "m": 60.0, "h": 3600.0, "d": 86400.0, "w": 604800.0}
_BYTES = {"": 1.0, "b": 1.0, "kb": 1e3, "mb": 1e6, "gb": 1e9, "k": 1e3, "m": 1e6, "g": 1e9}
_UNITS = {Kind.NUMBER: {"": 1.0}, Kind.SHARE: {"": 1.0, "%": 0.01}, Kind.DURATION: _SECONDS, Kind.BYTES: _BYTES}
_EXPECTED = {
    Kind.NUMBER: "a number",
    Kind.SHARE: "a share, such as .8 or 80%",
    Kind.DURATION: "a duration, such as 30s, 5min, 3h or 2d",
    Kind.BYTES: "a size, such as 500kB or 3MB",
    Kind.MOMENT: "a date, such as 2026-11-26, 2026-11-26T14:30, today or yesterday",
}
_ROUNDING = 1e-9
"""How far apart, as a share of them, two numbers are taken to be equal: ``80%`` is not quite ``.8``."""


class FilterError(ValueError):
    """A filter that cannot be read; its text is one inert line for the user."""


class Interval(NamedTuple):
    """From ``low`` up to ``high``: a day has a length, a number none."""

    low: float
    high: float

    def holds(self, value: float) -> bool:
        """Whether ``value`` lies within, or is the number."""
        if self.low == self.high:
            return math.isclose(value, self.low, rel_tol=_ROUNDING)
        return self.low <= value < self.high


def interval(kind: Kind, name: str, text: str) -> Interval:
    """What ``text`` means as a value of the field ``name``.

    Raises:
        FilterError: nothing that fits.
    """
    wrong = FilterError(f"{name} needs {_EXPECTED[kind]}, not {inert(text)!r}")
    if kind is Kind.MOMENT:
        return _moment(text, wrong)
    match = re.fullmatch(f"({_NUMBER}) ?([a-z%]*)", text.strip().lower(), re.ASCII)
    unit = _UNITS[kind].get(match.group(2)) if match else None
    if match is None or unit is None:
        raise wrong
    number = float(match.group(1)) * unit
    return Interval(number, number)


def _moment(text: str, wrong: FilterError) -> Interval:
    """A day, or a minute, of local time."""
    days = {"today": 0, "yesterday": 1}.get(text.casefold())
    try:
        if days is not None or re.fullmatch(r"\d{4}-\d\d-\d\d", text, re.ASCII):
            day = date.fromisoformat(text) if days is None else date.today() - timedelta(days)
            return Interval(_seconds(day), _seconds(day + timedelta(1)))
        if re.fullmatch(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d", text, re.ASCII):
            minute = datetime.fromisoformat(text)
            start = time.mktime(minute.timetuple())
            return Interval(start, start + 60)
    except (ValueError, OverflowError):
        raise wrong from None
    raise wrong


def _seconds(day: date) -> float:
    return time.mktime(day.timetuple())
