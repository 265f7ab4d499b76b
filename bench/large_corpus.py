"""Ten million names: seconds to load and divide, peak memory, and training speed against that on 20,000.

    python -m bench.large_corpus [--names 10000000] [--labels 18]

A generated folder and a generated .csv are read in child processes: cold, then from the cache. Memory is the peak of a
process that does all that a worker does: torch, corpus, split, what ``run_started`` says, training, validation. Speed
is that of the default recipes in the middle of an epoch, over some hundred batches, in turns with the same on 20,000 of
the names (over several epochs, for they are few); a ratio is taken within each round. They are taken from the distinct
ones, evenly: of 20,000 newly generated names more would be short, for there are not many short ones, and an LSTM takes
its time by the letter. What shuffling a whole epoch takes is spread over its names.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from bench import output
from bench.corpus_generator import generate

if TYPE_CHECKING:
    from namestui.data.corpus import Corpus

SMALL = 20_000
MEMORY_TARGET, SPEED_TARGET = 2_000.0, 1.0
BATCHES = 300
"""Batches of one round."""


def load(corpus: Path, cache: Path) -> dict[str, Any]:
    """Load and divide as the screen does before a run is made; seconds of either, and peak MB."""
    from namestui.data.corpus import load_corpus
    from namestui.data.splits import split_corpus

    started = time.perf_counter()
    loaded = load_corpus(corpus, cache=cache)
    middle = time.perf_counter()
    split_corpus(loaded, "grouped", 0)
    ended = time.perf_counter()
    return {"load s": middle - started, "split s": ended - middle, "peak MB": peak()}


class Course:
    """Training on one corpus, epoch after epoch, a few batches at a time."""

    def __init__(self, corpus: Corpus, model: str) -> None:
        import torch

        from namestui.engine.training.trainer import Trainer
        from namestui.engine.worker.first_event import first_event
        from namestui.runs.recipes import make_config

        config = make_config(model, device="cpu", epochs=1_000)
        self._trainer = Trainer(config, corpus, torch.device("cpu"))
        first_event(self._trainer, corpus.fingerprint())
        started = time.perf_counter()
        self._trainer.train_set.shuffled(config.batch_size, torch.Generator().manual_seed(0))[0]
        self._shuffling = (time.perf_counter() - started) / len(self._trainer.train_set)
        self._steps = self._batches()

    def _batches(self) -> Iterator[tuple[int, float]]:
        """Names and seconds of every batch; what its caller does meanwhile does not count."""
        import torch

        trainer, epoch = self._trainer, 0
        while True:
            batches = trainer.train_set.shuffled(trainer.config.batch_size, torch.Generator().manual_seed(epoch))
            epoch += 1
            started = time.perf_counter()
            for number in range(len(batches)):
                batch = batches[number]
                trainer._train_batch(*batch)
                ended = time.perf_counter()
                yield len(batch.targets), ended - started
                started = time.perf_counter()

    def validate(self) -> None:
        """As at the end of an epoch."""
        self._trainer.validated()

    def names_per_second(self) -> float:
        """Over `BATCHES` batches, with these names' part of the shuffling."""
        done = list(islice(self._steps, BATCHES))
        names = sum(count for count, _ in done)
        return names / (sum(seconds for _, seconds in done) + names * self._shuffling)


def some(corpus: Corpus, count: int) -> Corpus:
    """About ``count`` of the distinct names of ``corpus``, evenly from all of it."""
    from namestui.data.corpus import Cleaning, Corpus
    from namestui.data.groups import group_names
    from namestui.data.name_array import NameArray

    distinct = np.sort(group_names(corpus.names).first)
    rows = distinct[:: max(1, len(distinct) // count)]
    names = NameArray(corpus.names.letters, corpus.names.lengths[rows], corpus.names.starts[rows])
    return Corpus(corpus.labels, names, corpus.targets[rows], Cleaning())


def train(path: Path, cache: Path, model: str, rounds: int) -> dict[str, Any]:
    """Speeds on both corpora, in turns, and the peak MB before the small one is loaded too."""
    import torch

    from namestui.data.corpus import load_corpus

    torch.set_num_threads(1)
    corpus = load_corpus(path, cache=cache)
    large = Course(corpus, model)
    large.names_per_second()  # warm
    large.validate()
    memory = peak()
    few = Course(some(corpus, SMALL), model)
    few.names_per_second()
    speeds = [(large.names_per_second(), few.names_per_second()) for _ in range(rounds)]
    return {
        "model": model,
        "names/s": output.middle([one for one, _ in speeds]),
        "on 20,000": output.middle([other for _, other in speeds]),
        "ratio": output.middle([one / other for one, other in speeds]),
        "low": min(one / other for one, other in speeds),
        "high": max(one / other for one, other in speeds),
        "peak MB": memory,
    }


def peak() -> float:
    """The most memory that this process ever had, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6


def child(*arguments: object) -> dict[str, Any]:
    """What one of the functions above gives in a process of its own."""
    command = [sys.executable, "-m", "bench.large_corpus", "--child", *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(done.stderr)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def tables(names: int, labels: int, rounds: int) -> list[output.Table]:
    """Generate, then measure in child processes."""
    with tempfile.TemporaryDirectory(prefix="bench-") as scratch:
        folder, table, cache = Path(scratch, "names"), Path(scratch, "names.csv"), Path(scratch, "cache")
        for out in (folder, table):
            generate(out, names, labels)
        loading = output.Table(f"loading {names:,} names of {labels} labels")
        for corpus in (folder, table):
            for how in ("cold", "cached"):
                found = child("load", corpus, cache)
                loading.rows.append({"corpus": "folder" if corpus == folder else ".csv", "how": how, **found})
        rows = [child("train", folder, cache, model, rounds) for model in ("rnn", "lstm")]
    memory, ratio = max(row["peak MB"] for row in rows), min(row["ratio"] for row in rows)
    notes = [
        f"target: under {MEMORY_TARGET:,.0f} MB: {memory:,.0f}, {'met' if memory < MEMORY_TARGET else 'MISSED'}",
        f"target: x{SPEED_TARGET:g} the speed on {SMALL:,} names: x{ratio:.2f}, "
        f"{'met' if ratio >= SPEED_TARGET else 'MISSED'}",
        f"medians of {rounds} rounds of {BATCHES} batches",
    ]
    return [loading, output.Table("training", rows, notes)]


def main() -> None:
    """Measure and print; ``--child`` is how it calls itself."""
    if sys.argv[1:2] == ["--child"]:
        what, *rest = sys.argv[2:]
        if what == "load":
            print(json.dumps(load(Path(rest[0]), Path(rest[1]))))
        else:
            print(json.dumps(train(Path(rest[0]), Path(rest[1]), rest[2], int(rest[3]))))
        return
    parser: argparse.ArgumentParser = output.parser(__doc__)
    parser.add_argument("--names", type=int, default=10_000_000)
    parser.add_argument("--labels", type=int, default=18)
    parser.add_argument("--rounds", type=int, default=15)
    options = parser.parse_args()
    output.emit("large_corpus", tables(options.names, options.labels, options.rounds), as_json=options.json)


if __name__ == "__main__":
    main()
