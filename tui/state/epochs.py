"""Where the epoch cursor can stand in a run; a loop that counts no epochs has its steps in their place."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from dataclasses import dataclass

from namestui.tui.state.chart_view import ChartView
from namestui.tui.state.run_state import RunState


@dataclass(frozen=True)
class Epochs:
    """The first and the last place; ``places`` are all of them where not every number between is one."""

    first: int = 1
    last: int = 0
    places: tuple[int, ...] = ()

    def moved(self, view: ChartView, step: int) -> ChartView:
        """The cursor so many places further."""
        if not self.places:
            return view.moved(step, self.first, self.last)
        at = len(self.places) - 1
        if view.cursor is not None:
            # Between two places a step leads to the next one that way.
            at = bisect_left(self.places, view.cursor) if step < 0 else bisect_right(self.places, view.cursor) - 1
        elif step > 0:
            return view
        return view.at(self.places[min(max(at + step, 0), len(self.places) - 1)], self.first, self.last)


def epochs_of(state: RunState) -> Epochs:
    """Those that are complete."""
    if state.epoch:
        return Epochs(1, state.epoch)
    newest = [curve.newest for curve in state.series.values()]
    if any(point is not None and point.x > 0 for point in newest):
        places = {int(point.x) for curve in state.series.values() for point in curve.points() if point.x > 0}
    else:
        places = {point.step for curve in state.series.values() for point in curve.points()}
    ordered = tuple(sorted(places))
    return Epochs(ordered[0], ordered[-1], ordered) if ordered else Epochs()


def epochs_of_all(states: Iterable[RunState]) -> Epochs:
    """Those of any of the runs; where some count epochs, the steps of the others are none."""
    every = [epochs for state in states if (epochs := epochs_of(state)).last >= epochs.first]
    found = [one for one in every if not one.places] or every
    places = tuple(sorted({at for one in found for at in one.places}))
    return Epochs(min(one.first for one in found), max(one.last for one in found), places) if found else Epochs()
