"""How good a network is on some names."""

from __future__ import annotations

import msgspec

from namestui.runs.events import ClassScore, TestScored


class Scores(msgspec.Struct, frozen=True, kw_only=True):
    """Accuracy and macro-F1 on ``rows`` names, 0 to 1; ``low`` to ``high``: 95 % Wilson interval of the accuracy.

    ``by_class`` is in the order of the network's classes; empty in the record of an older namestui.
    """

    rows: int
    accuracy: float
    low: float
    high: float
    macro_f1: float
    by_class: list[ClassScore] = []


def recorded_scores(event: TestScored) -> Scores:
    """What the record says of the test part."""
    return Scores(**{name: getattr(event, name) for name in Scores.__struct_fields__})
