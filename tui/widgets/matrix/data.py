"""The numbers of a confusion matrix."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.cells import cell_len

from namestui.runs.text import Inert


@dataclass(frozen=True)
class Matrix:
    """Counts by true class (rows) and predicted class (columns); counts that are missing are 0."""

    labels: tuple[Inert, ...] = ()
    counts: tuple[tuple[int, ...], ...] = ()
    totals: tuple[int, ...] = ()
    """The sum of every row."""
    predicted: tuple[int, ...] = ()
    """The sum of every column."""
    longest: int = 0
    """Cells that the longest label takes."""

    @classmethod
    def of(cls, labels: Sequence[Inert], counts: Sequence[Sequence[int]]) -> Matrix:
        """A matrix that does not change when the caller's lists do."""
        names = tuple(labels)
        rows = tuple(tuple(row[: len(names)]) for row in counts[: len(names)])
        totals = tuple(int(sum(row)) for row in rows)
        predicted = tuple(int(sum(column)) for column in zip(*rows, strict=False))
        return cls(names, rows, totals, predicted, max(map(cell_len, names), default=0))

    def count(self, row: int, column: int) -> int:
        """How many names of class `row` were taken for class `column`."""
        if row < len(self.counts) and column < len(self.counts[row]):
            return int(self.counts[row][column])
        return 0

    def total(self, row: int) -> int:
        """How many names of class `row` there are."""
        return self.totals[row] if row < len(self.totals) else 0

    def sentence(self, row: int, column: int, arrow: str) -> str:
        """One cell in words; empty where there are no classes."""
        if not self.labels:
            return ""
        count, total = self.count(row, column), self.total(row)
        share = f" ({100 * count / total:.1f} %)" if total else ""
        return f"true {self.labels[row]} {arrow} predicted {self.labels[column]}: {count} of {total}{share}"

    def scores(self, row: int) -> str:
        """Precision and recall of a class, in words: "Czech: precision 41.2 %, recall 38.0 %"."""
        hits, total = self.count(row, row), self.total(row)
        named = self.predicted[row] if row < len(self.predicted) else 0
        if not total:
            return ""
        precision = f"{100 * hits / named:.1f} %" if named else "-"
        return f"{self.labels[row]}: precision {precision}, recall {100 * hits / total:.1f} %"
