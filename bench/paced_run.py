"""A run that is recorded and served as a worker does it, one epoch every so many seconds, without training.

    python -m bench.paced_run RUN-ID EPOCHS SECONDS

Each epoch brings its line of the log, its matrix of 18 classes and ten reports of progress on the way, as a worker of
the bundled corpus sends them; with 0 seconds there is one, and no pause. In the matrix half of the cells change by a
few names, as in an RNN's first epochs on that corpus (61, 57, 60, 55, 50, 45, 35 % from the first to the eighth).
"""

from __future__ import annotations

import random
import sys
import time

from bench.fault_flood import epoch_finished, recording, run_started
from namestui.runs.events import Confusion, PartCounts, Progress, StateChanged
from namestui.runs.store import RunStore

CLASSES = 18
REPORTS = 10
MOVES = 9
"""Of a few names in a row of the matrix, an epoch."""


def main() -> None:
    """Record until the epochs are done, and stay until the end of the process: what was recorded is still served."""
    run = RunStore().get(sys.argv[1])
    epochs, seconds = int(sys.argv[2]), float(sys.argv[3])
    dice = random.Random(7)
    matrix = [[115 if row == column else 5 for column in range(CLASSES)] for row in range(CLASSES)]
    with recording(run) as (_, recorder):
        part = PartCounts(rows=3600, by_class=[200] * CLASSES)
        recorder.log(run_started(run, [f"Label{number}" for number in range(CLASSES)], part))
        recorder.log(StateChanged(state="running", epoch=0, batch=0))
        due = time.monotonic()
        for epoch in range(1, epochs + 1):
            reports = REPORTS if seconds else 1
            for report in range(reports):
                recorder.publish(Progress(epoch=epoch, batch=report, batches=reports, loss=1.0, names_per_second=15e3))
                due += seconds / reports
                time.sleep(max(0.0, due - time.monotonic()))
            for row in matrix:
                _learn(row, dice)
            loss = 0.5 + 2.0 / (1 + epoch / 50) + dice.uniform(0, 0.05)
            recorder.log(epoch_finished(run, epoch, loss))
            recorder.publish(Confusion(epoch=epoch, matrix=matrix))
        print("recorded", flush=True)
        time.sleep(3600)


def _learn(row: list[int], dice: random.Random) -> None:
    """A few names of one class are taken for others than before."""
    for _ in range(MOVES):
        left, reached = dice.randrange(CLASSES), dice.randrange(CLASSES)
        names = min(row[left], dice.randint(1, 3))
        row[left] -= names
        row[reached] += names


if __name__ == "__main__":
    main()
