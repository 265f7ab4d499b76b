"""How a table of compared runs is looked at: the run and the column in focus, and the order; pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace


@dataclass(frozen=True)
class CompareView:
    """Every method returns a new view. Runs are named by their ids, columns by their names."""

    focus: str = ""
    """The run that stands out; where it is not there (any more), the first is in focus."""
    column: str = ""
    """Where a sort would begin; where it is not there, the first."""
    sort: str = ""
    """The column that decides the order; empty: the order of the tabs."""
    reverse: bool = False
    """With the worse end first."""

    def moved(self, step: int, runs: Sequence[str]) -> CompareView:
        """The focus so many rows further down ``runs``, as they stand."""
        return replace(self, focus=_beside(self.focus, step, runs))

    def on_column(self, step: int, columns: Sequence[str]) -> CompareView:
        """So many columns further right."""
        return replace(self, column=_beside(self.column, step, columns))

    def sorted(self, columns: Sequence[str], column: str = "") -> CompareView:
        """By ``column`` (empty: the one in focus), the better end first; again: the worse; once more: as the tabs."""
        column = _beside(column or self.column, 0, columns)
        if self.sort != column:
            return replace(self, column=column, sort=column, reverse=False)
        return replace(self, column=column, sort="" if self.reverse else column, reverse=not self.reverse)


def index_of(wanted: str, among: Sequence[str]) -> int:
    """The place of ``wanted``; of the first where it is not there."""
    return among.index(wanted) if wanted in among else 0


def _beside(wanted: str, step: int, among: Sequence[str]) -> str:
    if not among:
        return wanted
    return among[min(max(index_of(wanted, among) + step, 0), len(among) - 1)]
