"""Which curves a chart shows of a run: a group of metrics whose names pair up, ``train/x`` with ``validation/x``."""

from __future__ import annotations

from namestui.runs.text import Inert, inert
from namestui.tui.state.run_state import RunState
from namestui.tui.widgets.chart.hues import Role, role_of
from namestui.tui.widgets.chart.series import Series

FIRST = ("loss", "accuracy")
"""The groups that are shown where a run has them."""
SHARES = ("accuracy",)
"""Groups whose values lie between 0 and 1, so that their axis does."""
_PARTS = ("train", "validation")


def groups_of(state: RunState, count: int) -> list[str]:
    """The ``count`` groups of metrics to show: the best known, then what the run logs, in its order."""
    found = list(dict.fromkeys(_split(name)[1] for name in state.series))
    wanted = [group for group in FIRST if group in found or not found]
    rest = [group for group in found if group not in wanted]
    paired = [group for group in rest if any(f"{part}/{group}" in state.series for part in _PARTS)]
    ordered = [*wanted, *paired, *(group for group in rest if group not in paired), *FIRST]
    return list(dict.fromkeys(ordered))[:count]


def curves_of(state: RunState, group: str) -> list[Series]:
    """The curves of one group over epochs, or over steps where the run counts no epochs; training comes first."""
    parts = {part: state.series[name].points() for name in state.series for part, of in [_split(name)] if of == group}
    if not parts:
        return [Series(Inert(part), (), (), role_of(part)) for part in _PARTS]
    by_step = counts_steps(state, group)
    series: list[Series] = []
    taken: list[Role] = []
    for part in [*(part for part in _PARTS if part in parts), *(part for part in parts if part not in _PARTS)]:
        role = role_of(part, taken)
        taken.append(role)
        xs = [point.step if by_step else point.x for point in parts[part]]
        series.append(Series(inert(part or group), xs, [point.y for point in parts[part]], role))
    return series


def counts_steps(state: RunState, group: str) -> bool:
    """Whether the curves of a group lie over steps: the run counts no epochs."""
    newest = [curve.newest for name, curve in state.series.items() if _split(name)[1] == group]
    return bool(newest) and all(point is not None and point.x == 0 for point in newest)


def majority(state: RunState) -> list[Series]:
    """What always naming the commonest class would reach; nothing before that is known."""
    if state.started is None:
        return []
    baseline = state.started.majority_baseline
    ends = (1.0, float(max(state.planned_epochs, 2)))
    return [Series(Inert("majority"), ends, (baseline, baseline), "reference")]


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
