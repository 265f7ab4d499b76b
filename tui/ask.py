"""``namestui predict``: one answer a name, without a screen."""

from __future__ import annotations

import sys
from collections.abc import Sequence

import msgspec

from namestui.runs.events import Prediction
from namestui.runs.store import RunDirectory, RunError
from namestui.runs.text import inert
from namestui.tui.format import percent


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """One line of ``predict --json``."""

    name: str
    read: str
    dropped: str
    predictions: list[Prediction]


def predict_names(run: RunDirectory, names: Sequence[str], *, top: int, json: bool) -> int:
    """Print what the best weights of ``run`` take each name for; the exit status: 2 where a name cannot be read.

    Raises:
        RunError: the run has no weights to ask.
    """
    from namestui.engine.checkpoint import CheckpointError, load_best
    from namestui.engine.predictor import UnreadableNameError, predict

    # What cannot be UTF-8 came as bytes that a terminal did not understand: shown and read as unknown letters.
    names = [name.encode("utf-8", "surrogateescape").decode("utf-8", "replace") for name in names]
    try:
        model, classes = load_best(run)
    except CheckpointError as error:
        raise RunError(f"{run.id}: {error}") from None
    if not json:
        print(f"namestui: answered by {inert(run.id)}", file=sys.stderr)
    status = 0
    width = max(len(inert(name)) for name in names)
    for name in names:
        try:
            reading = predict(model, classes, name)
        except UnreadableNameError as error:
            print(f"namestui: {inert(name)!r}: {error}", file=sys.stderr)
            status = 2
            continue
        answer = Answer(name=name, read=reading.read, dropped=reading.dropped, predictions=reading.predictions[:top])
        if json:
            sys.stdout.write(msgspec.json.encode(answer).decode() + "\n")
            continue
        cells = [f"{inert(one.label)} {percent(one.probability)}" for one in answer.predictions]
        print(f"{inert(name):<{width}}  " + "  ".join(cells))
        if reading.dropped:
            print(
                f"namestui: {inert(name)} read as {inert(reading.read)}; not in the alphabet: {inert(reading.dropped)}",
                file=sys.stderr,
            )
    return status
