"""What gates do, and what letters add: against torch's own layers, and against networks that are shown less."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from namestui.data.corpus import Cleaning, Corpus
from namestui.engine.evidence.gate_use import gate_statistics
from namestui.engine.evidence.letters import ByDistance, letter_contributions
from namestui.engine.evidence.predictor import classify
from namestui.engine.nets.building import build_network
from namestui.engine.nets.network import LetterTable, Network
from namestui.engine.nets.rnn import RNN

NAMES = ("Abban", "Kirikikirik", "Su", "O", "Moumo", "Il")
CORPUS = Corpus(("A", "B", "C"), NAMES, (0, 1, 2, 2, 0, 1), Cleaning())
ROWS = [4, 1, 2, 3, 0]
CLASSES = ["A", "B", "C"]


def built(model: str) -> Network:
    torch.manual_seed(0)
    network = build_network(model, 57, 16, 3).eval()
    with torch.no_grad():  # wide enough apart that gates are seen shut and open
        for weights in network.parameters():
            weights *= 6
    return network


def table_of(network: Network) -> LetterTable:
    table = network.letter_scores(max(map(len, NAMES)))
    assert table is not None
    return table


def letters_of(name: str) -> Tensor:
    alone = Corpus(("A",), (name,), (0,), Cleaning())
    return torch.from_numpy(alone.names.letters.astype(np.int64))


def watched(layer: nn.RNNBase, order: list[str], name: str, *, backwards: bool) -> list[Tensor]:
    """The gates' activations at all letters of a name but the first read, from the hidden states that torch gives."""
    way = "_reverse" if backwards else ""
    w_ih, w_hh, b_ih, b_hh = (
        getattr(layer, f"{kind}_l0{way}") for kind in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
    )
    size = layer.hidden_size
    inputs = F.one_hot(letters_of(name), 57).float()
    outputs = layer(inputs.unsqueeze(1))[0][:, 0]  # (T, H or 2H)
    if backwards:
        inputs, outputs = inputs.flip(0), outputs.flip(0)[:, size:]
    before = outputs[:-1, :size]
    gates = inputs[1:] @ w_ih.t() + b_ih + before @ w_hh.t() + b_hh
    return [gates[:, i * size : (i + 1) * size].sigmoid() for i, gate in enumerate(order) if gate]


@pytest.mark.parametrize(
    ("model", "order", "ways"),
    [
        ("lstm", ["input", "forget", "", "output"], [False]),
        ("bilstm", ["input", "forget", "", "output"], [False, True]),
        ("gru", ["reset", "update", ""], [False]),
    ],
)
def test_gates_are_torchs(model: str, order: list[str], ways: list[bool]) -> None:
    network = built(model)
    layer = next(module for module in network.children() if isinstance(module, nn.RNNBase))
    found = iter(gate_statistics(network, CORPUS, ROWS))
    for backwards in ways:
        with torch.no_grad():
            each = [watched(layer, order, NAMES[row], backwards=backwards) for row in ROWS]
        for gate, parts in zip([gate for gate in order if gate], zip(*each, strict=True), strict=True):
            activations = torch.cat(parts)
            assert len(activations) == sum(len(NAMES[row]) - 1 for row in ROWS)
            use = next(found)
            assert use.gate == (f"{gate}, backwards" if backwards else gate)
            assert use.mean == pytest.approx(float(activations.mean()), abs=1e-5)
            assert use.shut == pytest.approx(float((activations < 0.1).float().mean()), abs=1e-3)
            assert use.open == pytest.approx(float((activations > 0.9).float().mean()), abs=1e-3)
            assert use.shut
            assert use.open
    assert next(found, None) is None


def test_no_gates_where_there_are_none_or_no_second_letter() -> None:
    for model in ("rnn", "tanh-rnn", "ngram"):
        assert gate_statistics(built(model), CORPUS, ROWS) == []
    assert gate_statistics(built("lstm"), CORPUS, [3]) == []


@pytest.mark.parametrize("name", NAMES)
def test_letters_and_bias_add_up_to_the_difference_of_log_probabilities(name: str) -> None:
    network = built("rnn")
    reading = classify(network, CLASSES, name, "strict")
    log_probabilities = network(letters_of(name).unsqueeze(0))[0].detach()
    best = log_probabilities.argmax()
    assert reading.predictions[0].label == CLASSES[int(best)]
    assert "".join(one.letter for one in reading.letters) == name
    assert reading.bias is not None
    added = reading.bias + sum(one.score for one in reading.letters)
    assert added == pytest.approx(float(log_probabilities[best] - log_probabilities.mean()), abs=1e-4)
    assert added > 0


def test_a_letters_score_is_what_the_answer_loses_without_what_it_says() -> None:
    # GIVEN a name whose last letter is then blank: it says nothing, all others stay where they are
    network = built("rnn")
    letters = letters_of("Abban").unsqueeze(0)
    blank = letters.clone()
    blank[0, -1] = 57
    scores, _ = letter_contributions(network, letters, "Abban", 1)
    with_it, without = network(letters)[0], network(blank)[0]
    lost = (with_it[1] - with_it.mean()) - (without[1] - without.mean())
    assert scores[-1].score == pytest.approx(float(lost.detach()), abs=1e-4)


@pytest.mark.parametrize("model", ["lstm", "ngram", "tanh-rnn"])
def test_other_networks_do_not_add_up_by_letters(model: str) -> None:
    reading = classify(built(model), CLASSES, "Abban", "strict")
    assert (reading.letters, reading.bias) == ([], None)


def test_numbers_that_are_not_finite_are_no_scores() -> None:
    network = built("rnn")
    assert isinstance(network, RNN)
    with torch.no_grad():
        network.i2o.bias[0] = math.nan
    assert letter_contributions(network, letters_of("Abban").unsqueeze(0), "Abban", 1) == ([], None)


def test_ends_of_names_are_read_as_if_they_were_all() -> None:
    network = built("rnn")
    found = ByDistance(table_of(network), CORPUS, ROWS, (1, 2, 4, 30), 12)

    def right(row: int, letters: int) -> bool:
        shown = letters_of(NAMES[row][-letters:]).unsqueeze(0)
        return int(network(shown).argmax()) == int(CORPUS.targets[row])

    for letters, hits in found.hits.items():
        assert hits.tolist() == [right(row, letters) for row in ROWS]
    assert found.correct.tolist() == [right(row, 30) for row in ROWS]
    assert len({tuple(hits) for hits in found.hits.values()}) > 1


def test_contributions_are_those_of_the_letters_one_by_one() -> None:
    network = built("rnn")
    found = ByDistance(table_of(network), CORPUS, ROWS, (), 12).contributions
    by_distance: dict[int, list[float]] = {}
    for row in ROWS:
        target = int(CORPUS.targets[row])
        scores, _ = letter_contributions(network, letters_of(NAMES[row]).unsqueeze(0), NAMES[row], target)
        for distance, one in enumerate(reversed(scores)):
            # From the mean of the others instead of the mean of all: 3/2 as far.
            by_distance.setdefault(distance, []).append(abs(one.score) * 3 / 2)
    assert len(by_distance) == 11
    for distance, nats in by_distance.items():
        assert found[distance] == pytest.approx(np.mean(nats), rel=1e-4)
    assert found[11] is None
