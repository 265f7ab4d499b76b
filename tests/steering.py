"""Whether a text could steer a terminal."""

from __future__ import annotations

import unicodedata

STEERING = {"Cc", "Cf", "Cs", "Cn", "Co", "Zl", "Zp"}


def can_steer(text: str, *, lines: bool = False) -> bool:
    """Whether a control, direction or unassigned character is in ``text``; ``lines`` allows line breaks."""
    return any(unicodedata.category(one) in STEERING for one in (text.replace("\n", "") if lines else text))
