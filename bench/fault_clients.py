"""Clients come, command, stall, leave and are killed: the worker continues, and each receives the whole record once."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import tempfile
from collections.abc import Sequence
from pathlib import Path

from bench.fault_lab import Lab, check, record, wait_until
from bench.fault_watcher import Watcher
from namestui.runs import commands
from namestui.runs.events import EpochFinished, Predicted, State, StateChanged, encode
from namestui.runs.store import RunDirectory

STEPS = ("attach", "leave", "be killed", "be killed", "command", "command", "ask", "train on")


def clients_come_and_go(lab: Lab, steps: Sequence[str] = ()) -> None:
    """Random clients attach, leave, are killed, pause, resume and ask, in a random order; all see the same."""
    run = lab.create(100_000)
    pid = lab.start(run)
    wait_until(run.events_file.exists, "the worker has the run and its log")
    crowd = _Crowd(lab, run)
    try:
        crowd.attach()
        for step in steps or lab.draw.choices(STEPS, k=lab.draw.randint(4, 12)):
            crowd.take(step)
        crowd.stop()
        check(lab.zygote.wait(pid) == 0, "the worker did not end in order")
        crowd.check()
    finally:
        crowd.close()


class _Crowd:
    """The clients of one run: some in this process, some in processes that are killed in the middle of something."""

    def __init__(self, lab: Lab, run: RunDirectory) -> None:
        self._lab = lab
        self._run = run
        self._state: State = "running"
        self._watchers: list[Watcher] = []
        self._folder = Path(tempfile.mkdtemp(prefix="clients-"))
        self._killed: list[Path] = []

    def take(self, step: str) -> None:
        match step:
            case "attach":
                self.attach()
            case "leave" if len(self._watchers) > 1:
                self._watchers.pop(self._lab.draw.randrange(len(self._watchers))).__exit__(None, None, None)
            case "be killed":
                self._be_killed()
            case "command":
                self._command(commands.Resume if self._state == "paused" else commands.Pause)
            case "ask":
                watcher = self._anyone()
                answer = watcher.ask(commands.Predict(name="Abban"))
                check(isinstance(answer, Predicted), f"no answer: {answer}")
            case "train on" if self._state == "running":
                done = sum(isinstance(event, EpochFinished) for event in record(self._run))
                self._lab.wait_for_epoch(self._run, done + self._lab.draw.randint(1, 10))

    def attach(self) -> None:
        self._watchers.append(Watcher(self._lab.store, self._run))

    def stop(self) -> None:
        """One of them stops the run, and all receive it."""
        self._anyone().send(commands.Stop())
        for watcher in self._watchers:
            watcher.wait_for_state("stopped")
            watcher.wait_until_gone()

    def check(self) -> None:
        """Each received the record, or what of it came before its end, in order and once; so is one that comes late."""
        self.attach()
        self._watchers[-1].wait_until_gone()
        whole = record(self._run)
        check([event.seq for event in whole] == list(range(len(whole))), "seq has a gap")
        epochs = [event.epoch for event in whole if isinstance(event, EpochFinished)]
        check(epochs == list(range(1, len(epochs) + 1)), f"epochs: {epochs}")
        for watcher in self._watchers:
            check(watcher.logged() == whole, "a client received something twice, or not at all")
        lines = b"".join(map(encode, whole))
        for path in self._killed:
            check(lines.startswith(path.read_bytes()), "a client that was killed had received something else")

    def close(self) -> None:
        for watcher in self._watchers:
            watcher.__exit__(None, None, None)
        shutil.rmtree(self._folder)

    def _anyone(self) -> Watcher:
        return self._lab.draw.choice(self._watchers)

    def _command(self, make: type[commands.Pause | commands.Resume]) -> None:
        self._state = "paused" if make is commands.Pause else "running"
        before = sum(self._is_news(event) for event in record(self._run))
        self._anyone().send(make())
        for watcher in self._watchers:
            wait_until(
                lambda watcher=watcher: sum(map(self._is_news, watcher.logged())) > before,  # type: ignore[misc]
                f"all receive that the run is {self._state}",
            )

    def _is_news(self, event: object) -> bool:
        return isinstance(event, StateChanged) and event.state == self._state

    def _be_killed(self) -> None:
        """A client in a process of its own dies after it received a random number of bytes, more or less."""
        out = self._folder / str(len(self._killed))
        pid = self._lab.zygote.fork(home=str(self._lab.store.home), arguments=[self._run.id], client=str(out))
        self._killed.append(out)
        size = self._lab.draw.randrange(max(1, self._run.events_file.stat().st_size))
        wait_until(lambda: out.exists() and out.stat().st_size >= size, "a client receives the history")
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
        self._lab.zygote.wait(pid)
