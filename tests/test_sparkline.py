"""Courses over time in blocks: against formulas that go another way."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from namestui.runs.events import GpuUse, Machine
from namestui.tui.widgets.glyphs import ASCII, UNICODE
from namestui.tui.widgets.sparkline import bars, columns
from namestui.tui.words.machine import Figure, Point, figures
from tests.any_events import machine
from tests.steering import can_steer

FINE = 1000
"""Parts of a second in which the other way counts."""

seconds = st.integers(1, 30)
levels = st.sampled_from([UNICODE.levels, ASCII.levels])


@given(st.lists(st.tuples(seconds, st.floats(0, 100)), min_size=1, max_size=12), st.integers(1, 20))
def test_each_column_has_the_mean_the_highest_or_the_lowest_of_its_time(
    steps: list[tuple[int, float]], count: int
) -> None:
    # GIVEN a value a second, and the same in points that last several
    of_seconds, points, at = list[float](), [], 0.0
    for length, value in steps:
        points.append(Point(at, at + length, value))
        of_seconds += [value] * length
        at += length
    # WHEN it is drawn in columns of whole seconds
    end = float(-(-len(of_seconds) // count) * count)
    each = round(end / count)
    for fold in ("mean", "max", "min"):
        found = columns(points, 0.0, end, count, fold)
        # THEN each is what its seconds say, and none where there were none
        for column in range(count):
            part = of_seconds[column * each : (column + 1) * each]
            if not part:
                assert found[column] is None
            else:
                expected = {"mean": sum(part) / len(part), "max": max(part), "min": min(part)}[fold]
                assert found[column] == pytest.approx(expected)


def test_what_lies_before_the_axis_is_cut_off() -> None:
    points = [Point(-10.0, 1.0, 5.0), Point(3.0, 4.0, 7.0)]
    assert columns(points, 0.0, 4.0, 4, "mean") == [5.0, None, None, 7.0]


@given(st.lists(st.none() | st.floats(0, 10), max_size=20), st.floats(0, 10), st.integers(1, 5), levels)
def test_bars_are_as_high_as_their_values_and_never_nothing(
    values: list[float | None], high: float, height: int, fillings: str
) -> None:
    rows = bars(values, high, height, fillings)
    assert len(rows) == height
    assert {len(row) for row in rows} == {len(values)}
    for column, value in enumerate(values):
        cells = [row[column] for row in reversed(rows)]
        filled = sum(0 if cell == " " else fillings.index(cell) + 1 for cell in cells)
        if value is None:
            assert filled == 0
            continue
        assert filled >= 1
        share = min(value / high, 1.0) if high > 0 else 0.0
        assert filled == pytest.approx(max(share * height * len(fillings), 1.0), abs=0.5001)
        # AND nothing floats: below a cell that is filled all are full
        top = max(row for row, cell in enumerate(cells) if cell != " ")
        assert all(cell == fillings[-1] for cell in cells[:top])


def by_label(*samples: Machine) -> dict[str, Figure]:
    return {figure.label: figure for figure in figures(samples)}


def test_what_is_not_measured_has_no_row() -> None:
    assert list(by_label(Machine(time=2.0, seconds=2.0, cores=2.0, cpu=0.5))) == ["CPU"]
    assert figures([]) == []
    gpu = GpuUse(index=1, name="A100", use=0.5, temperature=60.0)
    both = by_label(Machine(time=2.0, seconds=2.0, cores=2.0, gpus=[gpu]))
    assert list(both) == ["GPU 1 use", "GPU 1 temp."]
    assert both["GPU 1 use"].limit == "A100"


def test_figures_say_what_is_now_on_average_and_at_the_extreme() -> None:
    samples = [
        Machine(time=10.0, seconds=10.0, cores=2.0, cpu=0.2, disk_free=100_000_000, disk_total=10**9, worker_cpu=1.5),
        Machine(time=40.0, seconds=30.0, cores=2.0, cpu=0.6, disk_free=300_000_000, disk_total=10**9, worker_cpu=0.5),
    ]
    found = by_label(*samples)
    cpu, disk, worker = found["CPU"], found["disk free"], found["worker CPU"]
    assert (cpu.now, cpu.mean, cpu.extreme, cpu.limit, cpu.high) == ("60 %", "50 %", "60 %", "of 2 cores", 1.0)
    assert (disk.now, disk.mean, disk.extreme, disk.limit) == ("300 MB", "250 MB", "min 100 MB", "of 1.0 GB")
    assert (worker.now, worker.mean, worker.extreme, worker.high) == ("50 %", "75 %", "150 %", 1.5)


@given(st.lists(machine, max_size=6))
def test_any_samples_can_be_written(samples: list[Machine]) -> None:
    for figure in figures(samples):
        for text in (figure.label, figure.limit, figure.now, figure.mean, figure.extreme):
            assert not can_steer(text)
        assert all(point.value <= figure.high or figure.high > 0 for point in figure.points)
