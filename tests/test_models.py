"""The networks against the report's own text and against step-by-step references written here."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest
import torch
from torch import Tensor
from torch.nn import functional as F

from namestui.engine.nets.building import build_network
from namestui.engine.nets.recurrent import LSTM
from namestui.engine.nets.rnn import RNN

SYMBOLS, HIDDEN, CLASSES = 57, 128, 18

RNN_TEXT = """RNN(
  (i2h): Linear(in_features=185, out_features=128, bias=True)
  (i2o): Linear(in_features=185, out_features=18, bias=True)
  (softmax): LogSoftmax(dim=1)
)"""

LSTM_TEXT = """LSTM(
  (lstm): LSTM(57, 128)
  (i2o): Linear(in_features=128, out_features=18, bias=True)
  (softmax): LogSoftmax(dim=1)
)"""

Reference = Callable[[torch.nn.Module, Tensor], Tensor]


def step_by_step_rnn(model: torch.nn.Module, letters: Tensor) -> Tensor:
    """The report's loop: both layers see the letter beside the hidden state, which stays as i2h gives it."""
    weights = dict(model.named_parameters())
    hidden = torch.zeros(len(letters), weights["i2h.weight"].shape[0], dtype=torch.float64)
    output = torch.empty(0)
    for letter in letters.t():
        one_hot = F.one_hot(letter, SYMBOLS).double()
        combined = torch.cat([one_hot, hidden], 1)
        hidden = combined @ weights["i2h.weight"].t() + weights["i2h.bias"]
        output = combined @ weights["i2o.weight"].t() + weights["i2o.bias"]
    return output - output.exp().sum(1, keepdim=True).log()


def gate_by_gate_lstm(model: torch.nn.Module, letters: Tensor) -> Tensor:
    """Hochreiter and Schmidhuber's cell with a forget gate, written out."""
    weights = dict(model.named_parameters())
    size = weights["lstm.weight_hh_l0"].shape[1]
    hidden = torch.zeros(len(letters), size, dtype=torch.float64)
    cell = torch.zeros_like(hidden)
    for letter in letters.t():
        one_hot = F.one_hot(letter, SYMBOLS).double()
        gates = one_hot @ weights["lstm.weight_ih_l0"].t() + weights["lstm.bias_ih_l0"]
        gates = gates + hidden @ weights["lstm.weight_hh_l0"].t() + weights["lstm.bias_hh_l0"]
        enter, forget, new, show = (gates[:, k * size : (k + 1) * size] for k in range(4))
        cell = torch.sigmoid(forget) * cell + torch.sigmoid(enter) * torch.tanh(new)
        hidden = torch.sigmoid(show) * torch.tanh(cell)
    output = hidden @ weights["i2o.weight"].t() + weights["i2o.bias"]
    return output - output.exp().sum(1, keepdim=True).log()


def gradients(model: torch.nn.Module, output: Tensor, targets: Tensor) -> list[Tensor | None]:
    loss = -output[torch.arange(len(targets)), targets].mean()
    return list(torch.autograd.grad(loss, list(model.parameters()), allow_unused=True))


def test_print_is_the_reports() -> None:
    assert str(build_network("rnn", SYMBOLS, HIDDEN, CLASSES)) == RNN_TEXT
    assert str(build_network("lstm", SYMBOLS, HIDDEN, CLASSES)) == LSTM_TEXT


def test_state_dict_keys_are_the_reports() -> None:
    rnn = build_network("rnn", SYMBOLS, HIDDEN, CLASSES).state_dict()
    lstm = build_network("lstm", SYMBOLS, HIDDEN, CLASSES).state_dict()
    assert list(rnn) == ["i2h.weight", "i2h.bias", "i2o.weight", "i2o.bias"]
    assert list(lstm) == [
        *(f"lstm.{name}_l0" for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")),
        "i2o.weight",
        "i2o.bias",
    ]
    assert rnn["i2h.weight"].shape == (HIDDEN, SYMBOLS + HIDDEN)
    assert lstm["lstm.weight_ih_l0"].shape == (4 * HIDDEN, SYMBOLS)


@pytest.mark.parametrize(("name", "reference"), [("rnn", step_by_step_rnn), ("lstm", gate_by_gate_lstm)])
@pytest.mark.parametrize("length", range(1, 21))
@pytest.mark.parametrize("batch", [1, 7])
def test_equal_to_the_step_by_step_form(name: str, reference: Reference, length: int, batch: int) -> None:
    torch.manual_seed(100 * length + batch)
    model = build_network(name, SYMBOLS, HIDDEN, CLASSES).double()
    letters = torch.randint(SYMBOLS, (batch, length))
    targets = torch.randint(CLASSES, (batch,))
    # WHEN both forms read the same names with the same parameters
    expected, found = reference(model, letters), model(letters)
    assert found.shape == (batch, CLASSES)
    torch.testing.assert_close(found, expected, rtol=0, atol=1e-10)
    torch.testing.assert_close(found.exp().sum(1), torch.ones(batch, dtype=torch.float64), rtol=0, atol=1e-12)
    # THEN so are the gradients: what took no part has none, rather than zeros (AdamW would decay its weights)
    for mine, theirs in zip(gradients(model, found, targets), gradients(model, expected, targets), strict=True):
        assert (mine is None) == (theirs is None)
        if mine is not None and theirs is not None:
            torch.testing.assert_close(mine, theirs, rtol=0, atol=1e-10)


def test_one_letter_leaves_i2h_without_a_gradient() -> None:
    model = build_network("rnn", SYMBOLS, HIDDEN, CLASSES)
    F.nll_loss(model(torch.tensor([[3]])), torch.tensor([1])).backward()
    assert {name for name, weight in model.named_parameters() if weight.grad is None} == {"i2h.weight", "i2h.bias"}


@pytest.mark.parametrize("name", ["rnn", "lstm"])
def test_a_name_reads_the_same_alone_and_in_a_batch(name: str) -> None:
    torch.manual_seed(1)
    model = build_network(name, SYMBOLS, HIDDEN, CLASSES).double()
    letters = torch.randint(SYMBOLS, (5, 6))
    together = model(letters)
    for row in range(5):
        torch.testing.assert_close(model(letters[row : row + 1])[0], together[row], rtol=0, atol=1e-12)


def test_scores_of_the_rnn_add_up_to_its_logits() -> None:
    torch.manual_seed(2)
    model = RNN(SYMBOLS, 16, CLASSES).double()
    letters = [5, 30, 2, 56]
    table, bias = model.letter_scores(len(letters))
    assert table.shape == (4, SYMBOLS + 1, CLASSES)
    logits = bias + sum(table[len(letters) - 1 - at, letter] for at, letter in enumerate(letters))
    torch.testing.assert_close(F.log_softmax(logits, 0), model(torch.tensor([letters]))[0], rtol=0, atol=1e-12)


def test_the_forget_gate_starts_open() -> None:
    model = LSTM(SYMBOLS, HIDDEN, CLASSES)
    model.open_forget_gate(1.0)
    weights = dict(model.lstm.named_parameters())
    both = weights["bias_ih_l0"] + weights["bias_hh_l0"]
    assert torch.equal(both[HIDDEN : 2 * HIDDEN], torch.ones(HIDDEN))
    # AND the other gates' biases are torch's own
    others = torch.cat([weights["bias_ih_l0"][:HIDDEN], weights["bias_ih_l0"][2 * HIDDEN :]])
    assert others.abs().max() <= 1 / math.sqrt(HIDDEN)
    assert others.unique().numel() > HIDDEN


def test_the_read_out_starts_xavier_uniform() -> None:
    weight = LSTM(SYMBOLS, HIDDEN, CLASSES).i2o.weight
    bound = math.sqrt(6 / (HIDDEN + CLASSES))
    assert weight.abs().max() <= bound
    assert weight.abs().max() > 0.98 * bound  # torch's default would end at 0.088
    assert weight.std().item() == pytest.approx(bound / math.sqrt(3), rel=0.05)


@pytest.mark.parametrize("name", ["rnn", "lstm"])
def test_equal_seeds_build_equal_networks(name: str) -> None:
    built = []
    for seed in (1, 1, 2):
        torch.manual_seed(seed)
        built.append(build_network(name, SYMBOLS, 8, CLASSES).state_dict())
    assert all(torch.equal(built[0][key], built[1][key]) for key in built[0])
    assert not torch.equal(built[0]["i2o.weight"], built[2]["i2o.weight"])
