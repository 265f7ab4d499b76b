"""Where faults are injected: a home of runs, workers of ``bench.fault_child``, and what a run must be in the end.

What is injected, and what has to hold afterwards, stands once, in ``bench/fault_*.py``; the tests inject each a few
times, ``python -m bench.faults`` many times.
"""

from __future__ import annotations

import contextlib
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import safetensors
import torch

from namestui.runs.config import RunConfig
from namestui.runs.eventlog import LogReader, read_events
from namestui.runs.events import Alert, EpochFinished, Logged, StateChanged, TestScored
from namestui.runs.store import RunDirectory, RunStore
from namestui.runs.summary import current_state

ROOT = Path(__file__).resolve().parents[1]
PATIENCE = 60.0
"""Seconds until something that has to happen is given up; nothing here depends on how long it takes."""
EPOCHS = 12
MODELS = ("rnn", "lstm", "gru")

_FILES = {"config.json", "events.jsonl", "confusion.bin", "last.pt", "previous.pt", "best.safetensors", "worker.json"}
_FILES |= {"worker.log", "lock", "socket", "events.damaged"}


class NotSurvivedError(AssertionError):
    """What had to hold after a fault does not; its text says what."""


def check(holds: bool, what: str) -> None:
    """Raise NotSurvivedError, saying what does not hold."""
    if not holds:
        raise NotSurvivedError(what)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What has to be equal, bit for bit, in runs of one config."""

    epochs: list[tuple[Any, ...]]
    test: tuple[Any, ...]
    best: dict[str, Any]
    matrices: bytes
    trainer: dict[str, Any]


class Lab:
    """A temporary home (or a given one), a small corpus, and a process that forks workers; kills them all at the end.

    ``draw`` decides everything that is random about the faults.
    """

    def __init__(self, seed: int = 0, home: Path | None = None, zygote: Zygote | None = None) -> None:
        self.draw = random.Random(seed)
        self._folder = Path(tempfile.mkdtemp(prefix="faults-"))
        self.store = RunStore(home or self._folder / "home")
        self.corpus = self._folder / "corpus"
        write_corpus(self.corpus)
        self._own = None if zygote else Zygote()
        self.zygote = zygote or self._own or Zygote()
        self._references: dict[RunConfig, Outcome] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.clear()
        if self._own:
            self._own.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    def clear(self) -> None:
        """Kill what still trains and remove all runs."""
        for run in self.store.all():
            self.kill(run)
            shutil.rmtree(run.path, ignore_errors=True)

    def create(self, epochs: int = EPOCHS, model: str = "", **changes: Any) -> RunDirectory:
        """A new run on the small corpus, of a random model where none is named; everything that draws numbers is on."""
        return self.store.create(self.config(epochs, model, **changes))

    def config(self, epochs: int = EPOCHS, model: str = "", **changes: Any) -> RunConfig:
        """What ``create`` makes a run of."""
        settings: dict[str, Any] = {
            "batch_size": 32,
            "learning_rate": 0.02,
            "weight_decay": 0.1,
            "hidden_size": 24,
            "dropout": 0.2,
            "letter_dropout": 0.1,
            "ema": 0.9,
            "device": "cpu",
        }
        chosen: Any = model or self.draw.choice(MODELS)
        return RunConfig(model=chosen, corpus=str(self.corpus), epochs=epochs, **{**settings, **changes})

    def start(self, run: RunDirectory, *arguments: str, fault: str = "", at: int = 1, **settings: float) -> int:
        """Start a worker and return its pid."""
        return self.zygote.fork(
            home=str(self.store.home), arguments=[run.id, *arguments], fault=fault, at=at, settings=settings
        )

    def finish(self, run: RunDirectory, *arguments: str, **settings: float) -> None:
        """Start a worker and wait until it has finished the run and is gone."""
        status = self.zygote.wait(self.start(run, *arguments, **settings))  # type: ignore[arg-type]
        tail = run.log_tail()
        check(status == 0, f"the worker ended with status {status}: {tail[-1] if tail else 'no word'}")
        check(current_state(run) == "finished", f"the run is {current_state(run)}, not finished")

    def kill(self, run: RunDirectory) -> None:
        """SIGKILL the worker of ``run``, if there is one, and wait until it is gone."""

        def gone() -> bool:
            info = run.worker()
            if run.is_locked() and info is not None and info.pid > 1:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(info.pid, signal.SIGKILL)
            return not run.is_locked()

        wait_until(gone, "the worker dies")

    def wait_for_log(self, run: RunDirectory, wanted: Callable[[Logged], bool], what: str) -> Logged:
        """Wait until the log holds an event that is wanted."""
        reader, found = LogReader(run.events_file), list[Logged]()

        def read() -> bool:
            found.extend(event for event in reader.read() if wanted(event))
            return bool(found)

        wait_until(read, what)
        return found[0]

    def wait_for_epoch(self, run: RunDirectory, epoch: int) -> None:
        """Wait until ``epoch`` is logged."""
        self.wait_for_log(
            run, lambda event: isinstance(event, EpochFinished) and event.epoch >= epoch, f"epoch {epoch}"
        )

    def reference(self, config: RunConfig) -> Outcome:
        """What a run of this config comes to when nothing disturbs it."""
        if config not in self._references:
            run = self.store.create(config)
            self.finish(run)
            self._references[config] = outcome(run)
        return self._references[config]

    def check_as_if_nothing_had_happened(self, run: RunDirectory, interruptions: int | None = None) -> None:
        """The finished run is what it would be without the fault, its log is whole, and nothing lies about."""
        expected, found = self.reference(run.config()), outcome(run)
        for name in ("epochs", "test", "best", "matrices", "trainer"):
            check(same(getattr(found, name), getattr(expected, name)), f"{name}: not as in an undisturbed run")
        events = record(run)
        check([event.seq for event in events] == list(range(len(events))), "seq has a gap")
        check(read_whole(run), "the log has lines that cannot be read")
        numbers = [event.epoch for event in events if isinstance(event, EpochFinished)]
        check(numbers == list(range(1, run.config().epochs + 1)), f"epochs in the log: {numbers}")
        if interruptions is not None:
            counted = sum(isinstance(event, StateChanged) and event.state == "interrupted" for event in events)
            check(counted == interruptions, f"the log has {counted} interruptions, not {interruptions}")
        check(not any("differently" in message for message in alerts(run)), "an epoch came out differently")
        extra = {path.name for path in run.path.iterdir()} - _FILES
        check(not extra, f"left over: {', '.join(sorted(extra))}")


class Zygote:
    """The process that forks workers (``bench.fault_child``)."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "bench.fault_child"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
            env={**os.environ, "OMP_NUM_THREADS": "1"},
        )

    def fork(self, **request: Any) -> int:
        """Start a worker and return its pid."""
        return self._ask(request)

    def wait(self, pid: int) -> int:
        """Wait until a worker has ended; its exit status, or minus the signal that killed it."""
        return self._ask({"wait": pid})

    def close(self) -> None:
        """End the process."""
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                stream.close()
        self._process.wait()

    def _ask(self, request: dict[str, Any]) -> int:
        stdin, stdout = self._process.stdin, self._process.stdout
        if stdin is None or stdout is None:
            raise RuntimeError("no pipes")
        stdin.write(json.dumps(request) + "\n")
        stdin.flush()
        return int(json.loads(stdout.readline()))


def wait_until(holds: Callable[[], bool], what: str) -> None:
    """Poll until it holds; raises NotSurvivedError once patience ends."""
    deadline = time.monotonic() + PATIENCE
    while not holds():
        check(time.monotonic() < deadline, f"waited {PATIENCE:.0f} s without success: {what}")
        time.sleep(0.002)


def record(run: RunDirectory) -> list[Logged]:
    """All events in the log."""
    return [event for chunk in read_events(run.events_file) for event in chunk]


def alerts(run: RunDirectory) -> list[str]:
    """The messages of the alerts in the log, but those about the curves, and that a worker was lost."""
    usual = {"worker", "over-fitting", "plateau", "never-predicted"}
    return [event.message for event in record(run) if isinstance(event, Alert) and event.topic not in usual]


def read_whole(run: RunDirectory) -> bool:
    """Whether every line of the log is an event in its place."""
    return run.events_file.read_bytes().count(b"\n") == len(record(run))


def outcome(run: RunDirectory) -> Outcome:
    """What a finished run came to."""
    events = record(run)
    scores = {
        (event.best_epoch, event.rows, event.accuracy, event.macro_f1)
        for event in events
        if isinstance(event, TestScored)
    }
    check(len(scores) == 1, f"{len(scores)} different test scores")
    return Outcome(
        epochs=[
            (
                event.epoch,
                event.train_loss,
                event.validation_loss,
                event.train_accuracy,
                event.validation_accuracy,
                event.macro_f1,
                event.learning_rate,
            )
            for event in events
            if isinstance(event, EpochFinished)
        ],
        test=scores.pop(),
        best=weights_of(run),
        matrices=run.confusion_file.read_bytes(),
        trainer=torch.load(run.last_checkpoint, weights_only=True)["trainer"],
    )


def weights_of(run: RunDirectory) -> dict[str, Any]:
    """Tensors and metadata of ``best.safetensors``, whose bytes have the metadata in any order."""
    with safetensors.safe_open(run.best_weights, framework="pt") as file:
        return {"metadata": file.metadata(), **{name: file.get_tensor(name) for name in file.keys()}}  # noqa: SIM118


def same(one: Any, other: Any) -> bool:
    """Whether two nested states are equal, tensors bit for bit."""
    if isinstance(one, torch.Tensor):
        return isinstance(other, torch.Tensor) and one.dtype == other.dtype and torch.equal(one, other)
    if isinstance(one, dict):
        return isinstance(other, dict) and one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    if isinstance(one, list | tuple):
        return len(one) == len(other) and all(map(same, one, other))
    return bool(one == other)


def write_corpus(folder: Path) -> None:
    """Three labels that sound different, 40 distinct names each."""
    folder.mkdir(parents=True)
    for label, syllables in (
        ("Abban", ("ab", "ban", "da", "a", "bad")),
        ("Kirik", ("ki", "rik", "il", "i", "kik")),
        ("Sumo", ("su", "mo", "uno", "o", "som")),
    ):
        draw, names = random.Random(label), set[str]()
        while len(names) < 40:
            name = "".join(draw.choice(syllables) for _ in range(draw.randint(1, 4)))
            if 2 <= len(name) <= 9:
                names.add(name.capitalize())
        (folder / f"{label}.txt").write_text("\n".join(sorted(names)) + "\n", encoding="utf-8")
