"""Hours of samples in a few hundred: nothing that matters is lost, whatever the clock does."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from namestui.runs.events import GpuUse, Machine
from namestui.runs.machine import RESOLUTION, THIN_EVERY, MachineHistory, merged

START = 1.7e9


def sample(at: float, seconds: float = 2.0, **figures: float | int | list[GpuUse] | None) -> Machine:
    return Machine(time=START + at, run="r", seconds=seconds, cores=2.0, **figures)  # type: ignore[arg-type]


def history_of(*samples: Machine) -> MachineHistory:
    history = MachineHistory()
    for one in samples:
        history.append(one)
    return history


shares = st.none() | st.floats(0, 1)
sizes = st.none() | st.integers(0, 1 << 40)
figures = st.tuples(st.floats(0.5, 10), shares, sizes, sizes)


@given(st.lists(figures, min_size=1, max_size=400))
def test_no_peak_no_low_and_no_second_is_lost(found: list[tuple[float, float | None, int | None, int | None]]) -> None:
    # GIVEN samples one after another
    at, samples = 0.0, []
    for seconds, cpu, memory, free in found:
        at += seconds
        samples.append(sample(at, seconds, cpu=cpu, memory=memory, disk_free=free))
    kept = list(history_of(*samples))
    # THEN what is kept has the same peaks, the same time, and stands in order
    assert sum(one.seconds for one in kept) == pytest.approx(at)
    assert [one.time for one in kept] == sorted(one.time for one in kept)
    memories = [one.memory for one in samples if one.memory is not None]
    assert max((one.memory for one in kept if one.memory is not None), default=None) == max(memories, default=None)
    frees = [one.disk_free for one in samples if one.disk_free is not None]
    assert min((one.disk_free for one in kept if one.disk_free is not None), default=None) == min(frees, default=None)
    # AND none stands for more time than its age permits
    for one in kept:
        age = samples[-1].time - one.time
        assert one.seconds <= max(10.0, age / RESOLUTION + 1e-6)
    # AND a mean over everything that was measured comes out as the weighted mean of all samples does
    if all(one.cpu is not None for one in samples):
        whole = sum((one.cpu or 0) * one.seconds for one in samples) / at
        assert sum((one.cpu or 0) * one.seconds for one in kept) / at == pytest.approx(whole, abs=1e-9)


def test_a_day_is_a_few_hundred_samples_and_the_last_minutes_are_whole() -> None:
    history, most = MachineHistory(), 0
    for number in range(1, 43_201):
        history.append(sample(2.0 * number))
        most = max(most, len(history))
    octaves = math.log2(86_400 / (2.0 * RESOLUTION))
    assert 150 < most < 2 * RESOLUTION * (octaves + 1) + THIN_EVERY
    recent = [one for one in history if one.time > START + 86_400 - 2 * RESOLUTION]
    assert [one.seconds for one in recent] == [2.0] * RESOLUTION


def test_who_is_sent_everything_again_has_it_once_and_keeps_what_was_before() -> None:
    first = [sample(2.0 * number, memory=1) for number in range(1, 200)]
    again = history_of(*(sample(300.0 + 2.0 * number, memory=2) for number in range(1, 300)))
    told = history_of(*first, *again)
    middle = list(told)
    for one in again:  # the connection broke and came back
        told.append(one)
    assert {one.time for one in middle} >= {one.time for one in told if one.memory == 2}
    assert sum(one.seconds for one in told if one.memory == 2) == pytest.approx(598.0)
    assert next(iter(told)).memory == 1


@given(st.lists(st.tuples(st.floats(-5000, 5000), st.floats(0.5, 4)), max_size=200))
def test_it_stays_in_order_whatever_the_clock_does(jumps: list[tuple[float, float]]) -> None:
    history = MachineHistory()
    for at, seconds in jumps:
        history.append(sample(at, seconds))
        times = [one.time for one in history]
        assert times == sorted(times)
        assert history.latest is not None
        assert history.latest.time == START + at


def test_two_become_one_by_what_each_figure_means() -> None:
    one = sample(2, 2, cpu=0.5, memory=7, worker_memory=3, disk_free=10, disk_read=8.0, worker_cpu=None)
    two = sample(8, 6, cpu=0.1, memory=5, worker_memory=4, disk_free=12, disk_read=None, worker_cpu=1.0)
    both = merged(one, two)
    assert (both.time, both.seconds, both.cpu) == (two.time, 8, pytest.approx(0.2))
    assert (both.memory, both.worker_memory, both.disk_free) == (7, 4, 10)
    assert (both.disk_read, both.worker_cpu, both.disk_written) == (8.0, 1.0, None)


def test_gpus_are_merged_one_by_one() -> None:
    hot = GpuUse(index=0, name="A", use=1.0, memory=5, temperature=80.0, power=300.0)
    cool = GpuUse(index=0, name="A", use=0.0, memory=9, temperature=40.0, power=100.0)
    new = GpuUse(index=1, name="B", use=0.5)
    both = merged(sample(2, gpus=[hot]), sample(4, gpus=[cool, new]))
    assert both.gpus == [GpuUse(index=0, name="A", use=0.5, memory=9, temperature=80.0, power=200.0), new]
