"""Which curves the two charts show of a run."""

from __future__ import annotations

from namestui.tui.state.run_state import RunState
from namestui.tui.widgets.chart.series import Series


def loss_curves(state: RunState) -> list[Series]:
    """Training and validation loss, nats a name, over epochs."""
    curves = state.curves
    return [
        Series("train", *curves.train_loss.points(), "train"),
        Series("validation", *curves.validation_loss.points(), "validation"),
    ]


def accuracy_curves(state: RunState) -> list[Series]:
    """Training and validation accuracy, and what always naming the commonest class would reach."""
    curves = state.curves
    series = [
        Series("train", *curves.train_accuracy.points(), "train"),
        Series("validation", *curves.validation_accuracy.points(), "validation"),
    ]
    if state.started is not None:
        baseline = state.started.majority_baseline
        ends = (1.0, float(max(state.planned_epochs, 2)))
        series.append(Series("majority", ends, (baseline, baseline), "reference"))
    return series


def split_note(state: RunState) -> str:
    """The accuracy that nothing can pass on this split, and how much of it leaks, where it does."""
    started = state.started
    if started is None or started.ceiling is None:
        return ""
    leak = f" leak {started.leak:.3f}".replace("0.", ".") if started.leak else ""
    return f"ceiling {started.ceiling:.3f}".replace("0.", ".") + leak
