"""What a machine does, one figure a row: its course over time, and what it is now, on average and at its extreme."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal, NamedTuple

from namestui.runs.events import GpuUse, Machine
from namestui.runs.text import Inert, inert
from namestui.tui.words.format import size

Fold = Literal["mean", "max", "min"]
"""What of several samples is drawn in one place: rates their mean, amounts their highest, free room its lowest."""


class Point(NamedTuple):
    """A value, and from when to when it was so, in seconds since 1970."""

    begin: float
    end: float
    value: float


@dataclass(frozen=True)
class Figure:
    """One row: ``high`` is where its axis, which begins at 0, ends; ``limit`` says of how much it is, if of any."""

    label: Inert
    points: tuple[Point, ...]
    fold: Fold
    high: float
    now: str
    mean: str
    extreme: str
    limit: Inert


Read = Callable[[Machine], float | None]
Write = Callable[[float], str]


def figures(samples: Iterable[Machine]) -> list[Figure]:
    """The rows for ``samples``, oldest first; what none of them has is not among them."""
    found = list(samples)
    if not found:
        return []
    latest = found[-1]
    cores = max([1.0, *(one.worker_cpu for one in found if one.worker_cpu is not None)])
    rows = [
        _figure(found, "CPU", lambda one: one.cpu, _share, 1.0, limit=f"of {latest.cores:.3g} cores"),
        _figure(found, "memory", lambda one: one.memory, _size, latest.memory_total, "max"),
        _figure(found, "disk free", lambda one: one.disk_free, _size, latest.disk_total, "min"),
        _figure(found, "disk read", lambda one: one.disk_read, _rate),
        _figure(found, "disk written", lambda one: one.disk_written, _rate),
        _figure(found, "worker CPU", lambda one: one.worker_cpu, _share, cores, limit="of one core"),
        _figure(found, "worker memory", lambda one: one.worker_memory, _size, fold="max"),
    ]
    for gpu in latest.gpus:
        rows += _of_gpu(found, gpu)
    return [row for row in rows if row is not None]


def _of_gpu(samples: list[Machine], gpu: GpuUse) -> list[Figure | None]:
    def read(value: Callable[[GpuUse], float | None]) -> Read:
        return lambda sample: next((value(one) for one in sample.gpus if one.index == gpu.index), None)

    name, watts = f"GPU {gpu.index}", gpu.power_limit
    of_all = f"of {watts:.0f} W" if watts else ""
    return [
        _figure(samples, f"{name} use", read(lambda one: one.use), _share, 1.0, limit=gpu.name),
        _figure(samples, f"{name} memory", read(lambda one: one.memory), _size, gpu.memory_total, "max"),
        _figure(samples, f"{name} temp.", read(lambda one: one.temperature), _degrees, 100.0, "max", limit=""),
        _figure(samples, f"{name} power", read(lambda one: one.power), _watts, watts, limit=of_all),
    ]


def _figure(
    samples: list[Machine],
    label: str,
    read: Read,
    write: Write,
    high: float | None = None,
    fold: Fold = "mean",
    limit: str | None = None,
) -> Figure | None:
    """A row, or None where no sample has its figure; without a ``high`` its axis ends at the highest value."""
    points = [
        Point(one.time - one.seconds, one.time, float(value)) for one in samples if (value := read(one)) is not None
    ]
    if not points:
        return None
    values = [point.value for point in points]
    seconds = sum(point.end - point.begin for point in points)
    mean = sum(point.value * (point.end - point.begin) for point in points) / seconds if seconds > 0 else values[-1]
    newest = read(samples[-1])
    if limit is None:
        limit = f"of {size(int(high))}" if high else ""
    return Figure(
        label=inert(label),
        points=tuple(points),
        fold=fold,
        high=high or max(values),
        now="" if newest is None else write(newest),
        mean=write(mean),
        extreme=f"min {write(min(values)).strip()}" if fold == "min" else write(max(values)),
        limit=inert(limit),
    )


def _share(value: float) -> str:
    return f"{100 * value:.0f} %"


def _size(value: float) -> str:
    return size(int(value))


def _rate(value: float) -> str:
    return f"{size(int(value))}/s"


def _degrees(value: float) -> str:
    return f"{value:.0f} C"  # as nvidia-smi writes it, and in ASCII


def _watts(value: float) -> str:
    return f"{value:.0f} W"
