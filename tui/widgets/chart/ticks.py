"""Axis limits and ticks: few, round numbers that stay put while a curve grows."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, floor, isfinite, log10

HUGE = 1e300
"""Values are clamped to this size, so that no span overflows."""

_OFFSET = 0.5016
_MARGIN = 1.0032


@dataclass(frozen=True)
class Axis:
    """The limits of one axis and its ticks: `(position, label)`, ascending, in the axis's own units."""

    low: float
    high: float
    ticks: tuple[tuple[float, str], ...]

    def cell(self, value: float, cells: int) -> int:
        """The cell, 0 at the low end, in which plotext draws `value` on an axis of `cells` cells."""
        fraction = (value - self.low) / (self.high - self.low)
        return min(max(int(_OFFSET + (cells - _MARGIN) * fraction), 0), cells - 1)


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


def linear_axis(limits: tuple[float, float], most: int, fixed: bool) -> Axis:
    """An axis with at most `most` (at least 3) ticks; unless `fixed`, its limits are widened to the outer ones."""
    low, high = ordered(limits)
    step = step_above((high - low) / max(1, most - 1))
    # Three ticks is the least that any two numbers on either side of 0 can be had with.
    while not fixed and ceil(high / step - 1e-9) - floor(low / step + 1e-9) + 1 > max(3, most):
        step = step_above(step * 1.5)
    first, last = (
        (ceil(low / step - 1e-9), floor(high / step + 1e-9))
        if fixed
        else (floor(low / step + 1e-9), ceil(high / step - 1e-9))
    )
    values = [index * step for index in range(first, last + 1)]
    if not fixed:
        low, high = values[0], values[-1]
    return Axis(low, high, tuple((value, number(value, step)) for value in values))


def log_axis(limits: tuple[float, float], most: int, fixed: bool) -> Axis:
    """As `linear_axis`, for limits that are base 10 logarithms; ticks stand at 1, 2, 5 or at powers of ten."""
    low, high = ordered(limits)
    first, last = floor(low + 1e-9), max(ceil(high - 1e-9), floor(low + 1e-9) + 1)
    leads = (1, 2, 5) if last - first <= 2 else (1,)
    every = max(1, ceil((last - first) / max(1, most - 1)))
    marks = [
        (power + log10(lead), _power(lead, power)) for power in range(first, last + every, every) for lead in leads
    ]
    inner = [mark for mark in marks if low - 1e-9 <= mark[0] <= high + 1e-9]
    if not fixed:
        below = [mark for mark in marks if mark[0] < low - 1e-9][-1:]
        above = [mark for mark in marks if mark[0] > high + 1e-9][:1]
        inner = below + inner + above
        low, high = min(low, inner[0][0]), max(high, inner[-1][0])
    return Axis(low, high, tuple(inner))


def epoch_axis(limits: tuple[float, float], columns: int) -> Axis:
    """A horizontal axis whose ticks are whole numbers, about one every eight columns."""
    low, high = ordered(limits)
    step = max(1.0, step_above((high - low) / max(1, columns // 8)))
    first, last = ceil(low / step), floor(high / step)
    values = [index * step for index in range(first, last + 1)]
    whole = float(ceil(low))
    if whole <= high and (not values or values[0] - whole >= step * 0.6):
        values.insert(0, whole)
    return Axis(low, high, tuple((value, count(value)) for value in values))


def _power(lead: int, power: int) -> str:
    """`lead` times ten to the `power`, as text: 0.002, 50, 1e12."""
    return number(lead * 10.0**power, 10.0**power) if -4 <= power < 6 else f"{lead}e{power}"


def number(value: float, step: float) -> str:
    """`value` with the decimals that `step` needs, or with an exponent where that would be long."""
    size = max(abs(value), step)
    if size >= 1e6 or step < 1e-4:
        return "0" if value == 0 else f"{value:.0e}".replace("e+0", "e").replace("e+", "e").replace("e-0", "e-")
    return f"{value + 0.0:.{max(0, -floor(log10(step) + 1e-9))}f}"


def count(value: float) -> str:
    """A whole number in at most five characters where it can be: 20, 12000, 200k, 3M."""
    size = abs(value)
    if size < 1e5:
        return f"{value:.0f}"
    if size < 1e6:
        return f"{value / 1e3:.0f}k"
    return f"{value / 1e6:g}M" if size < 1e9 else f"{value:.0e}".replace("e+", "e")
