"""The time a run has spent training: its wall clock with pauses, stops and the time it was dead cut out."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import isfinite
from typing import NamedTuple

from namestui.runs.events import EpochFinished, Logged, Metrics, StateChanged

MAX_BREAKS = 64
"""Places of pauses that are kept; of more, the longest."""


class Break(NamedTuple):
    """Where training stood still: after so many seconds of training, from and until seconds since 1970."""

    elapsed: float
    start: float
    end: float


@dataclass(slots=True)
class TrainingClock:
    """A fold of a record. Seconds of training never decrease."""

    elapsed: float = 0.0
    """At the last event."""
    breaks: list[Break] = field(default_factory=list)
    """In the order in which they came."""
    _trained: float = 0.0
    """Before the stretch that runs now."""
    _since: float | None = None
    """When that began; None while nothing is trained."""
    _stopped: float | None = None
    _latest: float = 0.0
    _is_pausing: bool = False

    def apply(self, event: Logged) -> None:
        """Fold in the next event; one without a time takes none."""
        if not isfinite(event.time):
            return
        if self._since is not None and event.time < self._latest:
            self._since -= self._latest - event.time  # the clock was set back: no time has passed
        match event:
            case StateChanged(state="pausing"):
                self._is_pausing = True
            case StateChanged(state="running") if self._is_pausing and self._since is not None:
                self._is_pausing = False  # it had not come to a halt
            case StateChanged(state="running"):
                self._stop(self._latest)  # one that says nothing before has died
                self._start(event.time)
            case StateChanged(state="starting" | "interrupted"):  # logged by the worker after the one that died
                self._stop(self._latest)
            case StateChanged(state="stopping"):
                pass
            case StateChanged():
                self._stop(event.time)
            case EpochFinished() if self._since is None:
                self._start(event.time - event.seconds)
            case Metrics() if self._since is None:
                self._start(event.time)
        self._latest = event.time
        if self._since is not None:
            self.elapsed = max(self.elapsed, self._trained + event.time - self._since)

    def _start(self, time: float) -> None:
        if self._stopped is not None and time > self._stopped:
            self.breaks.append(Break(self.elapsed, self._stopped, time))
            if len(self.breaks) > MAX_BREAKS:
                self.breaks.remove(min(self.breaks, key=lambda one: one.end - one.start))
        self._since = time
        self._trained = self.elapsed

    def _stop(self, time: float) -> None:
        self._is_pausing = False
        if self._since is not None:
            self.elapsed = max(self.elapsed, self._trained + time - self._since)
            self._stopped, self._since = time, None
