"""Memory that the CPU kernels hand on from batch to batch."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import torch
from torch import Tensor

from namestui.engine.nets.kernels import workspace
from namestui.engine.nets.kernels.workspace import Spec, Workspace

SMALL: list[Spec] = [((3, 5), torch.float32), ((7,), torch.bfloat16), ((2, 2), torch.float64)]
LARGE: list[Spec] = [((300, 5), torch.float32)]


def as_they_are(tensors: list[Tensor]) -> list[Tensor]:
    return tensors


@pytest.fixture(autouse=True)
def nothing_free(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Workspace]]:
    free: list[Workspace] = []
    monkeypatch.setattr(workspace, "_free", free)
    yield free


def test_tensors_lie_side_by_side() -> None:
    tensors = workspace.take(SMALL).views(SMALL, as_they_are)
    assert [(tuple(tensor.shape), tensor.dtype) for tensor in tensors] == SMALL
    for number, tensor in enumerate(tensors):
        tensor.fill_(number)
        assert tensor.data_ptr() % 64 == 0
    for number, tensor in enumerate(tensors):
        assert (tensor == number).all()


def test_what_was_given_back_is_taken_again() -> None:
    first = workspace.take(LARGE)
    second = workspace.take(SMALL)
    assert first is not second
    workspace.give_back(first)
    assert workspace.take(SMALL) is first


def test_what_is_too_small_makes_way(nothing_free: list[Workspace]) -> None:
    workspace.give_back(workspace.take(SMALL))
    large = workspace.take(LARGE)
    assert nothing_free == []
    workspace.give_back(large)
    assert workspace.take(LARGE) is large


def test_views_are_made_once_for_each_shape_and_not_kept_for_ever() -> None:
    space = workspace.take(LARGE)
    views = space.views(SMALL, as_they_are)
    assert space.views(SMALL, as_they_are) is views
    assert space.views(LARGE, as_they_are) is not views
    for length in range(1, workspace._REMEMBERED + 1):
        space.views([((length,), torch.uint8)], as_they_are)
    assert space.views(SMALL, as_they_are) is not views
    assert len(space._views) == workspace._REMEMBERED


def test_memory_first_taken_for_inference_serves_training() -> None:
    with torch.inference_mode():
        space = workspace.take(SMALL)
        space.views(SMALL, as_they_are)[0].fill_(1)
    weight = torch.ones(5, requires_grad=True)
    memory = space.views(SMALL, as_they_are)[0]
    (memory * weight).sum().backward()
    memory.add_(1)
    assert weight.grad is not None
    assert (weight.grad == 3).all()
