"""The networks beside the report's two: what they print, and that they read letters as they should."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from namestui.engine.nets.building import build_network
from namestui.engine.nets.ngram import BUCKETS, NGram, WideLSTM, hashed_grams
from namestui.runs.models import MODELS

SYMBOLS, HIDDEN, CLASSES = 57, 128, 18
LAYERS = {
    "gru": "(gru): GRU(57, 128)",
    "tanh-rnn": "(rnn): RNN(57, 128)",
    "bilstm": "(lstm): LSTM(57, 128, bidirectional=True)",
    "wide-lstm": "(i2o_grams): EmbeddingBag(65536, 18, mode='sum')",
    "ngram": "(i2o): EmbeddingBag(65536, 18, mode='sum')",
}


def built(model: str, **changes: Any) -> Any:
    torch.manual_seed(0)
    network = build_network(model, SYMBOLS, HIDDEN, CLASSES).double()
    for name, value in changes.items():
        setattr(network, name, value)
    return network


@pytest.mark.parametrize("model", sorted(LAYERS))
def test_what_it_prints(model: str) -> None:
    assert LAYERS[model] in str(built(model))


@pytest.mark.parametrize("length", [1, 2, 9])
def test_the_bilstm_is_torchs(length: int) -> None:
    model = built("bilstm")
    letters = torch.randint(SYMBOLS, (4, length))
    _, (hidden, _) = model.lstm(F.one_hot(letters.t(), SYMBOLS).double())
    expected = F.log_softmax(model.i2o(torch.cat([hidden[0], hidden[1]], dim=1)), dim=1)
    torch.testing.assert_close(model(letters), expected, rtol=0, atol=1e-10)


@pytest.mark.parametrize("length", [1, 2, 9])
def test_the_wide_lstm_adds_up_an_lstm_and_the_scores_of_n_grams(length: int) -> None:
    model = built("wide-lstm")
    nn.init.normal_(model.i2o_grams.weight)
    letters = torch.randint(SYMBOLS, (4, length))
    _, (hidden, _) = model.lstm(F.one_hot(letters.t(), SYMBOLS).double())
    grams = hashed_grams(letters, SYMBOLS, BUCKETS)
    wide = model.i2o_grams.weight[grams].sum(1) / grams.shape[1] ** 0.5
    expected = F.log_softmax(model.i2o(hidden[0]) + WideLSTM.SCALE * wide, dim=1)
    torch.testing.assert_close(model(letters), expected, rtol=0, atol=1e-10)


@pytest.mark.parametrize("model", MODELS)
def test_probabilities_add_up_and_a_blank_letter_is_read(model: str) -> None:
    network = built(model).eval()
    letters = torch.randint(SYMBOLS, (3, 5))
    letters[0, 2] = SYMBOLS
    torch.testing.assert_close(network(letters).exp().sum(1), torch.ones(3).double())


@pytest.mark.parametrize("model", ["lstm", "gru", "tanh-rnn", "bilstm", "wide-lstm", "ngram"])
def test_dropout_acts_in_training_alone(model: str) -> None:
    network = built(model, dropout=0.5)
    if isinstance(network, NGram):
        nn.init.normal_(network.i2o.weight)
    letters = torch.randint(SYMBOLS, (3, 5))
    network.train()
    assert not torch.equal(network(letters), network(letters))
    network.eval()
    assert torch.equal(network(letters), network(letters))


def test_n_grams_of_equal_letters_are_equal_and_order_matters() -> None:
    grams = hashed_grams(torch.tensor([[1, 2, 3], [1, 2, 4], [3, 2, 1]]), SYMBOLS, BUCKETS)
    assert grams.shape == (3, 5 + 4 + 3 + 2)  # 1- to 4-grams of three letters between two edges
    assert set(grams[0].tolist()) & set(grams[1].tolist())
    assert grams[0].tolist() != grams[2].tolist()
    assert ((grams >= 0) & (grams < BUCKETS)).all()
