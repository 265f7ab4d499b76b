"""Runs in an order, and in groups that have a setting in common."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from namestui.runs.run_fields import Field
from namestui.runs.summary import Summary


class Group(NamedTuple):
    """Runs that have a ``value`` in common; ``best`` and ``mean`` are of their best accuracies (None: none has one)."""

    value: str
    runs: list[Summary]

    @property
    def best(self) -> float | None:
        """The highest of the best accuracies."""
        return max(self._accuracies(), default=None)

    @property
    def mean(self) -> float | None:
        """The mean of the best accuracies."""
        found = self._accuracies()
        return sum(found) / len(found) if found else None

    def _accuracies(self) -> list[float]:
        return [run.best_accuracy for run in self.runs if run.best_accuracy is not None]


def sort_runs(runs: Sequence[Summary], field: Field, *, is_reversed: bool = False) -> list[Summary]:
    """``runs`` by a field: text from A to Z, numbers from the lowest, or from the highest where the field ``descends``.

    Equal ones stay as they were; those without a value come last, also in reverse.
    """
    keyed = [(_key(field, run), run) for run in runs]
    present = [(key, run) for key, run in keyed if key is not None]
    present.sort(key=lambda pair: pair[0], reverse=field.descends != is_reversed)
    return [run for _, run in present] + [run for key, run in keyed if key is None]


def group_runs(runs: Sequence[Summary], field: Field) -> list[Group]:
    """``runs`` by what they have in ``field``, groups and runs in the order in which they come."""
    found: dict[str, list[Summary]] = {}
    for run in runs:
        found.setdefault(value_text(field, run), []).append(run)
    return [Group(value, members) for value, members in found.items()]


def value_text(field: Field, run: Summary) -> str:
    """What a run has in ``field``, as the heading of its group; empty where it has nothing."""
    return " ".join(f"{value:g}" if isinstance(value, float) else str(value) for value in field.present(run))


def _key(field: Field, run: Summary) -> str | float | None:
    """What runs are sorted by; None where the run has no value."""
    values = field.present(run)
    if not values:
        return None
    if field.is_text:
        return " ".join(map(str, values)).casefold()
    return float(values[0])
