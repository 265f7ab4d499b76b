"""Training seconds to a validation accuracy, for the default recipes.

Seconds are those of training alone, summed over epochs (``seconds`` of ``epoch_finished``: no validation, no import,
no loading); an accuracy counts as reached at the end of the first epoch whose validation accuracy is at least that.
``random`` is the report's leaky 80/20 split over rows, ``grouped`` the leak-free default. Models and splits take turns
within a seed; medians over the seeds, ``-`` where most seeds never reach it.

    python -m bench.time_to_accuracy bundled
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch

from bench import output
from namestui.data import catalogue
from namestui.data.corpus import Corpus
from namestui.engine.training.boundaries import EpochDone
from namestui.engine.training.trainer import Trainer
from namestui.runs.config import SPLITS, resolve_corpus
from namestui.runs.models import reported
from namestui.runs.recipes import make_config

LEVELS = (0.73, 0.80, 0.83)
TARGETS = {("random", "rnn"): (0.73, 1.5), ("random", "lstm"): (0.80, 6.5)}
"""Accuracies of the classic set on the report's split, and the training seconds within which they are to be reached."""


@dataclass(slots=True)
class Training:
    """One whole run: seconds to each level (infinite: never), and how it ended."""

    reached: dict[float, float]
    epochs: dict[float, float]
    seconds: float
    best: float
    best_epoch: int


def train(model: str, split: str, seed: int, corpus_name: str, corpus: Corpus) -> Training:
    """Train ``model`` by its default recipe from the start to the end."""
    config = make_config(model, corpus=corpus_name, split=split, seed=seed, device="cpu")
    trainer = Trainer(config, corpus, torch.device("cpu"))
    never = dict.fromkeys(LEVELS, math.inf)
    result = Training(reached=dict(never), epochs=dict(never), seconds=0.0, best=0.0, best_epoch=0)
    for step in trainer.run():
        if isinstance(step, EpochDone):
            result.seconds += step.seconds
            for level in LEVELS:
                if step.validation_accuracy >= level and math.isinf(result.reached[level]):
                    result.reached[level] = result.seconds
                    result.epochs[level] = step.epoch
    result.best, result.best_epoch = trainer.best_accuracy, trainer.best_epoch
    return result


def row(model: str, split: str, runs: list[Training]) -> dict[str, output.Cell]:
    """Medians over the seeds."""
    cells: dict[str, output.Cell] = {"split": split, "model": model, "seeds": len(runs)}
    for level in LEVELS:
        seconds = output.middle([run.reached[level] for run in runs])
        epochs = output.middle([run.epochs[level] for run in runs])
        cells[f"s to {level:.2f}"] = seconds if math.isfinite(seconds) else None
        cells[f"epochs to {level:.2f}"] = epochs if math.isfinite(epochs) else None
    cells["s in all"] = output.middle([run.seconds for run in runs])
    cells["best accuracy"] = output.middle([run.best for run in runs])
    cells["at epoch"] = output.middle([run.best_epoch for run in runs])
    return cells


def verdict(split: str, model: str, runs: list[Training]) -> str:
    """Whether the median training reaches the accuracy within its target."""
    level, seconds = TARGETS[split, model]
    found = output.middle([run.reached[level] for run in runs])
    met = "met" if found <= seconds else "MISSED"
    return f"target {model}, {split} split: {level:.2f} within {seconds:g} s (classic set): {found:.2f} s, {met}"


def main() -> None:
    """Train everything and print one table."""
    parser = output.parser(__doc__, corpus=True)
    parser.add_argument("--seeds", type=int, default=3, help="seeds (of split, weights, order) to take the median of")
    options = parser.parse_args()
    torch.set_num_threads(1)
    name = resolve_corpus(options.corpus)
    corpus = catalogue.load_by_name(name, "strict")
    pairs = [(split, model) for split in reversed(SPLITS) for model in reported()]
    runs: dict[tuple[str, str], list[Training]] = {pair: [] for pair in pairs}
    for seed in range(options.seeds):
        for split, model in runs:
            runs[split, model].append(train(model, split, seed, name, corpus))
    table = output.Table(
        f"training seconds to a validation accuracy, corpus {options.corpus}",
        [row(model, split, done) for (split, model), done in runs.items()],
        [
            "- : not reached by the recipe in most seeds; one torch thread; medians over seeds, taken in turns",
            *(verdict(split, model, runs[split, model]) for split, model in TARGETS),
        ],
    )
    output.emit("time_to_accuracy", [table], as_json=options.json)


if __name__ == "__main__":
    main()
