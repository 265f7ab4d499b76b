"""A session in the test's own process, that is given orders at the ends of epochs."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

from namestui.engine.recording.recorder import Recorder
from namestui.engine.recording.requests import Request
from namestui.engine.recording.server import Server
from namestui.engine.training.trainer import EpochDone, Trainer
from namestui.engine.worker.session import TrainingSession
from namestui.runs import commands
from namestui.runs.events import StateChanged
from namestui.runs.history import History
from namestui.runs.store import RunDirectory
from tests.watching import record_of


@dataclasses.dataclass
class Answer:
    """What an order was answered, and the last event of the record by then."""

    kind: str
    reason: str
    after: str


class Scripted(TrainingSession):
    """A session in this process that is given orders after epochs: ``script[epoch]``."""

    def __init__(self, run: RunDirectory, script: dict[int, list[commands.AnyCommand]]) -> None:
        self.run = run
        self.server = Server(run.path / "socket", run.id, 0, "starting")
        history = History.read(run)
        self.recorder = Recorder(run, self.server, history)
        super().__init__(run, self.recorder, self.server, history)
        self.script = script
        self.answers: dict[str, Answer] = {}

    def order(self, *orders: commands.AnyCommand) -> None:
        for command in orders:
            self.server.requests.put(Request(command, self._taker(command.request)))

    def _taker(self, request: str) -> Callable[[Any], None]:
        def take(answer: Any) -> None:
            assert request not in self.answers  # each is answered once
            assert answer.request == request
            last = record_of(self.run)[-1]
            after = last.state if isinstance(last, StateChanged) else type(last).__name__
            self.answers[request] = Answer(type(answer).__name__, getattr(answer, "reason", ""), after)

        return take

    def _after(self, trainer: Trainer, step: Any) -> None:
        if isinstance(step, EpochDone):
            self.order(*self.script.pop(step.epoch, []))
        super()._after(trainer, step)
