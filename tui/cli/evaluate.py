"""``namestui evaluate``: how good a run is, class by class."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import msgspec
import typer

from namestui.runs.events import LIVE_STATES
from namestui.runs.scores import Scores, recorded_scores
from namestui.runs.store import RunDirectory, RunError, RunStore
from namestui.runs.text import inert
from namestui.tui.cli.named_runs import open_store, run_named
from namestui.tui.cli.options import Json, Run
from namestui.tui.plain.output import say, say_json
from namestui.tui.words.score_tables import class_table, score_line

if TYPE_CHECKING:
    from namestui.data.corpus import Corpus


class EvaluationReport(Scores, frozen=True, kw_only=True):
    """What ``--json`` prints; ``by_class`` in the order of ``classes``, ``left_out`` rows of ``corpus`` not scored."""

    run: str
    corpus: str
    left_out: int
    classes: list[str]


def evaluate(
    run: Run,
    corpus: Annotated[
        str | None,
        typer.Option(
            help="score this corpus instead, without names seen in training or validation", show_default=False
        ),
    ] = None,
    json: Json = False,
) -> None:
    """Print how good a run is. Accuracy with its interval, macro-F1; precision, recall and support by class.

    Without --corpus, best is the best of the runs that have finished: only those have a score of their test part.
    """
    # Only a finished run has a score of its test part; on other names any weights can be scored.
    show_evaluation(open_store(), run_named(run, finished=corpus is None), corpus, json=json)


def show_evaluation(store: RunStore, run: RunDirectory, corpus: str | None, *, json: bool) -> None:
    """Print what the test part said at the end of ``run``, or how its best weights do on ``corpus``.

    Raises:
        RunError: there is no such score, or ``corpus`` cannot be scored.
    """
    found, where = (_on_corpus(store, run, corpus)) if corpus is not None else _recorded(run)
    if json:
        say_json(found)
    else:
        table = class_table(found.classes, found.by_class)
        say("\n".join([f"{inert(run.id)} on {where}", score_line(found), *table]))


def _recorded(run: RunDirectory) -> tuple[EvaluationReport, str]:
    from namestui.runs.history import History
    from namestui.runs.summary import summarise

    history = History.read(run)
    started, scored = history.started, history.test
    if started is None or scored is None:
        summary = summarise(run)
        advice = "" if summary.state in LIVE_STATES else f"finish it with: namestui resume {run.id}; "
        raise RunError(
            f"run {run.id} is not finished ({summary.state}, epoch {summary.epoch} of {summary.epochs}): its test part "
            f"is scored at the end; {advice}score other names with: namestui evaluate {run.id} --corpus CORPUS"
        )
    if len(scored.by_class) not in (0, len(started.classes)):
        counts = f"{len(started.classes)} classes, and scores for {len(scored.by_class)}"
        raise RunError(f"run {inert(run.id)}: its record is damaged: it has {counts}")
    found = EvaluationReport(
        **msgspec.structs.asdict(recorded_scores(scored)),
        run=run.id,
        corpus=history.settings.corpus,
        left_out=0,
        classes=started.classes,
    )
    leak = " (also its validation part: names leak)" if history.settings.split == "random" else ""
    return found, f"its test part{leak}, scored at the end with the weights of epoch {scored.best_epoch}"


def _distinct(corpus: Corpus, seen: set[str]) -> list[int]:
    """The rows whose name is not in ``seen``, each (name, label) once, upper and lower case as one."""
    found: dict[tuple[str, int], int] = {}
    for row, (name, target) in enumerate(zip(corpus.names, corpus.targets.tolist(), strict=True)):
        if name.lower() not in seen:
            found.setdefault((name.lower(), target), row)
    return list(found.values())


def _on_corpus(store: RunStore, run: RunDirectory, corpus: str) -> tuple[EvaluationReport, str]:
    from namestui.data import catalogue
    from namestui.data.corpus import CorpusError
    from namestui.engine.evidence.scoring import score_names
    from namestui.engine.nets.weights import WeightsError, load_best
    from namestui.engine.planning.lineage import names_seen
    from namestui.runs.config import ConfigError, reading_of_names, resolve_corpus

    try:
        path, reading = resolve_corpus(corpus), reading_of_names(run.config())
        model, classes = load_best(run)
        loaded = catalogue.load_by_name(path, reading, cache=store.corpus_cache)
        seen = names_seen(store, run)
    except (ConfigError, CorpusError, WeightsError) as error:
        raise RunError(str(error)) from None
    strange = [label for label in loaded.labels if label not in classes]
    if strange:
        more = f" and {len(strange) - 5} more" if len(strange) > 5 else ""
        raise RunError(f"{corpus} has labels that run {run.id} does not know: {', '.join(strange[:5])}{more}")
    rows = _distinct(loaded, seen)
    if not rows:
        raise RunError(
            f"run {run.id} has seen every name of {corpus} in training or validation: no name is left to score"
        )
    left_out = len(loaded.names) - len(rows)
    scores = score_names(model, classes, loaded, rows)
    found = EvaluationReport(
        **msgspec.structs.asdict(scores), run=run.id, corpus=path, left_out=left_out, classes=classes
    )
    return found, f"{inert(corpus)}, without {left_out:,} rows: duplicates, and names seen in training or validation"
