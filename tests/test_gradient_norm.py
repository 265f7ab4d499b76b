"""The norm of the gradients of an epoch: before clipping, the same however often training was interrupted."""

from __future__ import annotations

import itertools
import math
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from namestui.engine.training import optimiser
from namestui.engine.training.trainer import NORM_EVERY, Trainer
from namestui.runs.models import MODELS
from tests.test_trainer import epochs_of, make_trainer, through_disk


def gradients_of(trainer: Trainer) -> list[torch.Tensor]:
    return [weight.grad for weight in trainer.model.parameters() if weight.grad is not None]


def norms_by_hand(trainer: Trainer, monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The norm of every batch that ``trainer`` trains from now on, in double precision."""
    norms: list[float] = []
    step = optimiser.step

    def measured(*arguments: Any) -> None:
        norms.append(math.sqrt(sum(float(gradient.double().square().sum()) for gradient in gradients_of(trainer))))
        step(*arguments)

    monkeypatch.setattr(optimiser, "step", measured)
    return norms


@pytest.mark.parametrize("model", sorted(MODELS))
def test_it_is_the_mean_over_the_batches_before_clipping(model: str, monkeypatch: pytest.MonkeyPatch) -> None:
    # GIVEN gradients that are hardly ever clipped, so that what the optimiser sees is what was measured
    trainer = make_trainer(model, clip_norm=500.0)
    norms = norms_by_hand(trainer, monkeypatch)
    done = epochs_of(list(trainer.run()))
    by_epoch = [norms[at : at + trainer.batches] for at in range(0, len(norms), trainer.batches)]
    assert [one.gradient_norm for one in done] == pytest.approx([sum(one) / len(one) for one in by_epoch], rel=1e-5)
    # AND clipping changes what is trained, and not what is measured of the first epoch's first step
    clipped, free = make_trainer(model, clip_norm=1e-3), make_trainer(model, clip_norm=500.0)
    firsts = []
    for one in (clipped, free):
        next(one.run())
        firsts.append(one._sums.mean_norm())
    assert firsts[0] == firsts[1] > 1e-3


def test_without_clipping_some_batches_are_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    trainer = make_trainer("rnn", clip_norm=0.0, batch_size=1, epochs=1)
    norms = norms_by_hand(trainer, monkeypatch)
    [done] = epochs_of(list(trainer.run()))
    assert len(norms) > NORM_EVERY
    measured = norms[::NORM_EVERY]
    assert done.gradient_norm == pytest.approx(sum(measured) / len(measured), rel=1e-5)


@settings(max_examples=12)
@given(st.sampled_from(["rnn", "lstm"]), st.sampled_from([0.0, 1.0]), st.data())
def test_an_interrupted_epoch_has_the_same_norm_to_the_bit(model: str, clip: float, data: st.DataObject) -> None:
    steps = list(make_trainer(model, clip_norm=clip).run())
    at = data.draw(st.integers(0, len(steps)))
    trainer = make_trainer(model, clip_norm=clip)
    before = list(itertools.islice(trainer.run(), at))
    again = make_trainer(model, clip_norm=clip)
    again.restore(through_disk(trainer.state()))
    resumed = [done.gradient_norm for done in epochs_of(before + list(again.run()))]
    assert resumed == [done.gradient_norm for done in epochs_of(steps)]


def test_a_checkpoint_of_an_older_namestui_has_none() -> None:
    trainer = make_trainer("rnn")
    state = through_disk(trainer.state())
    for name in ("norm", "norms"):
        del state["sums"][name]
    trainer.restore(state)
    assert math.isnan(trainer._sums.mean_norm())
    assert len(epochs_of(list(trainer.run()))) == 3
