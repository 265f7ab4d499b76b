"""What there is to train: one entry a model. Its network is the class of ``engine/nets`` that bears the same name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from namestui.runs.text import Inert, inert


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """``recipe`` is what its default settings have other than ``RunConfig`` (tuned on the validation part of the
    classic data set, split seeds 0 and 1, split grouped); ``without_use`` names the settings that change nothing of it.

    ``recurrent``: it reads letter by letter. ``gated`` and ``plain``: its scores come from such a reading alone, with
    gates or without; the two kinds that the usual explanation (vanishing gradients) sets apart.
    ``additive``: its scores are sums over letters, so that each letter's part is known.
    ``transferable``: it has weights that do not belong to its classes, so that another run can start from them.
    ``reference``: others are compared with it. ``report_rate`` is the learning rate of the report (None: it trained no
    such network).
    """

    name: str
    title: str
    recipe: dict[str, Any]
    recurrent: bool = False
    gated: bool = False
    plain: bool = False
    additive: bool = False
    transferable: bool = True
    reference: bool = False
    report_rate: float | None = None
    without_use: frozenset[str] = frozenset()


_PLAIN = {"epochs": 20, "batch_size": 256, "learning_rate": 0.01, "weight_decay": 0.01}
_REGULARISED = {
    **{"epochs": 20, "batch_size": 128, "learning_rate": 0.01, "weight_decay": 0.01},
    **{"dropout": 0.4, "letter_dropout": 0.1, "ema": 0.99},
}

MODELS: dict[str, Model] = {
    model.name: model
    for model in (
        Model(
            name="rnn",
            title="RNN",
            recipe={**_PLAIN, "weight_decay": 0.1},
            recurrent=True,
            plain=True,
            additive=True,
            report_rate=0.005,
            without_use=frozenset({"dropout", "forget_bias", "precision"}),
        ),
        Model(
            name="lstm",
            title="LSTM",
            recipe=_REGULARISED,
            recurrent=True,
            gated=True,
            report_rate=0.05,
        ),
        Model(
            name="gru",
            title="GRU",
            recipe=_REGULARISED,
            recurrent=True,
            gated=True,
            without_use=frozenset({"forget_bias"}),
        ),
        Model(
            name="tanh-rnn",
            title="tanh-RNN",
            recipe=_REGULARISED,
            recurrent=True,
            plain=True,
            without_use=frozenset({"forget_bias"}),
        ),
        Model(
            name="bilstm",
            title="BiLSTM",
            recipe=_REGULARISED,
            recurrent=True,
            gated=True,
        ),
        Model(
            name="wide-lstm",
            title="wide LSTM",
            recipe={**_REGULARISED, "epochs": 30, "letter_dropout": 0.15},
            recurrent=True,
        ),
        Model(
            name="ngram",
            title="n-gram",
            recipe={**_PLAIN, "learning_rate": 0.1},
            transferable=False,
            reference=True,
            without_use=frozenset({"forget_bias", "hidden_size", "precision"}),
        ),
    )
}
"""By name, in the order in which they are offered."""


def title_of(name: str) -> Inert:
    """How a model is called on the screen; a record may also name one that is not known here."""
    model = MODELS.get(name)
    return inert(name.upper()) if model is None else Inert(model.title)


def reported() -> list[str]:
    """The models that the report trained."""
    return [name for name, model in MODELS.items() if model.report_rate is not None]
