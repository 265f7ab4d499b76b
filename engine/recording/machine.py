"""What this process uses, and what is used of all that it may use: cores, memory, disks, GPUs."""

from __future__ import annotations

import os
import shutil
import time
from pathlib import Path
from typing import NamedTuple

from namestui.engine.recording.container import Groups, core_limit, core_seconds, memory_limit, memory_used
from namestui.engine.recording.gpus import Gpus, NoGpuError
from namestui.runs.events import GpuUse, Machine


class Disk(NamedTuple):
    """Bytes of a file system, and those read from all disks and written to them since the system started."""

    free: int | None = None
    total: int | None = None
    read: int | None = None
    written: int | None = None


class CpuTime(NamedTuple):
    """Core-seconds so far: those in use, and all there were; comparable where ``source`` is the same."""

    source: str
    used: float
    there: float


class Counted(NamedTuple):
    """Counters at one moment, of which two make a rate."""

    moment: float
    cpu: CpuTime
    disk: Disk
    worker_cpu: float


class Meter:
    """Measures this process and what it may use of the machine it is on."""

    def __init__(self, folder: Path, groups: Groups | None = None) -> None:
        """``groups`` are the control groups of this process where they are not given."""
        import psutil  # here, so that a worker can be reached before it is loaded

        self._psutil = psutil
        self._folder = folder
        self._groups = Groups.find() if groups is None else groups
        self._process = psutil.Process()
        self.gpus: Gpus | None = None
        self.why_no_gpus = ""
        """Why GPUs are not measured, where there is a sign of any."""
        try:
            self.gpus = Gpus()
        except NoGpuError as error:
            self.why_no_gpus = str(error)
        self._before = self._count()

    def sample(self) -> Machine:
        """What was used since the sample before, or since this was made."""
        before, self._before = self._before, self._count()
        now = self._before
        seconds = now.moment - before.moment
        used, total = self.memory()
        return Machine(
            seconds=round(seconds, 3),
            cores=self.cores(),
            cpu=_share(before.cpu, now.cpu),
            memory=used,
            memory_total=total,
            disk_free=now.disk.free,
            disk_total=now.disk.total,
            disk_read=_rate(before.disk.read, now.disk.read, seconds),
            disk_written=_rate(before.disk.written, now.disk.written, seconds),
            worker_cpu=_rate(before.worker_cpu, now.worker_cpu, seconds),
            worker_memory=self._process.memory_info().rss,
            gpus=self._read_gpus(),
        )

    def cores(self) -> float:
        """Cores that this process may use: all that it may run on, or as many as its container has."""
        return min([float(len(self._own_cores())), *(limit for limit, _ in self._core_limits())])

    def memory(self) -> tuple[int, int]:
        """Bytes in use, and bytes there are: of the machine, or of the container with the narrowest limit."""
        machine = self._psutil.virtual_memory()
        limits = [(limit, group) for group in self._groups.memory if (limit := memory_limit(group)) is not None]
        if limits:
            limit, narrowest = min(limits, key=lambda found: found[0])
            if limit < machine.total and (used := memory_used(narrowest)) is not None:
                return used, limit
        return int(machine.total - machine.available), int(machine.total)

    def _read_gpus(self) -> list[GpuUse]:
        return self.gpus.read() if self.gpus is not None else []

    def _count(self) -> Counted:
        times = self._process.cpu_times()
        return Counted(time.monotonic(), self._cpu(), self._disk(), times.user + times.system)

    def _cpu(self) -> CpuTime:
        own = self._own_cores()
        if limits := self._core_limits():
            limit, narrowest = min(limits, key=lambda found: found[0])
            if limit < len(own) and (seconds := core_seconds(narrowest)) is not None:
                return CpuTime(f"{narrowest} {limit}", seconds, time.monotonic() * limit)
        if len(own) == (self._psutil.cpu_count() or len(own)):
            every = [self._psutil.cpu_times()]
        else:
            of_each = self._psutil.cpu_times(percpu=True)
            every = [of_each[core] for core in own if core < len(of_each)]
        there = used = 0.0
        for core in every:
            # Time of guests is part of user time too.
            all_of_it = sum(core) - getattr(core, "guest", 0.0) - getattr(core, "guest_nice", 0.0)
            there += all_of_it
            used += all_of_it - core.idle - getattr(core, "iowait", 0.0)
        return CpuTime(f"cores {own}", used, there)

    def _core_limits(self) -> list[tuple[float, Path]]:
        return [(limit, group) for group in self._groups.cpu if (limit := core_limit(group)) is not None]

    def _own_cores(self) -> list[int]:
        if hasattr(os, "sched_getaffinity"):
            return sorted(os.sched_getaffinity(0))
        return list(range(self._psutil.cpu_count() or 1))

    def _disk(self) -> Disk:
        free = total = read = written = None
        try:
            room = shutil.disk_usage(self._folder)
            free, total = room.free, room.total
        except OSError:  # it has vanished: training says so
            pass
        try:
            counters = self._psutil.disk_io_counters(nowrap=False)
        except (OSError, NotImplementedError):  # a container without /proc/diskstats
            counters = None
        if counters is not None:
            read, written = counters.read_bytes, counters.write_bytes
        return Disk(free, total, read, written)


def _share(before: CpuTime, now: CpuTime) -> float | None:
    """How much of the cores was in use, 0 to 1; None where it was counted otherwise before."""
    there = now.there - before.there
    if now.source != before.source or there <= 0:
        return None
    return round(min(max((now.used - before.used) / there, 0.0), 1.0), 4)


def _rate(before: float | None, now: float | None, seconds: float) -> float | None:
    """A second; None where there is no counter, or it has begun anew."""
    if before is None or now is None or now < before or seconds <= 0:
        return None
    return round((now - before) / seconds, 4)
