"""The matrix of any epoch of a very long run: milliseconds to read one, and the recall of every class over the epochs.

    python -m bench.epochs [--epochs 200000] [--reads 500]

A ``confusion.bin`` with a record for every epoch (18 classes, as the bundled corpus has) is written, but for a thousand
that a power cut took. *matrix* is one epoch, at random, those that have none included; *recalls* is what the charts and
the class table are drawn from, all of them together. Both are read in a thread, so that no key waits for them.
"""

from __future__ import annotations

import random
import struct
import time
from collections.abc import Callable

from bench import output
from bench.homes import temporary_home
from namestui.runs.recipes import make_config
from namestui.runs.store import RunDirectory
from namestui.tui.state.class_history import thinned

CLASSES = 18
TARGET = 50.0
"""Milliseconds that one matrix may take, at most."""
LOST = 1000


def write(run: RunDirectory, epochs: int) -> set[int]:
    """A record of every epoch but some in the middle, which are returned."""
    lost = set(range(epochs // 2, epochs // 2 + min(LOST, epochs // 4)))
    with run.confusion_file.open("wb") as out:
        for epoch in range(1, epochs + 1):
            cells = [(epoch + cell) % 50 for cell in range(CLASSES * CLASSES)]
            out.write(bytes(4 + 4 * len(cells)) if epoch in lost else struct.pack(f"<{1 + len(cells)}I", epoch, *cells))
    return lost


def milliseconds(read: Callable[[], object]) -> float:
    """How long one call takes."""
    began = time.perf_counter()
    read()
    return 1000 * (time.perf_counter() - began)


def table(epochs: int, reads: int) -> output.Table:
    """The longest and the middle of so many reads."""
    draw = random.Random(0)
    with temporary_home() as store:
        run = store.create(make_config("rnn", epochs=epochs))
        file = run.confusion(CLASSES)
        lost = sorted(write(run, epochs))
        wanted = [draw.randint(1, epochs) for _ in range(reads)] + draw.sample(lost, min(len(lost), 50))
        times = sorted(milliseconds(lambda epoch=epoch: file.of(epoch)) for epoch in wanted)  # type: ignore[misc]
        recalls = milliseconds(lambda: file.recalls(thinned(epochs)))
    row: dict[str, output.Cell] = {
        "epochs": epochs,
        "reads": len(times),
        "matrix ms, middle": times[len(times) // 2],
        "matrix ms, longest": times[-1],
        "recalls ms": recalls,
    }
    met = "met" if times[-1] <= TARGET else "MISSED"
    return output.Table(
        "reading past epochs", [row], [f"target: any matrix within {TARGET:g} ms: {times[-1]:.1f}, {met}"]
    )


def main() -> None:
    """Measure and print."""
    parser = output.parser(__doc__)
    parser.add_argument("--epochs", type=int, default=200_000)
    parser.add_argument("--reads", type=int, default=500)
    options = parser.parse_args()
    output.emit("epochs", [table(options.epochs, options.reads)], as_json=options.json)


if __name__ == "__main__":
    main()
