"""Weights that one run hands on to another: the copy that the other starts from, once they are there."""

from __future__ import annotations

from namestui.runs.events import LIVE_STATES
from namestui.runs.files import replace_bytes
from namestui.runs.store import RunDirectory, RunError
from namestui.runs.summary import run_state
from namestui.runs.text import inert


def has_finished(source: RunDirectory) -> bool:
    """Whether ``source`` has finished; False while it trains, or has not begun.

    Raises:
        RunError: it is gone, or has ended otherwise.
    """
    if not source.path.is_dir():
        raise RunError(f"run {inert(source.id)}, from whose weights this one starts, is gone")
    if not source.events_file.exists():
        return False
    state = run_state(source)
    if state not in LIVE_STATES and state != "finished":
        raise RunError(f"run {source.id}, from whose weights this one starts, is {state}: resume it, and then this one")
    return state == "finished"


def copy_weights(source: RunDirectory, run: RunDirectory) -> None:
    """Make the best weights of ``source`` those that ``run`` starts from.

    Raises:
        OSError: they cannot be copied.
    """
    replace_bytes(run.initial_weights, source.best_weights.read_bytes())
