"""What it costs a worker to measure its machine, and a client to be sent a day of it.

Processor time of one sample as percent of a core at the worker's own pace (target: under .1 %), the first sample and
the loading of what measures apart; then a day of samples, thinned as the worker does it: how many are kept, their
bytes, and the processor time to add one, to send all and to read all.

    python -m bench.machine [--samples 300]
"""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

from msgspec.structs import replace

from bench import output
from namestui.engine.recording.machine import Meter
from namestui.engine.recording.sampler import EVERY
from namestui.runs import events
from namestui.runs.machine import MachineHistory

DAY = 86_400
LIMIT = 0.1
"""Percent of a core."""


def sampling(count: int) -> output.Table:
    """Loading, the first sample, and the mean of ``count`` more."""
    table = output.Table(f"processor time, one sample every {EVERY:g} s")
    with tempfile.TemporaryDirectory() as folder:
        started = time.process_time()
        meter = Meter(Path(folder))
        loaded = time.process_time()
        meter.sample()
        first = time.process_time()
        for _ in range(count):
            meter.sample()
        each = (time.process_time() - first) / count
    table.rows += [
        {"what": "loading what measures", "ms": round(1000 * (loaded - started), 2)},
        {"what": "first sample", "ms": round(1000 * (first - loaded), 2)},
        {"what": "each sample", "ms": round(1000 * each, 3), "% of a core": round(100 * each / EVERY, 4)},
    ]
    if 100 * each / EVERY > LIMIT:
        table.notes.append(f"more than {LIMIT} % of a core")
    if meter.gpus is None:
        table.notes.append("no GPU was measured: what NVML takes is not in these figures")
    return table


def history() -> output.Table:
    """A day of samples, kept, sent and read."""
    with tempfile.TemporaryDirectory() as folder:
        sample = Meter(Path(folder)).sample()
    kept, count = MachineHistory(), round(DAY / EVERY)
    started = time.process_time()
    for number in range(count):
        moment = 1.7e9 + number * EVERY
        kept.append(replace(sample, time=moment, run="20261123-214207-lstm-k3f9", seconds=EVERY))
    added = time.process_time()
    lines = [events.encode(each) for each in kept]
    sent = time.process_time()
    for line in lines:
        events.decode(line)
    read = time.process_time()
    table = output.Table("a day of samples")
    table.rows.append(
        {
            "kept": len(kept),
            "kB": round(sum(map(len, lines)) / 1000, 1),
            "us to add one": round(1e6 * (added - started) / count, 1),
            "ms to send": round(1000 * (sent - added), 2),
            "ms to read": round(1000 * (read - sent), 2),
        }
    )
    return table


def main() -> None:
    """Parse the arguments, measure, print."""
    parser = output.parser(__doc__)
    parser.add_argument("--samples", type=int, default=300)
    options = parser.parse_args()
    output.emit("machine", [sampling(options.samples), history()], as_json=options.json)


if __name__ == "__main__":
    main()
