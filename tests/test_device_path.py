"""Training elsewhere than on a CPU: nothing within an epoch's batches may wait for the device.

No GPU is needed for the first test: tensors on the ``meta`` device have no values, so whatever would read one on the
host (``item``, ``cpu``, ``float``, a boolean test, a data-dependent shape) raises.
"""

from __future__ import annotations

import math
from typing import Any

import pytest
import torch
from torch.utils._python_dispatch import TorchDispatchMode

from namestui.data.corpus import Cleaning, Corpus
from namestui.engine.training import optimiser
from namestui.engine.training.boundaries import BatchDone, EpochDone
from namestui.engine.training.recent import Recent
from namestui.engine.training.trainer import Trainer
from namestui.runs.config import RunConfig
from namestui.runs.models import MODELS

NAMES = {
    "Dutch": "Bakker Jansen Visser Smit Meijer Mulder Bos Vos Peters Hendriks Dekker Brouwer Dijkstra Postma Q",
    "Japanese": "Abe Ito Kato Sato Ono Endo Mori Hara Yamada Tanaka Suzuki Kimura Matsumoto Nakamura Fujimoto O",
}
META = torch.device("meta")


def corpus() -> Corpus:
    rows = [(name, target) for target, names in enumerate(NAMES.values()) for name in names.split()]
    return Corpus(tuple(NAMES), tuple(name for name, _ in rows), tuple(target for _, target in rows), Cleaning())


def config(model: str, **changes: Any) -> RunConfig:
    settings: dict[str, Any] = {"split": "random", "epochs": 3, "batch_size": 4, "hidden_size": 16}
    settings |= {"learning_rate": 0.02, "weight_decay": 0.1, "precision": "float32"}
    return RunConfig(model=model, **{**settings, **changes})


class NothingCrosses(TorchDispatchMode):
    """Refuses to copy between the host and the device, in either direction."""

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        found = func(*args, **(kwargs or {}))
        if func._schema.name in ("aten::_to_copy", "aten::copy_"):
            tensors = [value for value in (*args, found) if isinstance(value, torch.Tensor) and value.dim()]
            if len({tensor.device for tensor in tensors}) > 1:
                raise AssertionError(f"{func} between {[tensor.device.type for tensor in tensors]}")
        return found


def fused_adamw(settings: RunConfig, model: torch.nn.Module) -> torch.optim.Optimizer:
    """As the trainer's, which torch refuses to make for the meta device, with its state made already."""
    optimizer = torch.optim.AdamW(model.parameters(), lr=settings.learning_rate)
    optimizer.param_groups[0]["fused"] = True
    for weight in model.parameters():
        moments = {name: torch.zeros_like(weight) for name in ("exp_avg", "exp_avg_sq")}
        optimizer.state[weight] = {"step": torch.zeros((), device=META), **moments}
    return optimizer


@pytest.mark.parametrize("model", MODELS)
def test_no_batch_waits_for_the_device(model: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(optimiser, "make_optimizer", fused_adamw)
    trainer = Trainer(config(model, dropout=0.4, letter_dropout=0.1, ema=0.99), corpus(), META)
    steps = trainer.run()
    assert next(steps) == BatchDone(1, 1, trainer.batches)  # begins the epoch: its order is sent
    with NothingCrosses():
        for batch in range(2, trainer.batches + 1):
            assert next(steps) == BatchDone(1, batch, trainer.batches)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU, which none of our machines has had yet")
@pytest.mark.parametrize("model", MODELS)
def test_a_gpu_trains_as_the_cpu_does_without_being_waited_for(model: str) -> None:
    on_cpu = [
        done for done in Trainer(config(model), corpus(), torch.device("cpu")).run() if isinstance(done, EpochDone)
    ]
    trainer = Trainer(config(model), corpus(), torch.device("cuda"))
    on_gpu = []
    try:
        for step in trainer.run():
            epoch_ends = isinstance(step, BatchDone) and step.batch == step.batches
            torch.cuda.set_sync_debug_mode("default" if epoch_ends else "error")
            if isinstance(step, EpochDone):
                on_gpu.append(step)
            else:
                trainer.recent_loss()
    finally:
        torch.cuda.set_sync_debug_mode("default")
    for ours, theirs in zip(on_gpu, on_cpu, strict=True):
        assert ours.train_loss == pytest.approx(theirs.train_loss, rel=1e-2)  # cuDNN may multiply in TF32
        assert ours.validation_loss == pytest.approx(theirs.validation_loss, rel=1e-2)


def test_a_recent_value_is_that_of_an_earlier_call_once_it_has_arrived() -> None:
    arrived = False

    def send(value: torch.Tensor) -> tuple[torch.Tensor, Any]:
        return value.clone(), lambda: arrived

    recent = Recent(send)
    total = torch.tensor(6.0)
    assert math.isnan(recent.mean(total, 0, epoch=0))  # before the first batch there is nothing to send
    assert math.isnan(recent.mean(total, 2, epoch=0))
    total += 4
    assert math.isnan(recent.mean(total, 4, epoch=0))  # it is on its way: nothing is waited for
    arrived = True
    assert recent.mean(total, 4, epoch=0) == 3.0  # of the first call that sent; 10 / 4 is sent now
    total += 1
    assert recent.mean(total, 11, epoch=0) == 2.5
    # AND another epoch does not show what was sent in the one before
    assert math.isnan(recent.mean(total, 11, epoch=1))
