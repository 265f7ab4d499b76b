"""Training speed in names a second, against the report's batch-1 loop and against the processor's limit.

One torch thread. In every round all contestants run one after the other (A B C ... A B C ...) on the training part of
the report's random split. Recipes count training names over training seconds of whole epochs, as ``epoch_finished``
does (without validation); the others count wall time. A ratio is taken within each round; medians over the rounds.
The report trained no GRU, tanh-RNN or BiLSTM: theirs are ratios to its LSTM.

    python -m bench.throughput bundled
    python -m bench.throughput ../shared/names --models rnn lstm gru tanh-rnn bilstm
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from statistics import mean

import torch

from bench import output
from bench.kernels import CPU, GATES, Kernel, Padded, flop_per_name, peak_flops, stepped_flop
from bench.seed_loop import SeedLoop
from namestui.data import catalogue
from namestui.data.corpus import Corpus
from namestui.data.splits import random_split
from namestui.engine.nets.devices import multiplies_bfloat16
from namestui.engine.training.boundaries import Boundary, EpochDone
from namestui.engine.training.trainer import Trainer
from namestui.runs.config import resolve_corpus
from namestui.runs.models import reported
from namestui.runs.recipes import make_config

RECIPE_TARGETS = {"rnn": 80.0, "lstm": 55.0}
"""Times the report's loop that the default recipe is to reach."""
KERNEL_TARGETS = {"rnn": (250_000.0, 150.0), "lstm": (20_000.0, 70.0)}
"""Names a second, and times the report's loop, that the kernel is to reach at its best batch."""
TIMES = " against the report's loop"
LOOP, RECIPE, PADDED, KERNEL = "report's loop", "our default recipe", "padded random batches", "kernel"
WHOLE = "report's loop, a name a call"
"""Not what the report says, but the same LSTM without its loop over letters."""
KERNEL_BATCHES = (32, 128, 512, 1024, 4096)
OTHERS_BATCHES = (128, 1024)
"""Of the kernels that the report has no counterpart of."""


class Recipe:
    """The default recipe, driven step by step as the worker drives it; a new seed where a run is complete."""

    def __init__(self, model: str, corpus_name: str, corpus: Corpus) -> None:
        self._model, self._name, self._corpus, self._seed = model, corpus_name, corpus, 0
        self._trainer = self._new_trainer()
        self._steps: Iterator[Boundary] = self._trainer.run()
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
        return Trainer(config, self._corpus, CPU)


@dataclass(slots=True)
class Contestant:
    """One line of the table; ``speeds`` in names a second, one a round; ``low``: with products in bfloat16."""

    name: str
    batch: int
    flop: float
    measure: Callable[[float], float]
    seconds: float
    low: bool = False
    speeds: list[float] = field(default_factory=list)


@dataclass(slots=True)
class Limits:
    """FLOP/s of large products on one thread, one a round; ``low`` is empty where nothing multiplies bfloat16.

    ``core`` is the share of a core that this process had: others may have taken the rest.
    """

    full: list[float] = field(default_factory=list)
    low: list[float] = field(default_factory=list)
    core: float = 1.0


class Contest:
    """Contestants on one corpus; every loop of the report is there once, whatever is compared with it."""

    def __init__(self, corpus_name: str, corpus: Corpus, seconds: float) -> None:
        self._name, self._corpus, self._seconds = corpus_name, corpus, seconds
        self._rows = random_split(corpus, 0).train
        self._length = mean(len(corpus.names[row]) for row in self._rows)
        self._low = multiplies_bfloat16(CPU)
        self._loops: dict[str, Contestant] = {}

    def contestants(self, model: str) -> list[Contestant]:
        """The report's loop first, then ours, then those that explain the difference."""
        seconds, size, low = self._seconds, make_config(model).batch_size, self._low and model != "rnn"
        recipe, padded = Recipe(model, self._name, self._corpus), Padded(model, self._corpus, self._rows, size)
        result = [
            self._loop(model if model in reported() else "lstm"),
            Contestant(RECIPE, size, recipe.flop, recipe.names_per_second, seconds, low),
            Contestant(PADDED, size, padded.flop, padded.names_per_second, seconds / 2),
        ]
        if model in reported():
            result.append(self._seed(f"{LOOP} + DataLoader", model, seconds / 2, loader=True))
        if model == "lstm":
            result.append(self._seed(WHOLE, model, seconds, whole=True))
        for batch in KERNEL_BATCHES if model in reported() else OTHERS_BATCHES:
            kernel = Kernel(model, self._corpus, self._rows, batch)
            result.append(Contestant(KERNEL, batch, kernel.flop, kernel.names_per_second, seconds / 3, low))
        return result

    def _loop(self, model: str) -> Contestant:
        if model not in self._loops:
            self._loops[model] = self._seed(LOOP, model, self._seconds)
        return self._loops[model]

    def _seed(self, name: str, model: str, seconds: float, *, loader: bool = False, whole: bool = False) -> Contestant:
        loop = SeedLoop(model, self._corpus, self._rows, loader=loader, whole=whole)
        flop = stepped_flop(model, self._length, len(self._corpus.labels))
        return Contestant(name, 1, flop, loop.names_per_second, seconds)


def measure(everyone: list[Contestant], rounds: int) -> Limits:
    """Fill the contestants' speeds, interleaved; the limits of every round."""
    for one in everyone:
        one.measure(0.1)  # warm: first calls allocate and choose kernels
    limits = Limits()
    wall, busy = time.perf_counter(), time.process_time()
    for _ in range(rounds):
        limits.full.append(peak_flops(torch.float32))
        if any(one.low for one in everyone):
            limits.low.append(peak_flops(torch.bfloat16))
        for one in everyone:
            one.speeds.append(one.measure(one.seconds))
    limits.core = min(1.0, (time.process_time() - busy) / (time.perf_counter() - wall))
    return limits


def table(model: str, mine: list[Contestant], limits: Limits) -> output.Table:
    """Speeds, ratios to the report's loop and to padded batches, and shares of the limits, of one model."""
    best = max((one for one in mine if one.name == KERNEL), key=lambda one: output.middle(one.speeds))
    padded = next(one for one in mine if one.name == PADDED)
    rows: list[dict[str, output.Cell]] = [
        {
            "contestant": f"{one.name}, best batch" if one is best else one.name,
            "batch": one.batch,
            "names/s": output.middle(one.speeds),
            "low": min(one.speeds),
            "high": max(one.speeds),
            "x report": ratio(one, mine[0]),
            "x padded": ratio(one, padded),
            "MFLOP/name": one.flop / 1e6,
            "% of limit": share(one, limits.full),
            "% of bf16": share(one, limits.low) if one.low else None,
        }
        for one in mine
    ]
    title = model if model in reported() else f"{model}, against the report's LSTM"
    return output.Table(title, rows, verdicts(model, mine, best, limits.core))


def ratio(one: Contestant, other: Contestant) -> float:
    """How many times as fast ``one`` is: the median over the rounds."""
    return output.middle([mine / theirs for mine, theirs in zip(one.speeds, other.speeds, strict=True)])


def share(one: Contestant, peaks: list[float]) -> float:
    """Percent of the limit that the FLOP which ``one`` needs make up: the median over the rounds."""
    return output.middle([100 * speed * one.flop / peak for speed, peak in zip(one.speeds, peaks, strict=True)])


def verdicts(model: str, mine: list[Contestant], best: Contestant, core: float) -> list[str]:
    """Whether recipe and kernel reach their targets; a speed is also given as it would be with a whole core."""
    if model not in reported():
        return []
    speed, times = KERNEL_TARGETS[model]
    found = output.middle(best.speeds)
    whole = (
        "" if core > 0.95 else f" with {core:.0%} of a core ({output.shown(found / core)} names/s of processor time)"
    )
    return [
        f"default recipe: {verdict(ratio(mine[1], mine[0]), RECIPE_TARGETS[model], 'x', TIMES)}",
        f"kernel at its best batch: {verdict(found, speed, '', ' names/s')}{whole}",
        f"kernel at its best batch: {verdict(ratio(best, mine[0]), times, 'x', TIMES)}",
    ]


def verdict(found: float, target: float, sign: str, what: str) -> str:
    """One line: the target, what was found, and whether that will do."""
    return f"target {sign}{target:,g}{what}: {sign}{output.shown(found)}, {'met' if found >= target else 'MISSED'}"


def main() -> None:
    """Measure all models side by side and print a table each."""
    parser = output.parser(__doc__, corpus=True)
    parser.add_argument("--models", nargs="+", choices=list(GATES), default=reported(), help="default: rnn lstm")
    parser.add_argument("--rounds", type=int, default=7, help="rounds to take the median of")
    parser.add_argument("--seconds", type=float, default=2.0, help="seconds of a recipe or the report's loop a round")
    options = parser.parse_args()
    torch.set_num_threads(1)
    name = resolve_corpus(options.corpus)
    corpus = catalogue.load_by_name(name, "strict")
    contest = Contest(name, corpus, options.seconds)
    by_model = {model: contest.contestants(model) for model in options.models}
    everyone = list({id(one): one for mine in by_model.values() for one in mine}.values())
    limits = measure(everyone, options.rounds)
    tables = [table(model, mine, limits) for model, mine in by_model.items()]
    low = f", {output.middle(limits.low) / 1e9:.0f} in bfloat16" if limits.low else ""
    tables[-1].notes.append(
        f"corpus {options.corpus}; median of {options.rounds} interleaved rounds; limit "
        f"{output.middle(limits.full) / 1e9:.0f} GFLOP/s in float32{low} (product of 2048 x 2048, one thread); "
        "the closed-form RNN needs other FLOP than the stepped one"
    )
    output.emit("throughput", tables, as_json=options.json)


if __name__ == "__main__":
    main()
