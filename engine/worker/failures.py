"""Why a run failed, in one line for the user; None for what nobody has thought of."""

from __future__ import annotations

import torch

from namestui.data.corpus import CorpusError
from namestui.engine.nets.weights import WeightsError
from namestui.engine.worker.crew import Crew
from namestui.runs.config import ConfigError
from namestui.runs.store import RunDirectory, RunError
from namestui.runs.text import inert

EXPECTED = (CorpusError, ConfigError, WeightsError, RunError)
"""Errors that the user can correct."""


def failure_reason(error: Exception, run: RunDirectory, crew: Crew) -> str | None:
    """The line that says why; of a rank that died, what it said itself."""
    match error:
        case CorpusError() | ConfigError() | WeightsError() | RunError():
            return str(error)
        case torch.OutOfMemoryError():
            first = str(error).partition("\n")[0][:200]
            what_to_do = f"free some and resume, or: namestui resume {run.id} --device cpu"
            return f"out of memory on the device; {what_to_do} ({first})"
        case OSError():
            # Not for want of room: nothing more can be promised.
            file = inert(str(error.filename or run.path))
            return f"cannot write the run: {error.strerror or inert(str(error))}: {file}"
        case RuntimeError():
            return crew.failure_reason()
    return None
