"""The processes that train a run together: this one alone, or this one and other ranks that do as it says."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch

from namestui.engine.training.ranks import Ranks


class Crew:
    """This process alone: there are no others to wait for or to order. ``ranks`` is for the trainer."""

    ranks: Ranks | None = None

    def join(self, device: torch.device) -> torch.device:
        """Meet the others, once; the device that this process takes."""
        return device

    def place(self, device: torch.device) -> torch.device:
        """Where a checkpoint is loaded to."""
        return device

    def share(self, fingerprint: str, state: dict[str, Any] | None) -> None:
        """Give the others the corpus's fingerprint and the state of the trainer (None: a new one's)."""

    def train_on(self, epochs: int) -> None:
        """At a batch boundary: have the others train on, as far as ``epochs``."""

    def keep(self) -> None:
        """Have the others wait on: a collective that nobody answers for long fails."""

    def end(self) -> None:
        """Have the others end."""

    def failure_reason(self) -> str | None:
        """Which of the others has died and why, in one line."""
        return None


class Together(Crew):
    """This process is rank 0 of several; ``stop`` is called where another received a signal to terminate."""

    # ruff: noqa: D102 - as said above

    def __init__(self, stop: Callable[[], object]) -> None:
        self.ranks: Ranks = Ranks()
        self._stop = stop
        self._shared = False

    def join(self, device: torch.device) -> torch.device:
        return self.ranks.join(device)

    def place(self, device: torch.device) -> torch.device:  # noqa: ARG002 - on whatever device it is
        return torch.device("cpu")  # from where it is shared

    def share(self, fingerprint: str, state: dict[str, Any] | None) -> None:
        self.ranks.share((fingerprint, state))
        self._shared = True

    def train_on(self, epochs: int) -> None:
        if self.ranks.proceed(epochs):
            self._stop()

    def keep(self) -> None:
        if self._shared and self.ranks.wait():  # before, they do not wait yet
            self._stop()

    def end(self) -> None:
        self.ranks.finish()

    def failure_reason(self) -> str | None:
        return self.ranks.failure_reason()
