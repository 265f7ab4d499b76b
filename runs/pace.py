"""How long a run has trained, and how long it took to an accuracy: sums over epochs that may come out of order."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field
from math import isfinite

from namestui.runs.events import EpochFinished

LEVELS = (0.73, 0.80)
"""Validation accuracies whose time is kept: those that the report's RNN and LSTM came to."""


@dataclass(slots=True)
class _Stretch:
    """Epochs ``first`` to ``last``, all recorded; ``reached`` has the seconds from the start of ``first`` to the end
    of the first epoch of a level."""

    first: int
    last: int
    seconds: float
    names: float
    reached: dict[float, float]

    def append(self, other: _Stretch) -> None:
        """Take in the stretch that begins where this one ends."""
        self.reached = {level: self.seconds + after for level, after in other.reached.items()} | self.reached
        self.last, self.seconds, self.names = other.last, self.seconds + other.seconds, self.names + other.names


@dataclass(slots=True)
class Pace:
    """Training seconds (``seconds`` of `EpochFinished`: no validation, no pauses) of a run, epoch by epoch.

    Where a damaged record has lost epochs what they took is not known: then nor is any sum that they belong to.
    Takes constant room for a record without holes.
    """

    _stretches: list[_Stretch] = field(default_factory=list)
    """By epoch; two of them are never neighbours."""

    def add(self, done: EpochFinished, accuracy: float | None) -> None:
        """Add an epoch; ``accuracy`` is None where it does not count, its loss not being finite."""
        reached = {level: done.seconds for level in LEVELS if accuracy is not None and accuracy >= level}
        one = _Stretch(done.epoch, done.epoch, done.seconds, done.seconds * done.names_per_second, reached)
        at = bisect_right(self._stretches, done.epoch, key=lambda stretch: stretch.first)
        before = self._stretches[at - 1] if at else None
        if before is not None and done.epoch <= before.last:
            return  # a record that repeats an epoch
        if before is not None and before.last == done.epoch - 1:
            before.append(one)
            one, at = before, at - 1
        else:
            self._stretches.insert(at, one)
        if at + 1 < len(self._stretches) and self._stretches[at + 1].first == one.last + 1:
            one.append(self._stretches.pop(at + 1))

    @property
    def seconds(self) -> float | None:
        """Of all epochs; None before the first, and where some are lost."""
        whole = self._stretches[0] if len(self._stretches) == 1 else None
        return _measured(whole.seconds) if whole is not None and whole.first == 1 else None

    @property
    def names_per_second(self) -> float | None:
        """Over all epochs that are recorded; None before the first."""
        seconds = sum(stretch.seconds for stretch in self._stretches)
        return _measured(sum(stretch.names for stretch in self._stretches) / seconds) if seconds > 0 else None

    def seconds_to(self, level: float) -> float | None:
        """To the end of the first epoch whose accuracy was at least ``level`` (of ``LEVELS``); None: not reached, or
        the record has lost an epoch before it."""
        start = self._stretches[0] if self._stretches else None
        return _measured(start.reached.get(level)) if start is not None and start.first == 1 else None


def _measured(value: float | None) -> float | None:
    """A damaged record may say anything of its seconds."""
    return value if value is not None and isfinite(value) and value >= 0 else None
