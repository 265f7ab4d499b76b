"""How good a run is, in words: one line for all classes, a table of each."""

from __future__ import annotations

from collections.abc import Sequence

from namestui.runs.events import ClassScore
from namestui.runs.scores import Scores
from namestui.runs.text import inert
from namestui.tui.words.format import percent
from namestui.tui.words.table import aligned


def score_line(scores: Scores) -> str:
    """Accuracy with its interval, macro-F1, and on how many names."""
    return (
        f"accuracy {percent(scores.accuracy).strip()} "
        f"(95 % interval {100 * scores.low:.1f} to {100 * scores.high:.1f}), "
        f"macro-F1 {scores.macro_f1:.3f}, {scores.rows:,} names"
    )


def class_table(classes: Sequence[str], scores: Sequence[ClassScore]) -> list[str]:
    """Precision, recall and support, a line a class; one line that says so for a record that has none."""
    if not scores:
        return ["no scores by class: an older namestui recorded this run"]
    rows = [("class", "precision", "recall", "support")]
    for name, one in zip(classes, scores, strict=True):
        rows.append((inert(name), _share(one.precision), _share(one.recall), f"{one.support:,}"))
    return aligned(rows, right=(1, 2, 3))


def _share(share: float | None) -> str:
    return "-" if share is None else percent(share)
