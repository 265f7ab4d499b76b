"""Charts of many long runs: CPU seconds until the first is drawn, for each drawing after that, and memory.

    python -m bench.charts [--runs 20] [--points 50000] [--repetitions 5]

Noisy curves are folded in point by point, as a run's record is, and drawn with the pen of a Unicode terminal but
without a screen. *first* is from the folded curves to the lines of text, *again* with a cursor moved. The memory is
that of this process over what it had before the curves.
"""

from __future__ import annotations

import math
import random
import time

import psutil
from rich.style import Style

from bench import output
from namestui.runs.text import Inert
from namestui.tui.state.chart_view import ChartView
from namestui.tui.state.curve import Curve
from namestui.tui.widgets.chart.frame import frame_of
from namestui.tui.widgets.chart.picture import lines_of
from namestui.tui.widgets.chart.plot import Plot
from namestui.tui.widgets.chart.series import Series
from namestui.tui.widgets.glyphs import UNICODE

SIZES = ((58, 10), (118, 30), (200, 50))
VIEWS = {"as it is": ChartView(), "smoothed": ChartView(smoothing=0.9), "1-99 %": ChartView(outliers=False)}


def folded(runs: int, points: int) -> list[Curve]:
    """A curve a run, each with noise of its own."""
    dice = random.Random(1)
    curves = [Curve() for _ in range(runs)]
    for number, curve in enumerate(curves):
        for x in range(1, points + 1):
            y = 2 * math.exp(-6 * x / points) + 0.02 * number + dice.gauss(0, 0.04)
            curve.append(x, y, 100 * x, 1.7e9 + x, float(x))
    return curves


def draw(curves: list[Curve], size: tuple[int, int], view: ChartView) -> float:
    """The CPU seconds of one drawing."""
    began = time.process_time()
    series = tuple(Series.of(one, "epoch", Inert(f"run {n}"), n) for n, one in enumerate(curves, 1))
    last = max(one.xs[-1] for one in series)
    frame = frame_of(Plot(series, (1.0, last), view=view), size, UNICODE)
    assert frame is not None
    lines_of(frame, UNICODE, lambda _ink: Style.null(), dashed=False)
    return time.process_time() - began


def table(runs: int, points: int, repetitions: int) -> output.Table:
    """Medians over the repetitions, by size and view."""
    process = psutil.Process()
    before = process.memory_info().rss
    began = time.process_time()
    curves = folded(runs, points)
    fold = time.process_time() - began
    rows: list[dict[str, output.Cell]] = []
    for size in SIZES:
        for name, view in VIEWS.items():
            first = draw(curves, size, view)
            again = [draw(curves, size, ChartView(**{**vars(view), "cursor": at})) for at in range(1, repetitions + 1)]
            columns, lines = size
            rows.append(
                {
                    "size": f"{columns}x{lines}",
                    "view": name,
                    "first ms": 1000 * first,
                    "again ms": 1000 * output.middle(again),
                }
            )
    held = (process.memory_info().rss - before) / 1e6
    notes = [f"folding in: {fold:.2f} s, {1e6 * fold / runs / points:.2f} us a point", f"memory: {held:.0f} MB"]
    return output.Table(f"{runs} runs of {points:,} points in one chart", rows, notes)


def main() -> None:
    """Measure and print."""
    parser = output.parser(__doc__)
    parser.add_argument("--runs", type=int, default=20)
    parser.add_argument("--points", type=int, default=50_000)
    parser.add_argument("--repetitions", type=int, default=5)
    options = parser.parse_args()
    output.emit("charts", [table(options.runs, options.points, options.repetitions)], as_json=options.json)


if __name__ == "__main__":
    main()
