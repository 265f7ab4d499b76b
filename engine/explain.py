"""Why does one network do better than another? Evidence from both, and a verdict computed from it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from namestui.data import catalogue
from namestui.data.corpus import CorpusError
from namestui.data.splits import split_corpus
from namestui.engine import checkpoint
from namestui.engine.probes import LENGTHS, Probe, gradients_by_distance, probe
from namestui.engine.trainer import initial_model
from namestui.runs.config import TITLES
from namestui.runs.store import RunDirectory, RunError

VANISHED = 0.1
"""Below this share of the last letter's gradient, the first letter's counts as vanished."""
NEAR = 3
"""Letters from the end that count as near."""


@dataclass(frozen=True, slots=True)
class Side:
    """One run: its name, what its best weights show, and the gradients that its weights had before training."""

    title: str
    model: str
    probe: Probe
    untrained: list[float | None] | None


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two runs on the same validation names; ``lengths`` (N,) in letters; ``advantage`` of the better side over the
    other with its 95 % interval, from the names on which they differ (paired)."""

    better: Side
    other: Side
    lengths: np.ndarray[tuple[int], np.dtype[np.int64]]
    advantage: float
    low: float
    high: float


def compare(first: RunDirectory, second: RunDirectory) -> Comparison:
    """Look at the best weights of two runs on the validation part that both were validated on.

    Raises:
        RunError: they were not trained on the same corpus and split, or one has no weights yet.
    """
    one, two = first.config(), second.config()
    if (one.corpus, one.split, one.split_seed) != (two.corpus, two.split, two.split_seed):
        raise RunError(f"{first.id} and {second.id} differ in corpus, split or seed: nothing can be compared")
    try:
        corpus = catalogue.load(one.corpus, cache=first.corpus_cache)
        rows = split_corpus(corpus, one.split, one.split_seed).validation
        sides = []
        for run, config in ((first, one), (second, two)):
            model, classes = checkpoint.load_best(run)
            if tuple(classes) != corpus.labels:
                raise RunError(f"{run.id}: the corpus has other labels now than when it was trained")
            fresh = initial_model(config, len(corpus.labels))
            found = probe(model, corpus, rows)
            sides.append(Side(TITLES[config.model], config.model, found, gradients_by_distance(fresh, corpus, rows)))
    except (CorpusError, checkpoint.CheckpointError) as error:
        raise RunError(str(error)) from None
    sides.sort(key=lambda side: -side.probe.accuracy)
    better, other = sides
    difference = better.probe.correct.astype(float) - other.probe.correct.astype(float)
    spread = 1.96 * difference.std(ddof=1) / len(rows) ** 0.5
    return Comparison(
        better=better,
        other=other,
        lengths=corpus.names.lengths[np.asarray(rows)].astype(np.int64),
        advantage=float(difference.mean()),
        low=float(difference.mean() - spread),
        high=float(difference.mean() + spread),
    )


def verdict(found: Comparison) -> list[str]:
    """What the numbers support, a sentence each; nothing is said that they do not show."""
    better, other = found.better, found.other
    lines = []
    if found.low <= 0:
        lines.append(
            f"On {len(found.lengths):,} validation names no difference is shown: the 95 % interval of "
            f"{better.title} minus {other.title}, {_points(found.low)} to {_points(found.high)}, includes 0."
        )
        return lines
    lines.append(
        f"{better.title} is better than {other.title} by {_points(found.advantage)} points "
        f"({_points(found.low)} to {_points(found.high)}, paired, {len(found.lengths):,} validation names)."
    )
    lines.append(_reach(found))
    lines.append(_gradients(better, other))
    lines.append(_lengths(found))
    if other.model == "rnn" and better.model != "ngram":
        lines.append(
            "What is left to explain it is linearity: without a nonlinearity the report's RNN adds up one score a "
            "letter and position, and cannot weigh a letter by the letters beside it."
        )
    return lines


def _reach(found: Comparison) -> str:
    """How many last letters it takes for half of the advantage."""
    gains = {
        letters: accuracy - found.other.probe.by_suffix[letters]
        for letters, accuracy in found.better.probe.by_suffix.items()
    }
    nearest = next((letters for letters, gain in gains.items() if gain >= found.advantage / 2), None)
    near = f"shown only the last {NEAR} the difference is {_points(gains[NEAR])}"
    if nearest is None:
        return f"Letters further back than {max(gains)} matter: {near}, with the last {max(gains)} not yet half of it."
    if nearest <= NEAR:
        return f"Long-range memory does not explain it: half of that takes the last {nearest} letters; {near}."
    return f"Letters further back matter: it takes the last {nearest} letters for half of that; {near}."


def _gradients(better: Side, other: Side) -> str:
    sides = [side for side in (better, other) if side.probe.gradients and side.untrained]
    if not sides:
        return "How far back gradients reach was not measured: no steps, or no name of 12 letters."
    shown = "; ".join(
        f"{side.title} {side.probe.gradients[-1]:.2g} (untrained {side.untrained[-1]:.2g})"
        for side in sides
        if side.probe.gradients and side.untrained
    )
    vanished = [side for side in sides if side.probe.gradients and (side.probe.gradients[-1] or 0) < VANISHED]
    if other in vanished and better not in vanished:
        return f"The usual explanation is supported: {other.title}'s gradient vanishes. 12 letters back: {shown}."
    if not vanished:
        return f"Vanishing gradients are not supported as the reason: once trained, none vanishes. 12 back: {shown}."
    return f"Vanishing gradients are not supported as the reason: they do not tell the two apart. 12 back: {shown}."


def _lengths(found: Comparison) -> str:
    parts = []
    for low, high in LENGTHS:
        chosen = (found.lengths >= low) & (found.lengths <= high)
        if chosen.any():
            gain = float(found.better.probe.correct[chosen].mean() - found.other.probe.correct[chosen].mean())
            parts.append((gain, band(low, high)))
    most = max(parts)
    return f"The advantage is largest for names of {most[1]} letters: {_points(most[0])} points."


def band(low: int, high: int) -> str:
    """``5-6``, ``12+``."""
    return f"{low}+" if high >= LENGTHS[-1][1] else f"{low}-{high}"


def _points(share: float) -> str:
    return f"{100 * share:+.1f}"
