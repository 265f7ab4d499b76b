"""An engine without workers: it records what it is asked for, and delivers what a test wants delivered."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from namestui.engine.link.asking import NoAnswerError, RefusedError
from namestui.engine.link.engine import Engine
from namestui.engine.link.updates import Reply, Update, WorkerGone, WorkerSilent
from namestui.runs import commands, events
from namestui.runs.events import FORMAT, Example, PartCounts, Prediction, State
from namestui.runs.store import RunDirectory

LABELS = ("Abban", "Kirik", "Sumo")
NOW = 2e9
"""Seconds since 1970, later than the opening of any screen: alerts are news."""


class EventMaker:
    """Makes the events of one run, in the order in which a worker would."""

    def __init__(self, run: str) -> None:
        self.run = run
        self._seq = itertools.count()
        self.epochs = 0
        self.planned = 20

    def _logged(self) -> dict[str, Any]:
        seq = next(self._seq)
        return {"run": self.run, "time": NOW + seq, "seq": seq}

    def run_started(self, model: str = "rnn", epochs: int = 20, labels: Sequence[str] = LABELS) -> events.RunStarted:
        """First of all events; 800 training names."""
        self.planned = epochs
        part = PartCounts(rows=90, by_class=[30] * len(labels))
        return events.RunStarted(
            **self._logged(),
            format=FORMAT,
            config={"model": model, "epochs": epochs, "corpus": "bundled", "split": "grouped", "seed": 0},
            classes=list(labels),
            alphabet="abc",
            train=PartCounts(rows=800, by_class=[400] * len(labels)),
            validation=part,
            test=part,
            majority_baseline=0.5,
            corpus_fingerprint="0" * 64,
            corpus_summary=["3 names had accents or edge spaces removed"],
            parameters=12_345,
            model_text="RNN(\n  (i2h): Linear(in_features=185, out_features=128, bias=True)\n)",
            device="cpu",
        )

    def epoch(self, number: int | None = None, **changes: Any) -> events.EpochFinished:
        """The next epoch, or this one; it learns a little each time."""
        self.epochs = self.epochs + 1 if number is None else number
        share = self.epochs / (self.epochs + 3)
        fields: dict[str, Any] = {
            "epoch": self.epochs,
            "train_loss": 2 * (1 - share) + 0.1,
            "validation_loss": 2 * (1 - share) + 0.2,
            "train_accuracy": share,
            "validation_accuracy": 0.9 * share,
            "macro_f1": 0.5,
            "learning_rate": 0.01,
            "seconds": 1.5,
            "names_per_second": 14_800.0,
        }
        return events.EpochFinished(**self._logged(), **{**fields, **changes})

    def state(self, state: State, reason: str = "") -> events.StateChanged:
        return events.StateChanged(**self._logged(), state=state, reason=reason, epoch=self.epochs, batch=0)

    def planned_epochs(self, epochs: int) -> events.EpochsPlanned:
        self.planned = epochs
        return events.EpochsPlanned(**self._logged(), epochs=epochs)

    def saved(self) -> events.CheckpointSaved:
        return events.CheckpointSaved(**self._logged(), epoch=self.epochs, batch=0)

    def alert(
        self, message: str, level: events.AlertLevel = "warning", *, topic: str = "", epoch: int | None = None
    ) -> events.Alert:
        return events.Alert(**self._logged(), message=message, level=level, topic=topic, epoch=epoch)

    def probed(self, epoch: int) -> events.Probed:
        """On 64 names; what was seen is left out."""
        return events.Probed(
            **self._logged(),
            epoch=epoch,
            names=64,
            accuracy=0.5,
            by_length=[],
            by_ending=[],
            gradients=[],
            last_gradient=None,
            spectral_radius=None,
            gates=[],
            contributions=[],
            seconds=0.1,
        )

    def scored(self, accuracy: float = 0.8) -> events.TestScored:
        low, high = max(accuracy - 0.02, 0.0), min(accuracy + 0.02, 1.0)
        return events.TestScored(
            **self._logged(), best_epoch=1, rows=90, accuracy=accuracy, low=low, high=high, macro_f1=0.5
        )

    # What is not logged

    def greeting(self, state: State = "running") -> events.Greeting:
        return events.Greeting(run=self.run, time=NOW, format=FORMAT, next_seq=0, state=state)

    def progress(self, batch: int, batches: int = 113, rate: float = 14_800.0) -> events.Progress:
        return events.Progress(
            run=self.run,
            time=NOW,
            epoch=self.epochs + 1,
            batch=batch,
            batches=batches,
            loss=1.0,
            names_per_second=rate,
        )

    def notice(self, message: str) -> events.Notice:
        return events.Notice(run=self.run, time=NOW, message=message)

    def machine(self, at: float = 0.0, *, seconds: float = 2.0, **figures: float) -> events.Machine:
        """A sample of a box of 16 cores with one GPU, ``at`` seconds after the beginning."""
        gpu: dict[str, Any] = {name: figures.pop(name, None) for name in ("use", "temperature", "power")}
        return events.Machine(
            run=self.run,
            time=NOW + at,
            seconds=seconds,
            cores=16.0,
            memory_total=68_719_476_736,
            disk_total=500_000_000_000,
            gpus=[
                events.GpuUse(
                    index=0,
                    name="NVIDIA RTX A5000",
                    memory=21_000_000_000,
                    memory_total=25_000_000_000,
                    power_limit=350,
                    **gpu,
                )
            ],
            **figures,  # type: ignore[arg-type]
        )

    def confusion(self, matrix: Sequence[Sequence[int]] = ((28, 1, 1), (3, 26, 1), (0, 7, 23))) -> events.Confusion:
        return events.Confusion(run=self.run, time=NOW, epoch=self.epochs, matrix=[list(row) for row in matrix])

    def predicted(
        self, request: str, name: str, shares: Mapping[str, float], *, read: str = "", dropped: str = ""
    ) -> events.Predicted:
        """``shares`` in the order in which they are told."""
        found = [Prediction(label=label, probability=share) for label, share in shares.items()]
        return events.Predicted(
            run=self.run, time=NOW, request=request, name=name, read=read or name, dropped=dropped, predictions=found
        )

    def examples(self, request: str, names: Sequence[str], *, total: int | None = None) -> events.Examples:
        found = [Example(name=name, probability=0.9 - 0.01 * i) for i, name in enumerate(names)]
        return events.Examples(
            run=self.run,
            time=NOW,
            request=request,
            true=0,
            predicted=1,
            examples=found,
            total=len(names) if total is None else total,
        )

    def refused(self, request: str, reason: str) -> events.Refused:
        return events.Refused(run=self.run, time=NOW, request=request, reason=reason)

    def accepted(self, request: str) -> events.Accepted:
        return events.Accepted(run=self.run, time=NOW, request=request)

    def metrics(self, epoch: int, step: int = 0, **values: float | None) -> events.Metrics:
        """Double underscores in a name stand for a slash."""
        named = {name.replace("__", "/"): value for name, value in values.items()}
        return events.Metrics(**self._logged(), epoch=epoch, step=step, values=named)

    def silent(self, message: str) -> WorkerSilent:
        return WorkerSilent(run=self.run, message=message)

    def gone(self, reason: str = "the worker vanished", log_tail: Sequence[str] = ()) -> WorkerGone:
        return WorkerGone(run=self.run, reason=reason, log_tail=list(log_tail))


class FakeEngine(Engine):
    """An engine without workers: nothing happens but what a test delivers."""

    def __init__(self) -> None:
        self.queue: asyncio.Queue[list[Update]] = asyncio.Queue()
        self.opened: list[str] = []
        self.started: list[str] = []
        self.jobs: list[int] = []
        """Of each call of ``start``."""
        self.resumed: list[str] = []
        self.asked: list[tuple[str, commands.Command]] = []
        """All that was asked, with the requests that they were given."""
        self.closed = False
        self.closed_runs: list[str] = []
        self.refusal: Exception | None = None
        """Raised by the next ``resume``."""
        self._requests = itertools.count(1)
        self._waiting: dict[str, tuple[str, asyncio.Future[Reply]]] = {}
        self._makers: dict[str, EventMaker] = {}

    def open(self, run: RunDirectory) -> None:
        self.opened.append(run.id)

    def start(self, *runs: RunDirectory, jobs: int = 0) -> None:
        self.started += [run.id for run in runs]
        self.jobs.append(jobs)

    async def resume(self, run: RunDirectory) -> None:
        if self.refusal is not None:
            raise self.refusal
        self.resumed.append(run.id)

    async def _ask(self, run_id: str, command: commands.AnyCommand) -> Reply:
        request = f"fake-{next(self._requests)}"
        self.asked.append((run_id, msgspec.structs.replace(command, request=request)))
        future: asyncio.Future[Reply] = asyncio.get_running_loop().create_future()
        self._waiting[request] = run_id, future
        try:
            return await future
        finally:
            del self._waiting[request]

    async def close(self, *run_ids: str) -> None:
        self.closed = self.closed or not run_ids
        self.closed_runs += run_ids

    # For tests

    def maker(self, run_id: str) -> EventMaker:
        """The one maker of this run's events."""
        return self._makers.setdefault(run_id, EventMaker(run_id))

    def deliver(self, *arrivals: Update | Reply | events.Refused) -> None:
        """Updates as one batch; an answer goes to who waits for it, if anybody does, as the real client's do."""
        updates: list[Update] = []
        for one in arrivals:
            if isinstance(one, Reply | events.Refused):
                _, future = self._waiting.get(one.request, ("", None))
                if future is not None and not future.done():
                    _settle(future, one)
            else:
                updates.append(one)
                if isinstance(one, WorkerGone):
                    for run_id, future in self._waiting.values():
                        if run_id == one.run and not future.done():
                            future.set_exception(NoAnswerError(one.reason))
        if updates:
            self.queue.put_nowait(updates)

    def waiting(self, run_id: str | None = None) -> list[str]:
        """The requests that still wait for an answer, of one run or of all."""
        return [request for request, (run, _) in self._waiting.items() if run_id in (None, run)]

    def kinds(self, run_id: str | None = None) -> list[str]:
        """Names of what was asked, of one run or of all."""
        return [type(command).__name__ for run, command in self.asked if run_id in (None, run)]

    def last(self, kind: type[commands.Command], run_id: str | None = None) -> Any:
        """The newest command of this kind."""
        return [command for run, command in self.asked if isinstance(command, kind) and run_id in (None, run)][-1]


def _settle(future: asyncio.Future[Reply], answer: Reply | events.Refused) -> None:
    if isinstance(answer, events.Refused):
        future.set_exception(RefusedError(answer.reason))
    else:
        future.set_result(answer)
