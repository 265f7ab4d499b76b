"""Runs side by side: what each was measured at, in what they differ, and whether their race is fair; pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal, NamedTuple

from namestui.runs.differences import Value, differing, recorded_settings
from namestui.runs.events import RunStarted, State
from namestui.runs.pace import LEVELS
from namestui.runs.text import Inert, inert
from namestui.tui.state.run_state import RunState

Rule = Literal["corpus", "split", "split seed", "seed", "device"]
"""What must be the same for a race to be fair; the device only for its times."""
Better = Literal["high", "low", ""]
"""Which end of a measure is the better one; empty: neither."""
ACCURACY = "validation/accuracy"
HEX_DIGITS = 6
"""Of a corpus' fingerprint, where two corpora have one name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """One run of several; what was not measured (yet), or cannot be known from its record, is None.

    ``best`` is the highest validation accuracy, with its epoch and that epoch's macro-F1; ``low`` to ``high`` the
    95 % interval of ``test``. ``seconds`` and ``seconds_to`` (of each of ``LEVELS``) are those of training alone.
    """

    number: int
    run: str
    title: Inert
    state: State
    best: float | None = None
    best_epoch: int | None = None
    macro_f1: float | None = None
    test: float | None = None
    low: float | None = None
    high: float | None = None
    test_macro_f1: float | None = None
    seconds: float | None = None
    names_per_second: float | None = None
    parameters: int | None = None
    seconds_to: tuple[float | None, ...] = (None,) * len(LEVELS)


class Measure(NamedTuple):
    """A column of figures."""

    name: str
    value: Callable[[Compared], float | None]
    better: Better


def _seconds_to(at: int) -> Callable[[Compared], float | None]:
    return lambda one: one.seconds_to[at]


MEASURES = (
    Measure("best", lambda one: one.best, "high"),
    Measure("test", lambda one: one.test, "high"),
    Measure("macro_f1", lambda one: one.macro_f1, "high"),
    Measure("seconds", lambda one: one.seconds, ""),
    *(Measure(f"to {level:.2f}", _seconds_to(at), "low") for at, level in enumerate(LEVELS)),
    Measure("names_per_second", lambda one: one.names_per_second, "high"),
    Measure("parameters", lambda one: one.parameters, ""),
    Measure("test_macro_f1", lambda one: one.test_macro_f1, "high"),
)


class Unfair(NamedTuple):
    """A rule that is broken: each value (None: not recorded) with the numbers of the runs that have it."""

    what: Rule
    groups: tuple[tuple[Inert | None, tuple[int, ...]], ...]


def compared(number: int, state: RunState) -> Compared:
    """What is known of one run."""
    history, test = state.history, state.test
    best, best_epoch = history.best_accuracy, history.best_epoch
    if history.last_epoch is None:
        best, best_epoch = _best_logged(state)
    return Compared(
        number=number,
        run=state.run,
        title=state.title,
        state=state.state,
        best=best,
        best_epoch=best_epoch or None,
        macro_f1=history.best_macro_f1,
        test=test.accuracy if test is not None else None,
        low=test.low if test is not None else None,
        high=test.high if test is not None else None,
        test_macro_f1=test.macro_f1 if test is not None else None,
        seconds=history.pace.seconds,
        names_per_second=history.pace.names_per_second,
        parameters=state.started.parameters or None if state.started is not None else None,
        seconds_to=tuple(history.pace.seconds_to(level) for level in LEVELS),
    )


def ranked(
    runs: Sequence[Compared], key: Callable[[Compared], Value], *, best_first: Better = "", reverse: bool = False
) -> list[Compared]:
    """``runs`` by ``key``, the better end first; equal ones by number, those without a value last."""
    having = [one for one in runs if key(one) is not None]
    descending = (best_first == "high") != reverse
    having.sort(key=lambda one: one.number)
    having.sort(key=lambda one: _order(key(one)), reverse=descending)
    return [*having, *sorted((one for one in runs if key(one) is None), key=lambda one: one.number)]


def winners(runs: Sequence[Compared], measure: Measure) -> frozenset[str]:
    """The runs with the best value; none where nothing is better, or all that have a value have the same."""
    values = {one.run: value for one in runs if (value := measure.value(one)) is not None}
    if not measure.better or len(set(values.values())) < 2:
        return frozenset()
    best = (max if measure.better == "high" else min)(values.values())
    return frozenset(run for run, value in values.items() if value == best)


@dataclass(frozen=True, slots=True)
class Configured:
    """How some runs are set; numbers count from 1, in the order of the runs."""

    differing: dict[str, dict[int, Value]]
    """By name of a setting in which they differ: its value by the number of the run, None where it uses none such."""
    unfair: list[Unfair]


def configured(started: Sequence[RunStarted | None]) -> Configured:
    """How runs differ that began with these events; None: one that has not said so yet, of which nothing is known."""
    known = [(number, event) for number, event in enumerate(started, 1) if event is not None]
    numbers, events = [number for number, _ in known], [event for _, event in known]
    settings = [recorded_settings(event) for event in events]
    corpora = _corpus_names(events, settings)
    rules = [
        _groups("corpus", numbers, [event.corpus_fingerprint or None for event in events], corpora),
        *(_groups(what, numbers, [one.get(name) for one in settings]) for what, name in _OF_SETTINGS),
        _groups("device", numbers, [event.device or None for event in events]),
    ]
    return Configured(
        {name: dict(zip(numbers, values, strict=True)) for name, values in differing(settings).items()},
        [rule for rule in rules if rule is not None],
    )


_OF_SETTINGS: tuple[tuple[Rule, str], ...] = (("split", "split"), ("split seed", "split_seed"), ("seed", "seed"))


def _groups(
    what: Rule, numbers: Sequence[int], values: Sequence[Value], names: Mapping[Value, str] = MappingProxyType({})
) -> Unfair | None:
    """Who has which value; None where all have one, or none says."""
    found: dict[Value, list[int]] = {}
    for number, value in zip(numbers, values, strict=True):
        found.setdefault(value, []).append(number)
    if len(found) < 2:
        return None
    return Unfair(
        what,
        tuple(
            (None if value is None else inert(names.get(value, str(value))), tuple(those))
            for value, those in found.items()
        ),
    )


def _corpus_names(started: Sequence[RunStarted], settings: Sequence[Mapping[str, Value]]) -> dict[Value, str]:
    """By fingerprint: the corpus' name, with the fingerprint's beginning where that tells no two apart."""
    names: dict[Value, str] = {}
    for event, one in zip(started, settings, strict=True):
        names.setdefault(event.corpus_fingerprint, str(one.get("corpus") or ""))
    told = Counter(names.values())
    return {
        mark: name if name and told[name] == 1 else f"{name} {str(mark)[:HEX_DIGITS]}".strip()
        for mark, name in names.items()
    }


def _best_logged(state: RunState) -> tuple[float | None, int]:
    """Highest accuracy and its epoch in the metrics of a loop that is none of ours, which may have logged one."""
    curve = state.series.get(ACCURACY)
    points = [(point.y, -point.x) for point in curve.points() if point.y is not None] if curve is not None else []
    best, before = max(points, default=(None, 0.0))
    return best, int(-before)


def _order(value: Value) -> tuple[bool, float, str]:
    """Numbers before words."""
    return (False, float(value), "") if isinstance(value, int | float) else (True, 0.0, str(value))
