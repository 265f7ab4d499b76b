"""Weights that one run hands on to another: the copy that the other starts from, once they are there."""

from __future__ import annotations

from namestui.data.safe_files import read_bytes
from namestui.runs.config import RunConfig
from namestui.runs.decoding import file_reason
from namestui.runs.events import LIVE_STATES
from namestui.runs.files import replace_bytes
from namestui.runs.store import RunDirectory, RunError
from namestui.runs.summary import current_state
from namestui.runs.text import inert

MAX_BYTES = 1 << 30
"""Of weights that are copied; those of the default network have a few hundred thousand."""


def needs_weights(run: RunDirectory, config: RunConfig) -> bool:
    """Whether ``run`` is yet to get the weights that it starts from; a checkpoint holds what became of them."""
    has_some = (run.initial_weights, run.last_checkpoint, run.previous_checkpoint)
    return bool(config.init_from) and not any(path.exists() for path in has_some)


def has_finished(source: RunDirectory) -> bool:
    """Whether ``source`` has finished; False while it trains, or has not started.

    Raises:
        RunError: it is gone, or has ended otherwise.
    """
    if not source.path.is_dir():
        raise RunError(f"cannot start from run {inert(source.id)}: it is gone")
    if not source.events_file.exists() and not source.is_locked():
        raise RunError(f"cannot start from run {inert(source.id)}, which never started: resume it first, then this run")
    state = current_state(source)
    if state not in LIVE_STATES and state != "finished":
        raise RunError(f"cannot start from run {source.id}, which is {state}: resume it first, then this run")
    return state == "finished"


def copy_weights(source: RunDirectory, run: RunDirectory) -> None:
    """Make the best weights of ``source`` those that ``run`` starts from.

    Raises:
        RunError: there are none, or they cannot be read.
        OSError: they cannot be written.
    """
    try:
        weights = read_bytes(source.best_weights, MAX_BYTES)
    except OSError as error:
        reason = file_reason(error, source.best_weights)
        raise RunError(f"run {inert(source.id)} has no weights to start from: {reason}") from None
    replace_bytes(run.initial_weights, weights)
