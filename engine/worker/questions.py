"""Answering what clients ask of a model: the language of a name, the names in a cell of the matrix."""

from __future__ import annotations

import time
from collections.abc import Sequence

import numpy as np

from namestui.data.alphabet import Reading
from namestui.engine.evidence import predictor
from namestui.engine.nets.network import Network
from namestui.engine.training.trainer import Trainer
from namestui.runs import commands
from namestui.runs.events import Event, Example, Examples, Predicted, Refused

MAX_EXAMPLES = 200
"""Names in an answer, at most; the answer says how many there are."""


def answer_predict(
    run_id: str, command: commands.Predict, model: Network, classes: Sequence[str], reading: Reading
) -> Event:
    """``predicted``, or ``refused`` where nothing of the name can be read."""
    try:
        answer = predictor.classify(model, classes, command.name, reading)
    except predictor.UnreadableNameError as error:
        return refusal(run_id, command, str(error))
    return Predicted(
        time=time.time(),
        run=run_id,
        request=command.request,
        name=command.name,
        read=answer.read,
        dropped=answer.dropped,
        predictions=answer.predictions,
        letters=answer.letters,
        bias=answer.bias,
    )


def answer_examples(run_id: str, command: commands.ListExamples, trainer: Trainer) -> Event:
    """``examples`` as the last epoch was validated, surest first; ``refused`` where there is no such cell."""
    classes = len(trainer.corpus.labels)
    if not (0 <= command.true < classes and 0 <= command.predicted < classes):
        return refusal(run_id, command, f"classes are numbered 0 to {classes - 1}")
    validation = trainer.validated()
    rows, confidence = trainer.validation_set.rows, validation.confidence.cpu().numpy()
    in_cell = validation.predicted.cpu().numpy() == command.predicted
    found = np.flatnonzero(in_cell & (trainer.corpus.targets[rows] == command.true))
    surest = found[np.argsort(-confidence[found], kind="stable")][:MAX_EXAMPLES]
    return Examples(
        time=time.time(),
        run=run_id,
        request=command.request,
        true=command.true,
        predicted=command.predicted,
        examples=[Example(name=trainer.corpus.names[rows[i]], probability=float(confidence[i])) for i in surest],
        total=len(found),
    )


def refusal(run_id: str, command: commands.Command, reason: str) -> Refused:
    """The answer to a command that cannot be carried out."""
    return Refused(time=time.time(), run=run_id, request=command.request, reason=reason)
