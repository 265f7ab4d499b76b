"""Listing many runs: ``namestui runs``, and the list on the screen, of 1,000 and 10,000 finished runs.

    python -m bench.run_list [--runs 1000 10000] [--repetitions 5]

*first* is the first ``namestui runs`` ever, which reads every record; *command* the median of those that follow, the
start of the interpreter (a bare ``namestui --version``) taken off both; *CPU* is the processor time of the reading
and of the table alone, in this process. *screen* is the time on a pseudo-terminal of 120x40 from the key ``o`` until
the list says how many runs there are, *filter* from the last key of a condition until the list says how many are left.
"""

from __future__ import annotations

import os
import subprocess
import time

from bench import output
from bench.homes import NAMESTUI, temporary_home
from bench.many_runs import write_runs
from bench.terminal import Terminal
from namestui.runs.screen_session import ScreenSession
from namestui.runs.store import RunStore
from namestui.runs.summary import summaries
from namestui.tui.words.runs import runs_table

TARGETS = {1000: 0.3, 10_000: 2.0}
"""Seconds, by the number of runs."""


def command(store: RunStore, *arguments: str) -> float:
    """Seconds that the command line takes."""
    environment = {**os.environ, "NAMESTUI_HOME": str(store.home)}
    start = time.perf_counter()
    subprocess.run([NAMESTUI, *arguments], env=environment, stdout=subprocess.DEVNULL, check=True)
    return time.perf_counter() - start


def on_screen(store: RunStore, count: int) -> tuple[float, float]:
    """Seconds from the key until all runs are listed, and from the last letter of a filter until it is applied."""
    with Terminal([NAMESTUI], {"NAMESTUI_HOME": str(store.home)}) as terminal:
        terminal.wait_for("test ")
        time.sleep(1)  # what is still on its way settles
        start = time.perf_counter()
        terminal.send("o")
        terminal.wait_for(f"{count} of {count}")
        opened = time.perf_counter() - start
        terminal.send("/best>")
        terminal.wait_for("needs a value")
        start = time.perf_counter()
        terminal.send("2")
        terminal.wait_for("no run matches")
        return opened, time.perf_counter() - start


def row(count: int, repetitions: int) -> dict[str, output.Cell]:
    """One home of ``count`` runs."""
    with temporary_home() as store:
        runs = write_runs(store, count)
        store.write_session(ScreenSession(runs=[runs[-1].id]))
        bare = output.middle([command(store, "--version") for _ in range(repetitions)])
        first = command(store, "runs") - bare
        later = output.middle([command(store, "runs") for _ in range(repetitions)]) - bare
        start = time.process_time()
        runs_table(summaries(store), 120)
        processor = time.process_time() - start
        shown = [on_screen(store, count) for _ in range(repetitions)]
    return {
        "runs": count,
        "interpreter s": bare,
        "first s": first,
        "command s": later,
        "CPU s": processor,
        "screen s": output.middle([opened for opened, _ in shown]),
        "filter s": output.middle([filtered for _, filtered in shown]),
    }


def main() -> None:
    """Measure and print."""
    parser = output.parser(__doc__)
    parser.add_argument("--runs", type=int, nargs="+", default=list(TARGETS))
    parser.add_argument("--repetitions", type=int, default=5)
    options = parser.parse_args()
    rows = [row(count, options.repetitions) for count in options.runs]
    notes = []
    for one in rows:
        target = TARGETS.get(int(one["runs"] or 0))
        for name in ("command s", "screen s"):
            took = float(one[name] or 0)
            if target is not None:
                met = "met" if took <= target else "MISSED"
                notes.append(f"target: {one['runs']:,} runs within {target:g} s, {name[:-2]}: {took:.2f}, {met}")
    output.emit("run_list", [output.Table("listing runs", rows, notes)], as_json=options.json)


if __name__ == "__main__":
    main()
