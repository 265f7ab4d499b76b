"""``namestui explain``: the evidence from two runs side by side, and the verdict."""

from __future__ import annotations

import shutil
import textwrap
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated

import typer

from namestui.runs.store import RunDirectory
from namestui.tui.cli.completion import complete_run
from namestui.tui.cli.named_runs import run_named
from namestui.tui.plain.output import say
from namestui.tui.words.format import percent
from namestui.tui.words.table import aligned

if TYPE_CHECKING:
    from namestui.engine.evidence.comparison import Comparison, Side
    from namestui.runs.events import GateUse

MAX_WIDTH = 80
"""Columns of a sentence, at most."""
LETTERS = (1, 2, 3, 4, 6, 8, 10, 12)
"""Letters from the end whose contributions are shown."""

Row = tuple[str, ...]


def explain(
    first: Annotated[str, typer.Argument(metavar="RUN", help="such as the RNN's", autocompletion=complete_run)],
    second: Annotated[str, typer.Argument(metavar="RUN", help="such as the LSTM's", autocompletion=complete_run)],
) -> None:
    """Compare two runs. Why does one do better? Evidence from both, and whether it supports the usual explanation."""
    show_explanation(run_named(first), run_named(second))


def show_explanation(first: RunDirectory, second: RunDirectory) -> None:
    """Print the comparison of two runs.

    Raises:
        RunError: they cannot be compared.
    """
    from namestui.engine.evidence.comparison import compare
    from namestui.engine.evidence.verdict import verdict

    found = compare(first, second)
    width = min(MAX_WIDTH, shutil.get_terminal_size().columns)
    sentences = [textwrap.fill(sentence, width, break_on_hyphens=False) for sentence in verdict(found)]
    say("\n".join([*sentences, "", *aligned(_table(found), right=(1, 2))]))


def _table(found: Comparison) -> list[Row]:
    """A label and a cell for each side."""
    sides = (found.better, found.other)
    return [
        ("", *(side.title for side in sides)),
        *_accuracies(found, sides),
        *_gradients(sides),
        *_gates(sides),
        *_contributions(sides),
    ]


def _accuracies(found: Comparison, sides: tuple[Side, Side]) -> list[Row]:
    from namestui.engine.evidence.probes import LENGTHS
    from namestui.engine.evidence.verdict import band

    rows: list[Row] = [("validation accuracy", *(percent(side.probe.accuracy) for side in sides))]
    for letters in found.better.probe.by_suffix:
        label = f"  shown the last {letters} letter{'s' if letters > 1 else ''}"
        rows.append((label, *(percent(side.probe.by_suffix[letters]) for side in sides)))
    for low, high in LENGTHS:
        chosen = (found.lengths >= low) & (found.lengths <= high)
        if chosen.any():
            label = f"  names of {band(low, high)} letters ({int(chosen.sum()):,})"
            rows.append((label, *(percent(float(side.probe.correct[chosen].mean())) for side in sides)))
    return rows


def _gradients(sides: tuple[Side, Side]) -> list[Row]:
    """How far back it reached, from before training to the end of it; what no run has is left out."""
    from namestui.engine.evidence.verdict import reaches

    rows: list[Row] = [("gradient, 12th from the end / the last", "", "")]
    norms: list[Row] = [("gradient at the last letter", "", "")]
    for (when, mine), (_, theirs) in zip(*map(reaches, sides), strict=True):
        if mine is None and theirs is None:
            continue
        both = (mine, theirs)
        epochs = [reach.epoch for reach in both if reach is not None and reach.epoch]
        at = f" ({', '.join(map(str, dict.fromkeys(epochs)))})" if epochs and when.endswith("epoch") else ""
        rows.append((f"  {when}{at}", *(_number(reach.far if reach else None) for reach in both)))
        norms.append((f"  {when}{at}", *(_number(reach.last if reach else None) for reach in both)))
    if any(side.probe.spectral_radius is not None for side in sides):
        radius = ("spectral radius", *(_number(side.probe.spectral_radius, ".2f") for side in sides))
        return [*rows, *norms, radius]
    return [*rows, *norms]


def _gates(sides: tuple[Side, Side]) -> list[Row]:
    rows: list[Row] = []
    uses = [{use.gate: use for use in side.probe.gates} for side in sides]

    def row(label: str, gate: str, value: Callable[[GateUse], float | None]) -> Row:
        cells = (_percent(value(use[gate])) if gate in use else "-" for use in uses)
        return (label, *cells)

    for gate in dict.fromkeys(gate for use in uses for gate in use):
        rows.append(row(f"{gate} gate, mean", gate, lambda use: use.mean))
        rows.append(row("  activations below .1", gate, lambda use: use.shut))
        rows.append(row("  activations above .9", gate, lambda use: use.open))
    return rows


def _contributions(sides: tuple[Side, Side]) -> list[Row]:
    """What a letter adds to the true class's score, minus the other classes' mean: absolute, mean, in nats."""
    from namestui.engine.evidence.verdict import ordinal

    if not any(side.probe.contributions for side in sides):
        return []
    rows: list[Row] = [("a letter adds for or against the true class", "", "")]
    for letter in LETTERS:
        found = [side.probe.contributions[letter - 1] if side.probe.contributions else None for side in sides]
        if any(nats is not None for nats in found):
            label = "  nats, the last letter" if letter == 1 else f"  the {ordinal(letter)} from the end"
            rows.append((label, *(_number(nats, ".2f") for nats in found)))
    return rows


def _number(value: float | None, form: str = ".2g") -> str:
    return "-" if value is None else f"{value:{form}}"


def _percent(value: float | None) -> str:
    return "-" if value is None else percent(value)
