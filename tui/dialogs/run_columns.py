"""What of a list of runs a terminal has columns for: the most important ones first, all of them where they fit."""

from __future__ import annotations

from namestui.tui.dialogs.run_list import WITH_SPLIT, Rows

PRIORITY = (
    *("name", "model", "state", "best", "seed", "settings", "epochs", "split", "age", "corpus", "run", "host", "size"),
)
"""From left to right, and in this order as long as there is room."""
FIRST_OPTIONAL = "epochs"
"""The columns from here on come when those before have all the room that they want."""
FLEXIBLE = {"name": 8, "settings": 20}
"""Columns that are shortened, to no less than so many cells, before they are left away."""
MARKS = 2
"""Cells on the left, for the marks."""
GAP = 2
"""Cells behind a column."""
ARROW = 1
"""Cells beside a heading, for the order in which is sorted by it."""


def columns_of(rows: Rows, width: int) -> dict[str, int]:
    """The headings of the columns that fit ``width`` cells, with their widths; those in which no run has anything are
    left away."""
    texts = {**rows.widths, "settings": max(rows.widths.get("settings", 0), rows.widths.get(WITH_SPLIT, 0))}
    wanted = {heading: max(len(heading) + ARROW, texts.get(heading, 0)) for heading in PRIORITY}
    least = {heading: min(wanted[heading], FLEXIBLE.get(heading, width)) for heading in PRIORITY}
    found: dict[str, int] = {}
    free = width - MARKS
    for heading in PRIORITY:
        if heading == FIRST_OPTIONAL:
            free = _grow(found, wanted, free)
        if texts.get(heading) and least[heading] + GAP <= free:
            found[heading] = least[heading]
            free -= least[heading] + GAP
    if not found:  # a table needs a column, be it ever so narrow
        found["model"] = max(1, width - MARKS - GAP)
    return found


def _grow(found: dict[str, int], wanted: dict[str, int], free: int) -> int:
    """Widen columns to what they want as long as there is room, the settings first; the room that is left."""
    for heading in sorted(found, key=lambda one: one != "settings"):
        more = min(wanted[heading] - found[heading], free)
        found[heading] += more
        free -= more
    return free
