"""Training: it learns, it repeats itself exactly, and it goes on exactly where a checkpoint was taken."""

from __future__ import annotations

import functools
import io
import itertools
import math
from typing import Any

import msgspec
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from namestui.data.corpus import Cleaning, Corpus, CorpusError
from namestui.engine.training import metrics
from namestui.engine.training.boundaries import BatchDone, Boundary, EpochDone, LossNotFinite
from namestui.engine.training.evaluation import evaluate_names
from namestui.engine.training.trainer import Trainer
from namestui.runs.config import RunConfig
from namestui.runs.models import MODELS

CPU = torch.device("cpu")
NAMES = {
    "Dutch": "Bakker Jansen Visser Smit Meijer Mulder Bos Vos Peters Hendriks Dekker Brouwer Dijkstra Postma",
    "Greek": "Kanelos Manos Panagos Rousakis Stamatas Tsoumalis Xydis Zafiris Kouros Vlahos Drakos Lekas",
    "Japanese": "Abe Ito Kato Sato Ono Endo Mori Hara Yamada Tanaka Suzuki Kimura Matsumoto Nakamura Fujimoto",
}

# The validation and training losses of three epochs, so that no later change moves the training unnoticed.
GOLDEN = {
    "rnn": ([1.048471, 0.676874, 0.400353], [0.885857, 0.584075, 0.511997]),
    "lstm": ([1.092272, 0.943936, 0.817380], [1.065774, 1.245766, 1.174225]),
}


def golden_corpus() -> Corpus:
    rows = [(name, target) for target, names in enumerate(NAMES.values()) for name in names.split()]
    return Corpus(tuple(NAMES), tuple(name for name, _ in rows), tuple(target for _, target in rows), Cleaning())


def make_trainer(model: str, **changes: Any) -> Trainer:
    settings: dict[str, Any] = {
        "split": "random",
        "seed": 5,
        "epochs": 3,
        "batch_size": 4,
        "hidden_size": 16,
        "learning_rate": 0.02,
        "weight_decay": 0.1,
    }
    return Trainer(RunConfig(model=model, **{**settings, **changes}), golden_corpus(), CPU)


def epochs_of(steps: list[Boundary]) -> list[EpochDone]:
    return [step for step in steps if isinstance(step, EpochDone)]


def losses_of(steps: list[Boundary]) -> list[tuple[float, float]]:
    return [(done.train_loss, done.validation_loss) for done in epochs_of(steps)]


def through_disk(state: dict[str, Any]) -> dict[str, Any]:
    """As ``last.pt`` keeps it: a copy that may hold only what loads without unpickling code."""
    file = io.BytesIO()
    torch.save(state, file)
    loaded: dict[str, Any] = torch.load(io.BytesIO(file.getvalue()), weights_only=True)
    return loaded


def equal_states(one: Any, other: Any) -> bool:
    if isinstance(one, torch.Tensor):
        return torch.equal(one, other)
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(equal_states(one[key], other[key]) for key in one)
    if isinstance(one, list | tuple):
        return len(one) == len(other) and all(map(equal_states, one, other))
    return bool(one == other)


@pytest.mark.parametrize("model", MODELS)
def test_it_overfits_twenty_names(model: str) -> None:
    corpus = golden_corpus()
    small = Corpus(corpus.labels[:2], corpus.names[:25], corpus.targets[:25], Cleaning())
    config = RunConfig(
        model=model, split="random", epochs=60, batch_size=8, hidden_size=32, learning_rate=0.02, weight_decay=0.0
    )
    trainer = Trainer(config, small, CPU)
    assert len(trainer.train_set) == 20
    done = epochs_of(list(trainer.run()))
    evaluation = evaluate_names(trainer.validated_model, trainer.train_set, 2)
    assert metrics.accuracy(evaluation.matrix) == 1.0
    assert evaluation.loss < 0.05
    assert done[-1].train_accuracy == 1.0


@pytest.mark.parametrize("model", sorted(GOLDEN))
def test_golden_losses(model: str) -> None:
    losses = losses_of(list(make_trainer(model, precision="float32").run()))
    train, validation = GOLDEN[model]
    assert [loss for loss, _ in losses] == pytest.approx(train, rel=1e-4)
    assert [loss for _, loss in losses] == pytest.approx(validation, rel=1e-4)


@pytest.mark.parametrize("model", MODELS)
def test_the_same_seed_gives_the_same_bits(model: str) -> None:
    first = losses_of(list(make_trainer(model).run()))
    torch.rand(7)
    assert losses_of(list(make_trainer(model).run())) == first
    assert losses_of(list(make_trainer(model, seed=6).run())) != first


@pytest.mark.parametrize("model", MODELS)
def test_the_steps_of_a_run(model: str) -> None:
    trainer = make_trainer(model)
    assert math.isnan(trainer.loss_so_far())
    steps = list(trainer.run())
    batches = trainer.batches
    expected = [(epoch, batch) for epoch in (1, 2, 3) for batch in range(1, batches + 1)]
    assert [(step.epoch, step.batch) for step in steps if isinstance(step, BatchDone)] == expected
    assert all(step.batches == batches for step in steps if isinstance(step, BatchDone))
    done = epochs_of(steps)
    assert [step.epoch for step in done] == [1, 2, 3]
    assert [steps.index(step) for step in done] == [(batches + 1) * epoch - 1 for epoch in (1, 2, 3)]
    for step in done:
        assert step.matrix.sum() == len(trainer.validation_set)
        assert step.validation_accuracy == metrics.accuracy(step.matrix)
        assert 0 <= step.train_accuracy <= 1
        assert step.seconds > 0
        assert step.names_per_second > 0
    assert done[-1].learning_rate == pytest.approx(0.02 / 100)


REGULARISED = {"dropout": 0.4, "letter_dropout": 0.1, "ema": 0.9}


def plain_or_not(model: str, regularised: bool) -> Trainer:
    return make_trainer(model, **(REGULARISED if regularised else {}))


@functools.cache
def uninterrupted(model: str, regularised: bool) -> tuple[list[tuple[float, float]], dict[str, Any], int]:
    trainer = plain_or_not(model, regularised)
    steps = list(trainer.run())
    return losses_of(steps), through_disk(trainer.state()), len(steps)


@settings(max_examples=40)
@given(st.sampled_from(sorted(MODELS)), st.booleans(), st.data())
def test_going_on_from_anywhere_is_bit_identical(model: str, regularised: bool, data: st.DataObject) -> None:
    losses, final, count = uninterrupted(model, regularised)
    # GIVEN a trainer that stopped after any step, in the middle of an epoch too
    at = data.draw(st.integers(0, count))
    trainer = plain_or_not(model, regularised)
    before = list(itertools.islice(trainer.run(), at))
    saved = through_disk(trainer.state())
    list(itertools.islice(trainer.run(), 3))  # it trains on a little before it dies
    # WHEN another process restores what it saved
    torch.rand(3)
    again = plain_or_not(model, regularised)
    again.restore(saved)
    after = list(again.run())
    # THEN losses and final state are those of an uninterrupted run, to the bit
    assert losses_of(before + after) == losses
    found = through_disk(again.state())
    for state in (found, final):
        state["sums"] = None  # holds seconds
    assert equal_states(found, final)


class NoMemory(Exception):
    pass


@pytest.mark.parametrize("regularised", [False, True])
def test_a_question_that_fails_leaves_the_weights_that_are_trained(
    regularised: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_arguments: Any, **_options: Any) -> None:
        raise NoMemory

    # GIVEN a trainer in the middle of an epoch, as after a resume: nothing is validated yet
    trainer = plain_or_not("lstm", regularised)
    steps = trainer.run()
    before = list(itertools.islice(steps, 5))
    trained = through_disk(trainer.model.state_dict())
    # WHEN it is to be validated, and the memory does not suffice in the middle of it
    with monkeypatch.context() as patched:
        patched.setattr(torch, "bincount", fail)
        with pytest.raises(NoMemory):
            trainer.validated()
        with pytest.raises(NoMemory):
            trainer.test_matrix()
    # THEN the weights that are trained are what they were, and training goes on as if nobody had asked
    assert equal_states(dict(trainer.model.state_dict()), trained)
    assert losses_of(before + list(steps)) == uninterrupted("lstm", regularised)[0]


def test_what_is_shown_is_of_one_set_of_weights_before_within_and_after_training() -> None:
    trainer = make_trainer("lstm", ema=0.9, epochs=4, learning_rate=0.05)
    letters = torch.randint(57, (5, 6))

    def trained() -> torch.Tensor:
        with torch.no_grad():
            return trainer.model.eval()(letters)

    # before the first step both sets are the same
    assert torch.equal(trainer.validated_model(letters), trained())
    decayed = {name: weight.clone() for name, weight in trainer.model.state_dict().items()}
    for step in trainer.run():
        if isinstance(step, BatchDone):
            for name, weight in trainer.model.state_dict().items():
                decayed[name].lerp_(weight, 1 - trainer.config.ema)
            expected = trainer.model.with_weights(decayed)(letters)
            torch.testing.assert_close(trainer.validated_model(letters), expected)
            assert not torch.equal(trainer.validated_model(letters), trained())
        else:
            assert trainer.validation is not None
            again = evaluate_names(trainer.validated_model, trainer.validation_set, len(NAMES))
            assert torch.equal(again.confidence, trainer.validation.confidence)
    # the best ones afterwards; and the newest again as soon as it trains on
    trainer.use_best_weights()
    best = trainer.model.with_weights(trainer.best_weights)(letters)
    assert torch.equal(trainer.validated_model(letters), best)
    trainer.epochs += 1
    next(trainer.run())
    assert not torch.equal(trainer.validated_model(letters), best)


def spoilt(state: dict[str, Any], what: str) -> None:
    """Make a checkpoint's content one of another network, or of nothing."""
    match what:
        case "best_weights" | "average" | "model":
            state[what] = {name: weight[:-1].clone() for name, weight in state[what].items()}
        case "optimizer":
            moments = next(iter(state["optimizer"]["state"].values()))
            moments["exp_avg"] = torch.zeros(3, 2)
        case "sums":
            state["sums"]["loss"] = torch.zeros(4)
        case _:
            state[what] = {"epoch": -1, "batch": "many", "best_epoch": None}[what]


@pytest.mark.parametrize(
    "what", ["best_weights", "average", "model", "optimizer", "sums", "epoch", "batch", "best_epoch"]
)
def test_a_state_that_does_not_fit_is_refused_at_once(what: str) -> None:
    trainer = plain_or_not("lstm", True)
    list(itertools.islice(trainer.run(), 5))
    state = through_disk(trainer.state())
    spoilt(state, what)
    with pytest.raises((KeyError, TypeError, ValueError, RuntimeError)):
        plain_or_not("lstm", True).restore(state)


def test_averaged_weights_are_validated_and_kept() -> None:
    trainer = make_trainer("lstm", ema=0.9)
    list(trainer.run())
    trained = through_disk(trainer.model.state_dict())
    averaged = trainer.validated_model.state_dict()
    assert not any(torch.equal(trained[name], averaged[name]) for name in trained)
    trainer.use_best_weights()
    evaluation = evaluate_names(trainer.validated_model, trainer.validation_set, len(NAMES))
    assert metrics.accuracy(evaluation.matrix) == trainer.best_accuracy
    # AND the weights that are trained stay where they are
    assert equal_states(dict(trainer.model.state_dict()), trained)


@pytest.mark.parametrize("model", MODELS)
def test_a_loss_that_is_not_finite_changes_nothing(model: str) -> None:
    trainer = make_trainer(model)
    steps = trainer.run()
    for _ in range(5):
        next(steps)
    healthy = through_disk(trainer.state())
    with torch.no_grad():
        weight = next(parameter for name, parameter in trainer.model.named_parameters() if name.endswith("bias"))
        weight[0] = math.nan
    poisoned = through_disk(trainer.state())
    assert not trainer.weights_are_finite()
    # WHEN the next batches are tried
    for _ in range(3):
        assert next(steps) == LossNotFinite(epoch=1, batch=6)
    # THEN weights, optimiser and place are as they were
    found = through_disk(trainer.state())
    for key in ("model", "optimizer"):
        torch.testing.assert_close(found[key], poisoned[key], rtol=0, atol=0, equal_nan=True)
    assert (trainer.epoch, trainer.batch) == (0, 5)
    assert math.isfinite(trainer.loss_so_far())
    # AND once the weights are sound again it goes on as if nothing had been
    trainer.restore(healthy)
    assert next(steps) == BatchDone(epoch=1, batch=6, batches=trainer.batches)
    assert losses_of(list(steps)) == uninterrupted(model, False)[0]


def test_the_best_weights_are_those_of_the_best_epoch() -> None:
    trainer = make_trainer("rnn", epochs=12, learning_rate=0.05)
    kept: dict[int, dict[str, torch.Tensor]] = {}
    accuracies: list[float] = []
    for step in trainer.run():
        if isinstance(step, EpochDone):
            kept[step.epoch] = {name: weight.clone() for name, weight in trainer.model.state_dict().items()}
            assert step.is_best == (step.validation_accuracy > max(accuracies, default=-1.0))
            accuracies.append(step.validation_accuracy)
    assert trainer.best_epoch == accuracies.index(max(accuracies)) + 1
    assert equal_states(trainer.best_weights, kept[trainer.best_epoch])
    trainer.use_best_weights()
    assert metrics.accuracy(trainer.test_matrix()) == max(accuracies)  # random split: the test part is the same


def test_an_extended_run_continues_at_the_last_rate() -> None:
    trainer = make_trainer("rnn")
    list(trainer.run())
    trainer.epochs += 2
    done = epochs_of(list(trainer.run()))
    assert [step.epoch for step in done] == [4, 5]
    assert [step.learning_rate for step in done] == pytest.approx([0.02 / 100] * 2)


def test_a_corpus_that_cannot_be_split() -> None:
    tiny = Corpus(("a", "b"), ("x", "y"), (0, 1), Cleaning())
    config = RunConfig(model="rnn", epochs=1, batch_size=1, learning_rate=0.1, weight_decay=0.0)
    with pytest.raises(CorpusError):
        Trainer(config, tiny, CPU)


def test_a_gradient_that_is_not_finite_takes_no_step() -> None:
    trainer = make_trainer("lstm")
    steps = trainer.run()
    next(steps)
    before = through_disk(trainer.state())["model"]
    weight = next(trainer.model.parameters())
    hook = weight.register_hook(lambda gradient: gradient * math.inf)
    assert next(steps) == LossNotFinite(epoch=1, batch=2)
    assert equal_states(through_disk(trainer.state())["model"], before)
    hook.remove()
    assert isinstance(next(steps), BatchDone)


def test_weights_by_class_are_one_in_the_mean_and_leave_equal_classes_alone() -> None:
    corpus = Corpus(
        ("Long", "Short"), ("ab", "cd", "ef", "gh", "ij", "kl", "mn", "op", "qr", "st"), [0] * 8 + [1] * 2, Cleaning()
    )
    config = RunConfig(model="rnn", split="random", epochs=1, batch_size=99, learning_rate=0.01, weight_decay=0.0)
    plain = Trainer(config, corpus, CPU)
    weighted = Trainer(msgspec.structs.replace(config, class_weight=0.5), corpus, CPU)
    letters, targets = plain.train_set.in_order(99)[0]
    counts = torch.bincount(targets, minlength=2).double()
    expected = counts**-0.5 / (counts * counts**-0.5).sum() * counts.sum()
    names = -plain.model(letters)[torch.arange(len(targets)), targets].double()
    losses = losses_of(list(weighted.run()))
    assert losses[0][0] == pytest.approx(float((expected[targets] * names).mean().detach()), rel=1e-5)
    assert losses[0][0] != pytest.approx(losses_of(list(plain.run()))[0][0], rel=1e-3)
    assert float((expected * counts).sum() / counts.sum()) == pytest.approx(1)


@pytest.mark.parametrize("seed", range(4))
def test_classes_of_one_size_weigh_the_same(seed: int) -> None:
    corpus = Corpus(("A", "B"), tuple("abcdefghij"), [0, 1] * 5, Cleaning())
    config = RunConfig(model="lstm", epochs=1, batch_size=9, learning_rate=0.01, weight_decay=0.0, split="random")
    plain = Trainer(msgspec.structs.replace(config, split_seed=seed), corpus, CPU)
    weighted = Trainer(msgspec.structs.replace(plain.config, class_weight=1.0), corpus, CPU)
    sizes = torch.bincount(plain.train_set.in_order(9)[0].targets)
    same = losses_of(list(weighted.run()))[0] == pytest.approx(losses_of(list(plain.run()))[0], rel=1e-6)
    assert same == (sizes[0] == sizes[1])


@pytest.mark.parametrize("regularised", [False, True])
def test_starting_weights_take_the_place_of_random_ones(regularised: bool) -> None:
    given = {name: w + 1 for name, w in make_trainer("lstm").model.state_dict().items() if name.startswith("lstm.")}
    settings = REGULARISED if regularised else {}
    config = make_trainer("lstm", **settings).config
    trainer = Trainer(config, golden_corpus(), CPU, weights=given)
    fresh = make_trainer("lstm", **settings).model.state_dict()
    for weights in (trainer.model.state_dict(), trainer.validated_model.state_dict()):
        for name, weight in weights.items():
            assert torch.equal(weight, given.get(name, fresh[name]))
    with pytest.raises(RuntimeError):
        Trainer(config, golden_corpus(), CPU, weights={"lstm.weight_ih_l0": torch.zeros(3)})


def test_patience() -> None:
    trainer = make_trainer("rnn", epochs=30, patience=3)
    for step in trainer.run():
        if isinstance(step, EpochDone):
            assert trainer.is_out_of_patience() == (trainer.epoch - trainer.best_epoch >= 3)
    assert not make_trainer("rnn", epochs=30).is_out_of_patience()
