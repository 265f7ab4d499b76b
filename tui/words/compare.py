"""Runs side by side, in words: the figures of a table, the settings that differ, and why a race is not fair."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len

from namestui.runs.differences import Value
from namestui.runs.pace import LEVELS
from namestui.runs.text import Inert, inert
from namestui.tui.state.compare import Compared, Measure, Unfair
from namestui.tui.words.format import clock, thousands
from namestui.tui.words.table import shorten

HEADINGS = {
    "best": "best %",
    "test": "test % (95 %)",
    "macro_f1": "F1",
    "seconds": "trained",
    **{f"to {level:.2f}": f"to {100 * level:.0f} %" for level in LEVELS},
    "names_per_second": "names/s",
    "parameters": "parameters",
    "test_macro_f1": "test F1",
}
"""By name of the measure."""
MAX_CELL = 24
"""Cells of a setting or a figure at most: a record may hold any."""
MAX_GROUPS = 4
"""Values of one rule that are named; where there are more, how many."""
UNUSED = "-"


def figure(measure: Measure, one: Compared) -> str:
    """What stands in the column of ``measure``; empty where it was not measured."""
    value = measure.value(one)
    if value is None:
        return ""
    match measure.name:
        case "best":
            text = f"{100 * value:.1f}" + (f" @{one.best_epoch}" if one.best_epoch else "")
        case "test":
            text = f"{100 * value:.1f}" + _interval(one)
        case "macro_f1" | "test_macro_f1":
            text = f"{value:.3f}"
        case "names_per_second":
            text = thousands(value).strip()
        case "parameters":
            text = f"{value:,.0f}"
        case _:
            text = seconds(value)
    return shorten(text, MAX_CELL)


def seconds(value: float) -> str:
    """``0.55 s``, ``25.1 s``, ``2:05``."""
    return clock(value) if value >= 99.95 else f"{value:.2f} s" if value < 9.995 else f"{value:.1f} s"


def setting(value: Value) -> Inert:
    """One setting in a table."""
    if value is None:
        return Inert(UNUSED)
    text = f"{value:g}" if isinstance(value, float) else inert(str(value))
    return Inert(shorten(text, MAX_CELL))


def fairness(unfair: Sequence[Unfair], room: int) -> Inert:
    """Why the race is not fair, and what then says little; empty where nothing speaks against it.

    Who has which value is said where that fits ``room`` cells.
    """
    race = [one for one in unfair if one.what != "device"]
    times = [one for one in unfair if one.what == "device"]
    whole = _warning("; ".join(map(_rule, race)), "".join(map(_rule, times)))
    if cell_len(whole) <= room:
        return Inert(whole)
    names = [one.what for one in race]
    listed = " and ".join(filter(None, (", ".join(names[:-1]), *names[-1:])))
    return Inert(
        _warning(f"{listed} differ{'s' * (len(names) == 1)}" if names else "", "other devices" if times else "")
    )


def numbers(found: Sequence[int]) -> str:
    """``1, 3-5``; ``found`` ascends."""
    spans: list[list[int]] = []
    for number in found:
        if spans and spans[-1][-1] == number - 1:
            spans[-1][1:] = [number]
        else:
            spans.append([number])
    return ", ".join("-".join(map(str, span)) for span in spans)


def _interval(one: Compared) -> str:
    return "" if one.low is None or one.high is None else f" {100 * one.low:.1f}-{100 * one.high:.1f}"


def _warning(race: str, times: str) -> str:
    parts = (f"not a fair race: {race}" if race else "", f"times say little: {times}" if times else "")
    return ". ".join(filter(None, parts))


def _rule(rule: Unfair) -> str:
    if len(rule.groups) > MAX_GROUPS:
        return f"{rule.what} has {len(rule.groups)} values"
    parts = (
        f"{'not recorded' if value is None else shorten(value, MAX_CELL)} ({numbers(those)})"
        for value, those in rule.groups
    )
    return f"{rule.what} {', '.join(parts)}"
