"""Between which values most of what is shown lies."""

from __future__ import annotations

from collections.abc import Iterable
from math import floor
from operator import itemgetter

OUTLIERS = (0.01, 0.99)
"""What lies below and above these shares of all values is an outlier."""


def percentiles(values: Iterable[tuple[float, float]], shares: Iterable[float]) -> list[float]:
    """Percentiles of finite values, each given with how often it is there (1 or more; at least one value).

    The one of ``share`` is at the place share * (n - 1) of all n values in order, counted from 0, and between two
    neighbours it is interpolated: NumPy's and TensorBoard's definition (number 7 of Hyndman and Fan, 1996).
    """
    ordered = sorted(values, key=itemgetter(0))
    whole = sum(count for _, count in ordered)
    return [_at(ordered, share * (whole - 1)) for share in shares]


def _at(ordered: list[tuple[float, float]], place: float) -> float:
    below = floor(place)
    passed = 0.0
    lower: float | None = None
    for value, count in ordered:
        passed += count
        if lower is None and passed > below:
            lower = value
        if lower is not None and passed > below + 1:
            return lower + (value - lower) * (place - below)
    return lower if lower is not None else ordered[-1][0]
