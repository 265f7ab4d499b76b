"""Which run a person means: an id, a unique prefix of one, a name, a model (its newest run), ``last``, ``best``."""

from __future__ import annotations

from namestui.runs.models import MODELS
from namestui.runs.notes import read_notes
from namestui.runs.run_ids import model_of_id
from namestui.runs.store import RunDirectory, RunError, RunStore
from namestui.runs.suggest import suggest
from namestui.runs.summary import summarise
from namestui.runs.text import inert

_SHOWN = 4


def find_run(store: RunStore, wanted: str, *, finished: bool = False) -> RunDirectory:
    """The one run that ``wanted`` means; with ``finished``, ``best`` means the best of those that have finished.

    Raises:
        RunError: none, or several; the text says which.
    """
    runs = store.all()
    if not runs:
        raise RunError("there are no runs yet; start some with: namestui")
    if wanted == "last":
        return runs[-1]
    if wanted == "best":
        return _best(runs, finished=finished)
    exact = [run for run in runs if run.id == wanted]
    found = exact or [run for run in runs if wanted and read_notes(run).name == wanted]
    found = found or [run for run in runs if wanted and run.id.startswith(wanted)]
    found = found or [run for run in runs if model_of_id(run.id) == wanted.lower()][-1:]
    if not found:
        known = [*(run.id for run in runs), *(name for run in runs if (name := read_notes(run).name)), *MODELS]
        near = suggest(wanted, [*known, "last", "best"])
        raise RunError(
            f"no run {inert(wanted)!r}: give a run's id or its beginning, a name, a model, last or best{near}"
        )
    if len(found) > 1:
        shown = ", ".join(inert(run.id) for run in found[:_SHOWN]) + (", …" if len(found) > _SHOWN else "")
        raise RunError(f"{inert(wanted)!r} means {len(found)} runs: {shown}")
    return found[0]


def _best(runs: list[RunDirectory], *, finished: bool) -> RunDirectory:
    """The highest validation accuracy on the newest scored run's corpus: those on others say nothing here."""
    scored = [(summary, run) for run in runs if (summary := summarise(run)).best_accuracy is not None]
    if not scored:
        raise RunError("no run has finished an epoch yet, so none is best")
    if finished:
        scored = [(summary, run) for summary, run in scored if summary.state == "finished"]
        if not scored:
            raise RunError("no run has finished yet, so none is best; finish one with: namestui resume RUN")
    corpus = scored[-1][0].corpus
    rivals = [(summary.best_accuracy, run) for summary, run in scored if summary.corpus == corpus]
    return max(enumerate(rivals), key=lambda pair: (pair[1][0] or 0.0, pair[0]))[1][1]  # of equals the newest
