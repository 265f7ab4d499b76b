"""``namestui evaluate``: how good a run is, class by class."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

import msgspec

from namestui.runs.events import ClassScore
from namestui.runs.history import History
from namestui.runs.store import RunDirectory, RunError, RunStore
from namestui.runs.text import inert
from namestui.tui.words.format import percent

if TYPE_CHECKING:
    from namestui.data.corpus import Corpus


class Evaluation(msgspec.Struct, frozen=True, kw_only=True):
    """What ``--json`` prints; ``by_class`` in the order of ``classes``."""

    run: str
    corpus: str
    left_out: int
    rows: int
    accuracy: float
    low: float
    high: float
    macro_f1: float
    classes: list[str]
    by_class: list[ClassScore]


def evaluate(store: RunStore, run: RunDirectory, corpus: str | None, *, json: bool) -> None:
    """Print what the test part said at the end of ``run``, or how its best weights do on ``corpus``.

    Raises:
        RunError: there is no such score, or ``corpus`` cannot be scored.
    """
    found, where = (_on_corpus(store, run, corpus)) if corpus is not None else _recorded(run)
    if json:
        sys.stdout.write(msgspec.json.encode(found).decode() + "\n")
        return
    print(f"{inert(run.id)} on {where}")
    print(
        f"accuracy {percent(found.accuracy).strip()} (95 % interval {100 * found.low:.1f} to {100 * found.high:.1f}), "
        f"macro-F1 {found.macro_f1:.3f}, {found.rows:,} names"
    )
    print("\n".join(class_table(found.classes, found.by_class)))


def class_table(classes: Sequence[str], scores: Sequence[ClassScore]) -> list[str]:
    """Precision, recall and support, a line a class; empty for a record that has none."""
    if not scores:
        return ["the record is of an older namestui: no scores by class"]
    names = [inert(name) for name in classes]
    width = max(map(len, ["class", *names]))
    lines = [f"{'class':<{width}}  precision  recall  support"]
    for name, one in zip(names, scores, strict=True):
        precision, recall = ("-" if share is None else percent(share) for share in (one.precision, one.recall))
        lines.append(f"{name:<{width}}  {precision:>9}  {recall:>6}  {one.support:>7,}")
    return lines


def _recorded(run: RunDirectory) -> tuple[Evaluation, str]:
    history = History.read(run)
    started, scored = history.started, history.test
    if started is None or scored is None:
        raise RunError(f"run {run.id} is not finished: its test part is scored once, at the end")
    found = Evaluation(
        run=run.id,
        corpus=history.settings.corpus,
        left_out=0,
        rows=scored.rows,
        accuracy=scored.accuracy,
        low=scored.low,
        high=scored.high,
        macro_f1=scored.macro_f1,
        classes=started.classes,
        by_class=scored.by_class,
    )
    leak = " (which is its validation part too, and leaks)" if history.settings.split == "random" else ""
    return found, f"its test part{leak}, scored at the end with the weights of epoch {scored.best_epoch}"


def _distinct(corpus: Corpus, seen: set[str]) -> list[int]:
    """The rows whose name is not in ``seen``, each (name, label) once, upper and lower case as one."""
    found: dict[tuple[str, int], int] = {}
    for row, (name, target) in enumerate(zip(corpus.names, corpus.targets.tolist(), strict=True)):
        if name.lower() not in seen:
            found.setdefault((name.lower(), target), row)
    return list(found.values())


def _on_corpus(store: RunStore, run: RunDirectory, corpus: str) -> tuple[Evaluation, str]:
    from namestui.data import catalogue
    from namestui.data.corpus import CorpusError
    from namestui.engine.evidence.evaluate import score
    from namestui.engine.planning.lineage import names_seen
    from namestui.engine.training.checkpoint import CheckpointError, load_best
    from namestui.runs.config import ConfigError, reading_of_names, resolve_corpus

    try:
        path, reading = resolve_corpus(corpus), reading_of_names(run.config())
        model, classes = load_best(run)
        loaded = catalogue.load(path, reading, cache=store.corpus_cache)
        seen = names_seen(store, run)
    except (ConfigError, CorpusError, CheckpointError) as error:
        raise RunError(str(error)) from None
    strange = [label for label in loaded.labels if label not in classes]
    if strange:
        more = f" and {len(strange) - 5} more" if len(strange) > 5 else ""
        raise RunError(f"{corpus} has labels that run {run.id} does not know: {', '.join(strange[:5])}{more}")
    rows = _distinct(loaded, seen)
    if not rows:
        raise RunError(f"run {run.id} was trained or chosen on every name of {corpus}: nothing is left to score")
    left_out = len(loaded.names) - len(rows)
    result = score(model, classes, loaded, rows)
    found = Evaluation(
        run=run.id,
        corpus=path,
        left_out=left_out,
        rows=result.rows,
        accuracy=result.accuracy,
        low=result.low,
        high=result.high,
        macro_f1=result.macro_f1,
        classes=classes,
        by_class=result.by_class,
    )
    return found, f"{inert(corpus)}, without {left_out:,} rows: repeated ones, and names it was trained or chosen on"
