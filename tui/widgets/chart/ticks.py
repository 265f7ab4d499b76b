"""Axis limits and ticks: few, round numbers that stay put while a curve grows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from math import ceil, floor, isfinite, log10

HUGE = 1e300
"""Values are clamped to this size, so that no span overflows."""
HUGE_POWER = 300.0
LEAST = 3
"""Ticks of any axis that has room for them."""

Label = Callable[[float, float], str]
"""The text of a tick, by its value and how far away the next one is."""


@dataclass(frozen=True)
class Axis:
    """The limits of one axis and its ticks: `(position, label)`, ascending, in the axis's own units."""

    low: float
    high: float
    ticks: tuple[tuple[float, str], ...]
    name: str = ""
    """What its labels are, where that depends on what is shown."""

    def cell(self, value: float, cells: int, dots: int = 1) -> int:
        """The cell, 0 at the low end, in which ``value`` is drawn on an axis of ``cells`` cells of ``dots`` dots."""
        fraction = (value - self.low) / (self.high - self.low)
        return round(min(max(fraction, 0.0), 1.0) * (cells * dots - 1)) // dots

    def at(self, cell: int, cells: int) -> float:
        """The value in the middle of a cell."""
        return self.low + (self.high - self.low) * min(max((cell + 0.5) / cells, 0.0), 1.0)


def clamp(value: float) -> float:
    """A finite `value` brought within ±`HUGE`."""
    return min(max(value, -HUGE), HUGE)


def ordered(limits: tuple[float, float]) -> tuple[float, float]:
    """Limits fit to draw with: finite, ascending and far enough apart for arithmetic."""
    low, high = (clamp(float(limit)) if isfinite(limit) else 0.0 for limit in limits)
    low, high = min(low, high), max(low, high)
    if high - low <= max(abs(low), abs(high), 1e-6) * 1e-9:
        pad = max(abs(low) * 0.1, 1e-6)
        return (low - pad, high + pad) if low else (0.0, 1.0)
    return low, high


def step_above(size: float) -> float:
    """The smallest of 1, 2, 5 times a power of ten that is not below `size` (> 0)."""
    power = 10.0 ** floor(log10(size))
    return next(power * lead for lead in (1, 2, 5, 10) if power * lead >= size * (1 - 1e-9))


def steps_from(size: float, count: int = 8) -> Iterator[float]:
    """So many round steps, ascending, from the first that is not below `size` (> 0)."""
    for _ in range(count):
        step = step_above(size)
        yield step
        size = step * 1.5


def linear_axis(limits: tuple[float, float], rows: int, fixed: bool) -> Axis:
    """An axis of so many rows, with a tick for about every second one, at most six, and at least `LEAST` where `rows`
    has room for them; unless `fixed`, its limits are widened to round numbers."""
    low, high = ordered(limits)
    return _chosen(_linear(low, high, rows, fixed), (low, high), rows, number)


def log_axis(limits: tuple[float, float], rows: int, fixed: bool) -> Axis:
    """As `linear_axis`, for limits that are base 10 logarithms: ticks stand at powers of ten, at 1, 2, 5 times these,
    or, within a decade, at any round numbers."""
    low, high = ordered(limits)
    return _chosen(_logarithmic(low, high, rows, fixed), (low, high), rows, _of_logarithm)


def _chosen(axes: Iterable[Axis], limits: tuple[float, float], rows: int, text: Label) -> Axis:
    """The first with few ticks in rows of their own, else with any number of them, else the ends and the middle."""
    most = max(LEAST, min(6, rows // 2))
    fitting = [axis for axis in axes if len({axis.cell(at, rows, 4) for at, _ in axis.ticks}) == len(axis.ticks)]
    enough = [axis for axis in fitting if len(axis.ticks) >= min(LEAST, rows)]
    if found := next((axis for axis in enough if len(axis.ticks) <= most), enough[0] if enough else None):
        return found
    low, high = limits
    values = [low, low + (high - low) / 2, high][: rows if rows < LEAST else None]
    return Axis(low, high, tuple((value, text(value, (high - low) / 20)) for value in values))


def _linear(low: float, high: float, rows: int, fixed: bool) -> Iterator[Axis]:
    """From fine to coarse; the limits are multiples of half a step."""
    for step in steps_from((high - low) / max(2, rows)):
        half = step / 2
        ends = (low, high) if fixed else (floor(low / half + 1e-9) * half, ceil(high / half - 1e-9) * half)
        first, last = ceil(ends[0] / step - 1e-9), floor(ends[1] / step + 1e-9)
        values = [index * step for index in range(first, last + 1)]
        if ends[0] < ends[1]:
            yield Axis(*ends, tuple((value, number(value, step)) for value in values))


def _logarithmic(low: float, high: float, rows: int, fixed: bool) -> Iterator[Axis]:
    first, last = floor(low + 1e-9), max(ceil(high - 1e-9), floor(low + 1e-9) + 1)
    for leads in ((1, 2, 5), (1,)) if last - first <= 2 else ((1,),):
        every = max(1, ceil((last - first) / max(1, min(6, rows // 2) - 1)))
        marks = [
            (power + log10(lead), _power(lead, power)) for power in range(first, last + every, every) for lead in leads
        ]
        yield _around(marks, low, high, fixed)
    if high - low < 2:
        for axis in _linear(10.0**low, 10.0**high, rows, fixed):
            marks = [(log10(value), text) for value, text in axis.ticks if value > 0]
            if marks:
                yield _around(marks, low, high, fixed)


def _around(marks: list[tuple[float, str]], low: float, high: float, fixed: bool) -> Axis:
    """The marks within the limits; unless `fixed`, also the nearest ones around these, to which they are widened."""
    inner = [mark for mark in marks if low - 1e-9 <= mark[0] <= high + 1e-9]
    if not fixed:
        below = [mark for mark in marks if mark[0] < low - 1e-9][-1:]
        above = [mark for mark in marks if mark[0] > high + 1e-9][:1]
        inner = below + inner + above
        low, high = min(low, inner[0][0]), max(high, inner[-1][0])
    return Axis(low, high, tuple(inner))


def _of_logarithm(value: float, step: float) -> str:
    """Ten to the `value`, in as many digits as `step` needs."""
    digits = 2 if step > 0.01 else 5
    mantissa, mark, power = f"{10.0 ** min(max(value, -HUGE_POWER), HUGE_POWER):.{digits}g}".partition("e")
    return f"{mantissa}e{int(power)}" if mark else mantissa


def _power(lead: int, power: int) -> str:
    """`lead` times ten to the `power`, as text: 0.002, 50, 1e12."""
    return number(lead * 10.0**power, 10.0**power) if -4 <= power < 6 else f"{lead}e{power}"


def number(value: float, step: float) -> str:
    """`value` with the decimals that `step` needs; with an exponent, of at most four digits, where that would be long.

    Ticks of one axis differ in their text as long as their step is worth four digits of the largest.
    """
    size = max(abs(value), step)
    if size < 1e5 and step >= 1e-4:
        return f"{value + 0.0:.{max(0, -floor(log10(step) + 1e-9))}f}"
    if abs(value) < step / 2:
        return "0"
    digits = floor(log10(abs(value)) + 1e-9) - floor(log10(step) + 1e-9)
    mantissa, _, power = f"{value:.{min(max(digits, 0), 3)}e}".partition("e")
    return f"{mantissa}e{int(power)}"
