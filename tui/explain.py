"""``namestui explain``: the evidence of two runs side by side, and what it supports."""

from __future__ import annotations

from namestui.runs.config import TITLES
from namestui.runs.store import RunDirectory
from namestui.tui.format import percent


def explain(first: RunDirectory, second: RunDirectory) -> None:
    """Print the comparison of two runs.

    Raises:
        RunError: they cannot be compared.
    """
    from namestui.engine.explain import band, compare, verdict
    from namestui.engine.probes import LENGTHS

    found = compare(first, second)
    for sentence in verdict(found):
        print(sentence)
    print()
    sides = (found.better, found.other)
    table: list[tuple[str, ...]] = [("", *(TITLES[side.model] for side in sides))]
    table.append(("validation accuracy", *(percent(side.probe.accuracy) for side in sides)))
    for letters in found.better.probe.by_suffix:
        label = f"  shown the last {letters} letter{'s' if letters > 1 else ''}"
        table.append((label, *(percent(side.probe.by_suffix[letters]) for side in sides)))
    for low, high in LENGTHS:
        chosen = (found.lengths >= low) & (found.lengths <= high)
        if chosen.any():
            label = f"  names of {band(low, high)} letters ({int(chosen.sum()):,})"
            table.append((label, *(percent(float(side.probe.correct[chosen].mean())) for side in sides)))
    table.append(("gradient 12 letters back, untrained", *(_last(side.untrained) for side in sides)))
    table.append(("gradient 12 letters back, trained", *(_last(side.probe.gradients) for side in sides)))
    if any(side.probe.spectral_radius is not None for side in sides):
        radii = (side.probe.spectral_radius for side in sides)
        table.append(("spectral radius", *("-" if radius is None else f"{radius:.2f}" for radius in radii)))
    widths = [max(len(row[i]) for row in table) for i in range(3)]
    for label, *values in table:
        cells = "  ".join(f"{value:>{width}}" for value, width in zip(values, widths[1:], strict=True))
        print(f"{label:<{widths[0]}}  {cells}")


def _last(gradients: list[float | None] | None) -> str:
    return "-" if gradients is None or gradients[-1] is None else f"{gradients[-1]:.2g}"
