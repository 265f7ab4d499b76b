"""Opening a run with a very long log: seconds until its first chart is on the screen, and the screen's memory.

    python -m bench.reopen [--epochs 200000] [--repetitions 5]

A finished run with that many logged epochs is written (18 classes, as the bundled corpus has, and one matrix); then
``namestui attach`` opens it on a pseudo-terminal of 120x40. *chart* is the moment from process start when a braille
dot was written, *whole* when the test score at the log's end was; memory is that of the screen's process afterwards.
"""

from __future__ import annotations

import time

from bench import output
from bench.fault_flood import write_long_log
from bench.homes import NAMESTUI, temporary_home
from bench.terminal import Terminal
from namestui.runs.recipes import make_config
from namestui.runs.store import RunDirectory, RunStore

CHART_TARGET, MEMORY_TARGET = 1.0, 120.0
DOTS = "⠁⠂⠄⡀⠈⠐⠠⢀⠉⠒⠤⣀⠊⠔⡠⢄⠢⠑⠃⠆⡄⠘⠰⢠⣠⣄⠋⠙⠴⠦"
"""Any of these is a part of a line in a chart."""


def reopen(store: RunStore, run: RunDirectory, log: float) -> dict[str, output.Cell]:
    """Open the run once; what it took."""
    with Terminal([NAMESTUI, "attach", run.id], {"NAMESTUI_HOME": str(store.home)}) as terminal:
        chart = terminal.wait_for(*DOTS)
        whole = terminal.wait_for("test ")
        time.sleep(2)  # what is still on its way settles
        rss, pss = terminal.memory()
    return {
        "epochs": run.config().epochs,
        "log MB": log,
        "chart s": chart,
        "whole s": whole,
        "RSS MB": rss,
        "PSS MB": pss,
    }


def table(epochs: int, repetitions: int) -> output.Table:
    """Medians of ``repetitions``, of the long run and of a short one, in turns."""
    found: dict[int, list[dict[str, output.Cell]]] = {100: [], epochs: []}
    with temporary_home() as store:
        runs = {}
        for count in found:
            runs[count] = store.create(make_config("rnn", epochs=count))
            write_long_log(runs[count], count, classes=18)
        for repetition in range(repetitions + 1):
            for count, rows in found.items():
                row = reopen(store, runs[count], runs[count].events_file.stat().st_size / 1e6)
                if repetition:  # the first round fills the caches
                    rows.append(row)
    rows = [
        {name: output.middle([float(row[name] or 0) for row in each]) for name in each[0]} for each in found.values()
    ]
    chart, memory = float(rows[-1]["chart s"]), float(rows[-1]["RSS MB"])  # type: ignore[arg-type]
    verdicts = [
        f"target: a chart within {CHART_TARGET:g} s: {chart:.2f}, {_met(chart <= CHART_TARGET)}",
        f"target: at most {MEMORY_TARGET:g} MB: {memory:.0f}, {_met(memory <= MEMORY_TARGET)}",
        f"medians of {repetitions} rounds",
    ]
    return output.Table("reopening a finished run", [dict(row) for row in rows], verdicts)


def _met(met: bool) -> str:
    return "met" if met else "MISSED"


def main() -> None:
    """Measure and print."""
    parser = output.parser(__doc__)
    parser.add_argument("--epochs", type=int, default=200_000)
    parser.add_argument("--repetitions", type=int, default=5)
    options = parser.parse_args()
    output.emit("reopen", [table(options.epochs, options.repetitions)], as_json=options.json)


if __name__ == "__main__":
    main()
