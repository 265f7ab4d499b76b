"""``namestui predict``: one answer a name, without a screen."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Annotated

import msgspec
import typer

from namestui.engine.planning.wanted import UsageError
from namestui.runs.config import reading_of_names
from namestui.runs.events import LetterScore, Prediction
from namestui.runs.models import MODELS
from namestui.runs.store import RunDirectory, RunError
from namestui.runs.text import inert
from namestui.tui.cli.completion import complete_run
from namestui.tui.cli.named_runs import run_named
from namestui.tui.cli.options import RUN_HELP, Json
from namestui.tui.plain.output import say, say_json, warn
from namestui.tui.state.reading import reading_note
from namestui.tui.words.format import percent
from namestui.tui.words.table import pad, widest


class PredictionLine(msgspec.Struct, frozen=True, kw_only=True):
    """One line of ``predict --json``."""

    name: str
    read: str
    dropped: str
    predictions: list[Prediction]


class LetterPredictionLine(PredictionLine, frozen=True, kw_only=True):
    """One line of ``predict --letters --json``: see ``Predicted``."""

    letters: list[LetterScore]
    bias: float | None


def predict(
    name: Annotated[list[str] | None, typer.Argument(metavar="NAME...", help="or pipe them in, one per line")] = None,
    run: Annotated[str, typer.Option(help=RUN_HELP, autocompletion=complete_run)] = "best",
    top: Annotated[int, typer.Option(help="languages to show", min=1, max=20)] = 5,
    letters: Annotated[bool, typer.Option("--letters", help="Show what each letter adds (the report's RNN).")] = False,
    json: Json = False,
) -> None:
    """Print the likeliest languages of names. The best weights of a run answer."""
    names = name or ([] if sys.stdin.isatty() else [line for line in map(str.strip, sys.stdin) if line])
    if not names:
        raise UsageError("no NAME: give some, or pipe them in, one per line")
    raise typer.Exit(predict_names(run_named(run), names, top=top, json=json, letters=letters))


def predict_names(run: RunDirectory, names: Sequence[str], *, top: int, json: bool, letters: bool = False) -> int:
    """Print what the best weights of ``run`` take each name for; the exit status: 2 where a name cannot be read.

    With ``letters`` also what each letter adds to the first answer, where the network is such a sum.

    Raises:
        RunError: the run has no weights to ask.
    """
    from namestui.engine.evidence.predictor import UnreadableNameError, classify
    from namestui.engine.nets.weights import WeightsError, load_best

    # What cannot be UTF-8 came as bytes that a terminal did not understand: shown and read as unknown letters.
    names = [name.encode("utf-8", "surrogateescape").decode("utf-8", "replace") for name in names]
    try:
        model, classes = load_best(run)
        as_trained = reading_of_names(run.config())
    except WeightsError as error:
        raise RunError(f"{run.id}: {error}") from None
    if not json:
        warn(f"answered by {run.id}")
        if letters and MODELS[run.config().model].additive:
            warn("what each letter adds to the first answer's score, over the mean of all, in nats")
        elif letters:
            warn("--letters shows nothing here: only the report's RNN is a sum over letters")
    status = 0
    width = widest(map(inert, names))
    for name in names:
        try:
            found = classify(model, classes, name, as_trained)
        except UnreadableNameError as error:
            warn(f"{inert(name)!r}: {error}")
            status = 2
            continue
        answer = PredictionLine(name=name, read=found.read, dropped=found.dropped, predictions=found.predictions[:top])
        if json:
            if letters:
                fields = msgspec.structs.asdict(answer)
                answer = LetterPredictionLine(**fields, letters=found.letters, bias=found.bias)
            say_json(answer)
            continue
        cells = [f"{inert(one.label)} {percent(one.probability)}" for one in answer.predictions]
        say(f"{pad(inert(name), width)}  " + "  ".join(cells))
        if letters and found.bias is not None:
            say("\n".join(contribution_lines(found.letters, found.bias)))
        if note := reading_note(name, found.read, found.dropped):
            warn(f"{inert(name)} {note}")
    return status


def contribution_lines(letters: Sequence[LetterScore], bias: float) -> list[str]:
    """What each letter adds, in nats, over as many lines as 80 columns need; then the bias, and the sum of all."""
    scores = [(f"'{one.letter}'" if one.letter == " " else inert(one.letter), one.score) for one in letters]
    scores += [("bias", bias), ("sum", sum(score for _, score in scores) + bias)]
    cells = [(letter, f"{score:+.2f}") for letter, score in scores]
    width = 1 + max(6, *(len(score) for _, score in cells))
    room = (80 - 2) // width
    lines = []
    for part in (cells[first : first + room] for first in range(0, len(cells), room)):
        lines += ["  " + "".join(pad(text, width, right=True) for text in row) for row in zip(*part, strict=True)]
    return lines
