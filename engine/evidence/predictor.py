"""Classifying one name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch

from namestui.data.alphabet import MAX_LETTERS, Reading, fold
from namestui.data.encoding import encode_names
from namestui.engine.evidence.letters import letter_contributions
from namestui.engine.nets.network import Network
from namestui.runs.events import LetterScore, Prediction

MAX_PREDICTIONS = 20
"""Predictions in an answer, at most."""


class UnreadableNameError(ValueError):
    """A name that cannot be classified; its text is one line for the user."""


@dataclass(frozen=True, slots=True)
class Classification:
    """``read`` is the name as the network saw it, ``dropped`` what it could not see; likeliest class first.

    ``letters`` and ``bias`` are why the first is the likeliest (see ``letters.py``), where the network can be taken
    apart so.
    """

    read: str
    dropped: str
    predictions: list[Prediction]
    letters: list[LetterScore]
    bias: float | None


@torch.no_grad()
def classify(model: Network, classes: Sequence[str], name: str, reading: Reading) -> Classification:
    """What ``model`` takes ``name`` for; ``reading`` is how its corpus was read.

    Raises:
        UnreadableNameError: nothing of the name is in the alphabet, or it is too long.
    """
    read, dropped, _ = fold(name, reading)
    if not read:
        raise UnreadableNameError("no letter of the alphabet in it")
    if len(read) > MAX_LETTERS:
        raise UnreadableNameError(f"{len(read)} letters; the limit is {MAX_LETTERS}")
    device = next(model.parameters()).device
    letters = torch.from_numpy(encode_names([read]).astype("int64")).to(device)
    model.eval()
    probabilities = model(letters)[0].exp()
    top = probabilities.topk(min(MAX_PREDICTIONS, len(classes)))
    predictions = [
        Prediction(label=classes[index], probability=value)
        for value, index in zip(top.values.tolist(), top.indices.tolist(), strict=True)
    ]
    scores, bias = letter_contributions(model, letters, read, int(top.indices[0]))
    return Classification(read, dropped, predictions, scores, bias)
