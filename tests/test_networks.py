"""What networks say of themselves: letter by letter, gate by gate; and that the table of models agrees with them."""

from __future__ import annotations

import pytest
import torch
from torch.nn import functional as F

from namestui.engine.nets import building
from namestui.engine.nets.network import NETWORKS, Network, one_hot
from namestui.engine.training.optimiser import clip_gradients
from namestui.runs.config import RunConfig
from namestui.runs.models import MODELS, Model, title_of
from namestui.runs.recipes import make_config

SYMBOLS, HIDDEN, CLASSES = 57, 8, 3


def built(model: str) -> Network:
    torch.manual_seed(0)
    return building.build_network(model, SYMBOLS, HIDDEN, CLASSES).eval()


def test_every_model_has_a_network_and_every_network_a_model() -> None:
    assert NETWORKS.keys() == MODELS.keys()
    assert [title_of(name) for name in MODELS] == [model.title for model in MODELS.values()]
    assert title_of("\x1b[31m") == r"\x1b[31M"


@pytest.mark.parametrize("model", MODELS.values(), ids=MODELS)
def test_what_the_table_says_is_so(model: Model) -> None:
    network = built(model.name)
    steps = network.logits_by_step(torch.zeros(3, 2, SYMBOLS)) is not None
    assert model.additive == (network.letter_scores(3) is not None)
    assert not model.gated or network.gate_layers()
    assert not model.plain or network.hidden_to_hidden() is not None
    assert not (model.gated and model.plain)
    assert (model.gated or model.plain) == steps  # n-grams have no part in the scores
    assert not steps or model.recurrent
    assert model.transferable == any(not name.startswith(Network.HEAD) for name in transferred(network))
    assert model.without_use <= set(RunConfig.__struct_fields__)


def transferred(network: Network) -> list[str]:
    """The weights whose shape does not depend on the classes."""
    return [name for name, weight in network.state_dict().items() if CLASSES not in weight.shape]


@pytest.mark.parametrize("model", MODELS.values(), ids=MODELS)
def test_settings_without_use_change_nothing_and_others_do(model: Model) -> None:
    changes: dict[str, object] = {"hidden_size": 5, "forget_bias": 3.0, "dropout": 0.5}
    letters = torch.randint(SYMBOLS, (4, 6))

    def trained(**changed: object) -> list[torch.Tensor]:
        config = RunConfig(model=model.name, epochs=1, batch_size=4, learning_rate=0.1, weight_decay=0.0, **changed)  # type: ignore[arg-type]
        network = building.initial_model(config, CLASSES).train()
        network.dropout = config.dropout
        F.nll_loss(network(letters), torch.tensor([0, 1, 2, 0])).backward()
        clip_gradients(list(network.parameters()), 1000.0)
        return [weight.grad for weight in network.parameters() if weight.grad is not None]

    for name, value in changes.items():
        plain, changed = trained(), trained(**{name: value})
        same = all(
            one.shape == other.shape and torch.equal(one, other) for one, other in zip(plain, changed, strict=True)
        )
        assert same == (name in model.without_use), name


@pytest.mark.parametrize("model", [name for name, one in MODELS.items() if one.gated or one.plain])
def test_logits_after_each_letter_are_those_of_the_name_that_ends_there(model: str) -> None:
    network = built(model).double()
    letters = torch.randint(SYMBOLS, (4, 7))
    inputs = one_hot(letters, SYMBOLS, torch.float64).requires_grad_()
    steps = network.logits_by_step(inputs)
    assert steps is not None
    assert steps.shape == (7, 4, CLASSES)
    for length in range(1, 8):
        expected = network(letters[:, :length])
        torch.testing.assert_close(steps[length - 1].log_softmax(1), expected, rtol=0, atol=1e-10)
    # AND each letter up to there has a gradient
    (gradient,) = torch.autograd.grad(steps[4].sum(), inputs)
    assert (gradient.norm(dim=2) > 0).all(1).tolist() == [True] * 5 + [False] * 2


@pytest.mark.parametrize("model", MODELS)
def test_a_network_without_memory_has_the_shapes_of_the_real_one(model: str) -> None:
    config = make_config(model)
    before = torch.get_rng_state()
    empty = building.empty_model(config, CLASSES)
    assert torch.equal(torch.get_rng_state(), before)
    real = building.initial_model(config, CLASSES)
    assert {name: (w.shape, w.dtype) for name, w in empty.state_dict().items()} == {
        name: (w.shape, w.dtype) for name, w in real.state_dict().items()
    }
    assert all(weight.is_meta for weight in empty.parameters())
