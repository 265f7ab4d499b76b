"""Which curves a chart shows of a run: a group of metrics whose names pair up, ``train/x`` with ``validation/x``."""

from __future__ import annotations

from namestui.runs.text import inert
from namestui.tui.state.run_state import RunState
from namestui.tui.widgets.chart.canvas import Role
from namestui.tui.widgets.chart.series import Series

ROLES: dict[str, Role] = {"train": "train", "validation": "validation"}
"""By the part before the slash, in the order of the legend; another metric has the hue of what is measured, not
trained."""


def curves_of(state: RunState, group: str) -> list[Series]:
    """The curves of one group over epochs, or over steps where the run counts no epochs; training comes first."""
    parts = {part: state.series[name].points() for name in state.series for part, of in [_split(name)] if of == group}
    if not parts:
        return [Series(part, (), (), role) for part, role in ROLES.items()]
    by_step = all(points[-1].x == 0 for points in parts.values())
    first = [part for part in ROLES if part in parts]
    return [
        Series(
            inert(part or group),
            [point.step if by_step else point.x for point in parts[part]],
            [point.y for point in parts[part]],
            ROLES.get(part, "validation"),
        )
        for part in [*first, *(part for part in parts if part not in ROLES)]
    ]


def accuracy_curves(state: RunState) -> list[Series]:
    """Training and validation accuracy, and what always naming the commonest class would reach."""
    series = curves_of(state, "accuracy")
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


def _split(name: str) -> tuple[str, str]:
    """``train/loss`` as part and group; what has no slash is a group of its own."""
    part, slash, group = name.partition("/")
    return (part, group) if slash else ("", name)
