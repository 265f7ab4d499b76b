"""``namestui predict``: one answer a name, without a screen."""

from __future__ import annotations

import sys
from collections.abc import Sequence

import msgspec

from namestui.runs.config import reading_of_names
from namestui.runs.events import LetterScore, Prediction
from namestui.runs.store import RunDirectory, RunError
from namestui.runs.text import inert
from namestui.tui.state.reading import reading_note
from namestui.tui.words.format import percent


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """One line of ``predict --json``."""

    name: str
    read: str
    dropped: str
    predictions: list[Prediction]


class LetterAnswer(Answer, frozen=True, kw_only=True):
    """One line of ``predict --letters --json``: see ``Predicted``."""

    letters: list[LetterScore]
    bias: float | None


def predict_names(run: RunDirectory, names: Sequence[str], *, top: int, json: bool, letters: bool = False) -> int:
    """Print what the best weights of ``run`` take each name for; the exit status: 2 where a name cannot be read.

    With ``letters`` also what each letter adds to the first answer, where the network is such a sum.

    Raises:
        RunError: the run has no weights to ask.
    """
    from namestui.engine.evidence.predictor import UnreadableNameError, predict
    from namestui.engine.training.checkpoint import CheckpointError, load_best

    # What cannot be UTF-8 came as bytes that a terminal did not understand: shown and read as unknown letters.
    names = [name.encode("utf-8", "surrogateescape").decode("utf-8", "replace") for name in names]
    try:
        model, classes = load_best(run)
        as_trained = reading_of_names(run.config())
    except CheckpointError as error:
        raise RunError(f"{run.id}: {error}") from None
    if not json:
        print(f"namestui: answered by {inert(run.id)}", file=sys.stderr)
    if letters and not json:
        told = "what each letter adds to the first answer's score, over the mean of all, in nats"
        if run.config().model != "rnn":
            told = "only the report's RNN adds up letter by letter"
        print(f"namestui: {told}", file=sys.stderr)
    status = 0
    width = max(len(inert(name)) for name in names)
    for name in names:
        try:
            found = predict(model, classes, name, as_trained)
        except UnreadableNameError as error:
            print(f"namestui: {inert(name)!r}: {error}", file=sys.stderr)
            status = 2
            continue
        answer = Answer(name=name, read=found.read, dropped=found.dropped, predictions=found.predictions[:top])
        if json:
            if letters:
                fields = msgspec.structs.asdict(answer)
                answer = LetterAnswer(**fields, letters=found.letters, bias=found.bias)
            sys.stdout.write(msgspec.json.encode(answer).decode() + "\n")
            continue
        cells = [f"{inert(one.label)} {percent(one.probability)}" for one in answer.predictions]
        print(f"{inert(name):<{width}}  " + "  ".join(cells))
        if letters and found.bias is not None:
            for line in letter_table(found.letters, found.bias):
                print(line)
        if note := reading_note(name, found.read, found.dropped):
            print(f"namestui: {inert(name)} {note}", file=sys.stderr)
    return status


def letter_table(letters: Sequence[LetterScore], bias: float) -> list[str]:
    """What each letter adds, in nats, over as many lines as 80 columns need; then the bias, and the sum of all."""
    scores = [(f"'{one.letter}'" if one.letter == " " else inert(one.letter), one.score) for one in letters]
    scores += [("bias", bias), ("sum", sum(score for _, score in scores) + bias)]
    cells = [(letter, f"{score:+.2f}") for letter, score in scores]
    width = 1 + max(6, *(len(score) for _, score in cells))
    room = (80 - 2) // width
    lines = []
    for part in (cells[first : first + room] for first in range(0, len(cells), room)):
        lines += ["  " + "".join(f"{text:>{width}}" for text in row) for row in zip(*part, strict=True)]
    return lines
