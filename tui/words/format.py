"""Numbers as the screen and the plain lines write them: of stable width, nothing jitters."""

from __future__ import annotations

_YEAR = 365 * 86400.0


def percent(share: float) -> str:
    """``0.7664`` as ``76.6 %``."""
    return f"{100 * share:4.1f} %"


def rate(names_per_second: float) -> str:
    """``168,000`` a second as `` 168k names/s``."""
    thousands = names_per_second / 1000
    return f"{thousands:4.1f}k names/s" if thousands < 99.95 else f"{thousands:4.0f}k names/s"


def loss(value: float | None) -> str:
    """Three decimals; a loss that was not finite says so."""
    return "  NaN" if value is None else f"{value:5.3f}"


def clock(seconds: float) -> str:
    """``0:09``, ``12:34``, ``1:02:03``; ``--:--`` where it is no time that anyone waits for."""
    if not seconds < _YEAR:
        return "--:--"
    whole = round(seconds)
    hours, minutes = whole // 3600, whole // 60 % 60
    return f"{hours}:{minutes:02}:{whole % 60:02}" if hours else f"{minutes}:{whole % 60:02}"


def age(seconds: float) -> str:
    """``now``, ``12 s``, ``5 min``, ``3 h``, ``12 d``."""
    for limit, divisor, unit in ((2, 1, ""), (90, 1, "s"), (5400, 60, "min"), (129600, 3600, "h")):
        if seconds < limit:
            return f"{round(seconds / divisor)} {unit}" if unit else "now"
    return f"{round(seconds / 86400)} d"


def size(count: int) -> str:
    """``512 B``, ``1.2 MB``."""
    value = float(count)
    for unit in ("B", "kB", "MB", "GB"):
        if value < 999.5 or unit == "GB":
            return f"{value:.0f} {unit}" if unit == "B" or value >= 99.5 else f"{value:.1f} {unit}"
        value /= 1000
    raise AssertionError
