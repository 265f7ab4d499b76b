"""Training speed in names a second, against the report's batch-1 loop and against the processor's limit.

One torch thread. In every round all contestants run one after the other (A B C ... A B C ...) on the training part of
the report's random split. Recipes count training names over training seconds of whole epochs, as ``epoch_finished``
does (without validation); the others count wall time. A ratio is taken within each round; medians over the rounds.

    python -m bench.throughput bundled
    python -m bench.throughput ../shared/names
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from statistics import mean

import torch

from bench import output
from bench.kernels import Kernel, Padded, flop_per_name, peak_flops, stepped_flop
from bench.seed_loop import SeedLoop
from namestui.data import catalogue
from namestui.data.corpus import Corpus
from namestui.data.splits import random_split
from namestui.engine.trainer import EpochDone, Step, Trainer
from namestui.runs.config import resolve_corpus
from namestui.runs.recipes import DEFAULTS, REPORT, make_config

TARGETS = {"rnn": 80.0, "lstm": 45.0}
"""Times the report's loop that the default recipe is to reach."""
WHOLE = "report's loop, a name a call"
"""Not what the report says, but the same LSTM without its loop over letters."""
KERNEL_BATCHES = (32, 128, 512, 1024, 4096)


class Recipe:
    """The default recipe, driven step by step as the worker drives it; a new seed where a run is complete."""

    def __init__(self, model: str, corpus_name: str, corpus: Corpus) -> None:
        self._model, self._name, self._corpus, self._seed = model, corpus_name, corpus, 0
        self._trainer = self._new_trainer()
        self._steps: Iterator[Step] = self._trainer.run()
        batches = self._trainer.train_set.shuffled(self._trainer.config.batch_size, torch.Generator().manual_seed(0))
        self.flop = flop_per_name(model, batches, len(corpus.labels))

    def names_per_second(self, seconds: float) -> float:
        """Whole epochs until ``seconds`` of training are done; training names over training seconds."""
        names, spent = 0, 0.0
        while spent < seconds:
            for step in self._steps:
                if isinstance(step, EpochDone):
                    names += len(self._trainer.train_set)
                    spent += step.seconds
                    break
            else:
                self._seed += 1
                self._trainer = self._new_trainer()
                self._steps = self._trainer.run()
        return names / spent

    def _new_trainer(self) -> Trainer:
        config = make_config(self._model, corpus=self._name, split="random", seed=self._seed, device="cpu")
        return Trainer(config, self._corpus, torch.device("cpu"))


@dataclass(slots=True)
class Contestant:
    """One line of the table; ``speeds`` in names a second, one a round."""

    model: str
    name: str
    batch: int
    flop: float
    measure: Callable[[float], float]
    seconds: float
    speeds: list[float] = field(default_factory=list)


def contestants(model: str, corpus_name: str, corpus: Corpus, seconds: float) -> list[Contestant]:
    """The report's loop first, then ours, then those that explain the difference."""
    rows = random_split(corpus, 0).train
    step = stepped_flop(model, mean(len(corpus.names[row]) for row in rows), len(corpus.labels))
    ready, loaded = (SeedLoop(model, corpus, rows, loader=loader) for loader in (False, True))
    whole = SeedLoop(model, corpus, rows, whole=True)
    recipe, size = Recipe(model, corpus_name, corpus), DEFAULTS[model].batch_size
    padded = Padded(model, corpus, rows, size)
    result = [
        Contestant(model, "report's loop", 1, step, ready.names_per_second, seconds),
        Contestant(model, "our default recipe", size, recipe.flop, recipe.names_per_second, seconds),
        Contestant(model, "report's loop + DataLoader", 1, step, loaded.names_per_second, seconds / 2),
        Contestant(model, "padded random batches", size, padded.flop, padded.names_per_second, seconds / 2),
    ]
    if model == "lstm":
        result.append(Contestant(model, WHOLE, 1, step, whole.names_per_second, seconds))
    for batch in KERNEL_BATCHES:
        kernel = Kernel(model, corpus, rows, batch)
        result.append(Contestant(model, "kernel", batch, kernel.flop, kernel.names_per_second, seconds / 3))
    return result


def measure(everyone: list[Contestant], rounds: int) -> list[float]:
    """Fill the contestants' speeds, interleaved; the limit (FLOP/s) of every round."""
    for one in everyone:
        one.measure(0.1)  # warm: first calls allocate and choose kernels
    peaks: list[float] = []
    for _ in range(rounds):
        peaks.append(peak_flops())
        for one in everyone:
            one.speeds.append(one.measure(one.seconds))
    return peaks


def table(model: str, everyone: list[Contestant], peaks: list[float]) -> output.Table:
    """Speeds, ratios to the report's loop and shares of the limit of one model."""
    mine = [one for one in everyone if one.model == model]
    kernels = [one for one in mine if one.name == "kernel"]
    best = max(kernels, key=lambda one: output.middle(one.speeds))
    best.name = "kernel, best batch"
    rows: list[dict[str, output.Cell]] = []
    for one in mine:
        ratios = [speed / base for speed, base in zip(one.speeds, mine[0].speeds, strict=True)]
        shares = [100 * speed * one.flop / peak for speed, peak in zip(one.speeds, peaks, strict=True)]
        rows.append(
            {
                "contestant": one.name,
                "batch": one.batch,
                "names/s": output.middle(one.speeds),
                "low": min(one.speeds),
                "high": max(one.speeds),
                "x report": output.middle(ratios),
                "MFLOP/name": one.flop / 1e6,
                "% of limit": output.middle(shares),
            }
        )
    bases = [one for one in mine if one.name == "report's loop"]
    return output.Table(model, rows, [verdict(mine[1], base) for base in bases])


def verdict(recipe: Contestant, base: Contestant) -> str:
    """Whether the recipe is as many times as fast as ``base`` as it is to be."""
    ratio = output.middle([ours / theirs for ours, theirs in zip(recipe.speeds, base.speeds, strict=True)])
    target = TARGETS[recipe.model]
    return f"target x{target:g} against {base.name}: x{ratio:.1f}, {'met' if ratio >= target else 'MISSED'}"


def main() -> None:
    """Measure both models side by side and print a table each."""
    parser = output.parser(__doc__, corpus=True)
    parser.add_argument("--rounds", type=int, default=7, help="rounds to take the median of")
    parser.add_argument("--seconds", type=float, default=2.0, help="seconds of a recipe or the report's loop a round")
    options = parser.parse_args()
    torch.set_num_threads(1)
    name = resolve_corpus(options.corpus)
    corpus = catalogue.load(name)
    everyone = [one for model in REPORT for one in contestants(model, name, corpus, options.seconds)]
    peaks = measure(everyone, options.rounds)
    tables = [table(model, everyone, peaks) for model in REPORT]
    limit = output.middle(peaks) / 1e9
    tables[-1].notes.append(
        f"corpus {options.corpus}; median of {options.rounds} interleaved rounds; limit {limit:.0f} GFLOP/s "
        "(fp32 product of 2048 x 2048, one thread); the closed-form RNN needs other FLOP than the stepped one"
    )
    output.emit("throughput", tables, as_json=options.json)


if __name__ == "__main__":
    main()
