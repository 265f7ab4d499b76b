"""What a machine did for hours, in a few hundred samples: the older they are, the longer each stands for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

import msgspec

from namestui.runs.events import GpuUse, Machine

RESOLUTION = 24
"""A sample stands for at most its age divided by this: 2 s for the last minute, an hour for what was yesterday."""
THIN_EVERY = 16
"""Samples that come in between two rounds of thinning."""

_MEANS = ("cpu", "disk_read", "disk_written", "worker_cpu")
_PEAKS = ("memory", "worker_memory")
_GPU_MEANS = ("use", "power")
_GPU_PEAKS = ("memory", "temperature")


class MachineHistory:
    """Samples in the order in which they came; their number grows with the logarithm of the time."""

    def __init__(self) -> None:
        self._samples: list[Machine] = []
        self._fresh = 0

    def __len__(self) -> int:
        return len(self._samples)

    def __iter__(self) -> Iterator[Machine]:
        return iter(self._samples)

    @property
    def latest(self) -> Machine | None:
        """The newest sample; None before the first."""
        return self._samples[-1] if self._samples else None

    def append(self, sample: Machine) -> None:
        """Add the newest sample; it takes the place of what is there of its time and after it.

        So who is sent everything again keeps what it had from before, and a clock that was set back does no harm.
        """
        begin = sample.time - sample.seconds / 2
        while self._samples and self._samples[-1].time > begin:
            self._samples.pop()
        self._samples.append(sample)
        self._fresh += 1
        if self._fresh >= THIN_EVERY:
            self._fresh = 0
            self._samples = thinned(self._samples, sample.time)


def thinned(samples: Iterable[Machine], now: float) -> list[Machine]:
    """The same in fewer samples: neighbours become one where it would stand for no more than its age permits."""
    kept: list[Machine] = []
    for sample in samples:
        if kept and _span(kept[-1], sample) <= (now - sample.time) / RESOLUTION:
            kept[-1] = merged(kept[-1], sample)
        else:
            kept.append(sample)
    return kept


def merged(first: Machine, second: Machine) -> Machine:
    """One sample for both: rates are means over their time, amounts of memory the highest, free room the lowest."""
    return msgspec.structs.replace(
        second,
        seconds=first.seconds + second.seconds,
        disk_free=_extreme(min, first.disk_free, second.disk_free),
        gpus=_merged_gpus(first, second),
        **_combined(first, second, (first.seconds, second.seconds), _MEANS, _PEAKS),
    )


def _merged_gpus(first: Machine, second: Machine) -> list[GpuUse]:
    before = {gpu.index: gpu for gpu in first.gpus}
    weights = first.seconds, second.seconds
    return [
        msgspec.structs.replace(gpu, **_combined(before[gpu.index], gpu, weights, _GPU_MEANS, _GPU_PEAKS))
        if gpu.index in before
        else gpu
        for gpu in second.gpus
    ]


def _combined(
    first: object, second: object, weights: tuple[float, float], means: Iterable[str], peaks: Iterable[str]
) -> dict[str, float | None]:
    """Of each figure named, its weighted mean, or its peak."""
    pairs = {name: (getattr(first, name), getattr(second, name)) for name in (*means, *peaks)}
    return {name: _mean(zip(pairs[name], weights, strict=True)) for name in means} | {
        name: _extreme(max, *pairs[name]) for name in peaks
    }


def _span(first: Machine, second: Machine) -> float:
    return second.time - (first.time - first.seconds)


def _mean(values: Iterable[tuple[float | None, float]]) -> float | None:
    known = [(value, weight) for value, weight in values if value is not None]
    total = sum(weight for _, weight in known)
    return sum(value * weight for value, weight in known) / total if total > 0 else None


def _extreme(choose: Callable[[Iterable[float]], float], *values: float | None) -> float | None:
    known = [value for value in values if value is not None]
    return choose(known) if known else None
