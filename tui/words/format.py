"""Numbers as the screen and the plain lines write them: of stable width, so that nothing jitters."""

from __future__ import annotations

import math

_YEAR = 365 * 86400.0


def percent(share: float) -> str:
    """``0.7664`` as ``76.6 %``; what is not all, or not nothing, is not rounded to it: ``>99.9 %``, ``<0.1 %``."""
    text = f"{100 * share:4.1f} %"
    if share < 1 and text == "100.0 %":
        return ">99.9 %"
    return "<0.1 %" if share > 0 and text == " 0.0 %" else text


def rate(names_per_second: float) -> str:
    """``168,000`` a second as `` 168k names/s``."""
    return f"{thousands(names_per_second)} names/s"


def thousands(count: float) -> str:
    """``168,000`` as `` 168k``."""
    return f"{count / 1000:4.1f}k" if count < 99_950 else f"{count / 1000:4.0f}k"


LOSS_WIDTH = 8
"""Characters of a loss from 1e-9 to 1e99."""


def loss_text(value: float | None) -> str:
    """Four significant digits, such as ``0.5124``, ``12.35`` or ``1.532e30``; a loss that was not finite says so."""
    return _four_digits(value).rjust(LOSS_WIDTH)


def _four_digits(value: float | None) -> str:
    if value is None or not math.isfinite(value):
        return "NaN"
    mantissa, _, power = f"{value:.3e}".partition("e")
    exponent = int(power)
    return f"{value:.{3 - exponent}f}" if -3 <= exponent <= 3 else f"{mantissa}e{exponent}"


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
