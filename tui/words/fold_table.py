"""What repeating a training over several splits says, as a table."""

from __future__ import annotations

from namestui.runs.folds import Estimate, Folds
from namestui.runs.models import title_of
from namestui.tui.words.table import aligned


def fold_table(folds: Folds) -> list[str]:
    """Means over the folds, aligned; where some have not finished, over how many."""
    if not folds.scores:
        return [f"none of {folds.planned} folds has finished: no mean"]
    rows: list[tuple[str, ...]] = [
        ("model", "folds", "test accuracy", "macro-F1", f"minus {title_of(folds.scores[0].than)}, points")
    ]
    for score in folds.scores:
        rows.append(
            (
                title_of(score.model),
                f"{score.folds} of {folds.planned}",
                _interval(_share(score.accuracy), "{:.1f} %", "{:.1f}", 100),
                _interval(_share(score.macro_f1), "{:.3f}", "{:.3f}", 1),
                "" if score.minus is None else _interval(score.minus, "{:+.2f}", "{:+.2f}", 100),
            )
        )
    if len(rows) == 2:
        rows = [row[:-1] for row in rows]
    seeds = sorted({seed for score in folds.scores for seed in score.seeds})
    return [f"split seeds {', '.join(map(str, seeds))}; mean and 95 % interval", *aligned(rows)]


def _share(found: Estimate) -> Estimate:
    """No share is below 0 or above 1, whatever two folds say of it."""
    if found.low is None or found.high is None:
        return found
    return Estimate(mean=found.mean, low=max(found.low, 0.0), high=min(found.high, 1.0))


def _interval(found: Estimate, number: str, end: str, scale: float) -> str:
    text = number.format(scale * found.mean)
    if found.low is None or found.high is None:
        return text
    return f"{text} ({end.format(scale * found.low)} to {end.format(scale * found.high)})"
