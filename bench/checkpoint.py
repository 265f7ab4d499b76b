"""What checkpoints cost, and how fast a pause is acknowledged. Bundled corpus, default recipes, one torch thread.

Cost: a whole run by ``engine.worker`` in this process, at its own policy (the end of an epoch 5 s or more after the
last checkpoint, the middle of one after 25 s, and the end), on a real disk with fsync; the time inside each save is
measured and given as percent of the run's training seconds. Once with the default epochs, once with enough for about
30 s of training. Models take turns.

Pause: ms from writing ``pause`` to a real worker's socket until its ``state_changed`` to paused has arrived; the worker
trains at the default batch size and is paused at random moments. Resuming, the same, and how long the checkpoint
after a pause keeps the worker from obeying.

    python -m bench.checkpoint [--pauses 30]
"""

from __future__ import annotations

import random
import socket
import time
from collections.abc import Iterator
from contextlib import closing

import torch

from bench import output
from bench.homes import temporary_home
from namestui.engine.link.launch import launch
from namestui.engine.recording.recorder import Recorder
from namestui.engine.recording.server import Server
from namestui.engine.training.trainer import Trainer
from namestui.engine.worker.session import TrainingSession
from namestui.runs import commands, events
from namestui.runs.eventlog import read_events
from namestui.runs.history import History
from namestui.runs.models import reported
from namestui.runs.recipes import make_config
from namestui.runs.sockets import address, socket_path
from namestui.runs.store import RunDirectory, RunStore

LONG = {"rnn": 160, "lstm": 24}
"""Epochs that take about 30 s."""


class TimedSession(TrainingSession):
    """A session whose saves are timed, and that does not wait for questions in the end."""

    def __init__(self, run: RunDirectory, recorder: Recorder, server: Server, history: History) -> None:
        super().__init__(run, recorder, server, history)
        self.saves: list[float] = []
        self._save = self.journal.save
        self.journal.save = self._timed_save  # type: ignore[method-assign]

    def _timed_save(self, trainer: Trainer) -> bool:
        started = time.perf_counter()
        saved = self._save(trainer)
        self.saves.append(time.perf_counter() - started)
        return saved

    def _answer_until_idle(self) -> bool:
        return False


def saves(store: RunStore, model: str, epochs: int) -> dict[str, output.Cell]:
    """Train one run to its end; what its saves cost."""
    run = store.create(make_config(model, epochs=epochs, device="cpu"))
    history = History.read(run)
    server = Server(socket_path(run.path), run.id, 0, "starting")
    server.start()
    recorder = Recorder(run, server, history)
    session = TimedSession(run, recorder, server, history)
    try:
        session.train()
    finally:
        recorder.close()
        server.stop()
    logged = [event for chunk in read_events(run.events_file) for event in chunk]
    seconds = sum(event.seconds for event in logged if isinstance(event, events.EpochFinished))
    return {
        "model": model,
        "epochs": epochs,
        "training s": seconds,
        "saves": len(session.saves),
        "ms a save": 1000 * output.middle(session.saves),
        "max ms": 1000 * max(session.saves),
        "MB": run.last_checkpoint.stat().st_size / 1e6,
        "% of training": 100 * sum(session.saves) / seconds,
    }


def cost(repetitions: int) -> output.Table:
    """Medians over repetitions, the models in turns."""
    plans = [(model, epochs) for model in reported() for epochs in (make_config(model).epochs, LONG[model])]
    found: dict[tuple[str, int], list[dict[str, output.Cell]]] = {plan: [] for plan in plans}
    for _ in range(repetitions):
        for model, epochs in plans:
            with temporary_home() as store:
                found[model, epochs].append(saves(store, model, epochs))
    rows = [_median_row(each) for each in found.values()]
    worst = max(float(row["% of training"] or 0) for row in rows)
    verdict = f"target: under 1 %: {worst:.2f} %, {'met' if worst < 1 else 'MISSED'}"
    return output.Table("checkpoints at the session's policy", rows, [verdict, f"medians of {repetitions} repetitions"])


def pauses(model: str, count: int) -> dict[str, output.Cell]:
    """Pause and resume a real worker ``count`` times."""
    draw = random.Random(0)
    with temporary_home() as store:
        run = store.create(make_config(model, epochs=100_000, device="cpu"))
        launch(store, run)
        with closing(connect(run)) as connection:
            states = reported_states(connection)
            while next(states) != "running":
                pass
            paused: list[float] = []
            resumed: list[float] = []
            for _ in range(count):
                time.sleep(draw.uniform(0.1, 0.4))
                paused.append(answered(connection, states, commands.Pause, "paused"))
                resumed.append(answered(connection, states, commands.Resume, "running"))
    return {
        "model": model,
        "pauses": count,
        "median ms": output.middle(paused),
        "90 % ms": output.percentile(paused, 0.9),
        "max ms": max(paused),
        "resume at once, median ms": output.middle(resumed),
    }


def connect(run: RunDirectory) -> socket.socket:
    """A connection to the run's worker, as soon as it listens."""
    while True:
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            with address(socket_path(run.path)) as name:
                connection.connect(name)
            return connection
        except OSError:
            connection.close()
            time.sleep(0.02)


def reported_states(connection: socket.socket) -> Iterator[str]:
    """The states that a worker reports: its greeting's first."""
    for line in connection.makefile("rb"):
        event = events.decode(line)
        if isinstance(event, events.Greeting | events.StateChanged):
            yield event.state


def answered(connection: socket.socket, states: Iterator[str], make: type[commands.Command], state: str) -> float:
    """Milliseconds from sending a command until the worker says that it is in ``state``."""
    started = time.perf_counter()
    connection.sendall(commands.encode(make(request="bench")))
    while next(states) != state:
        pass
    return 1000 * (time.perf_counter() - started)


def _median_row(rows: list[dict[str, output.Cell]]) -> dict[str, output.Cell]:
    return {
        name: output.middle([float(row[name] or 0) for row in rows]) if isinstance(value, float) else value
        for name, value in rows[0].items()
    }


def main() -> None:
    """Measure costs, then pauses."""
    parser = output.parser(__doc__)
    parser.add_argument("--repetitions", type=int, default=3, help="repetitions of the cost")
    parser.add_argument("--pauses", type=int, default=30, help="pauses of each model")
    options = parser.parse_args()
    torch.set_num_threads(1)
    tables = [cost(options.repetitions)]
    rows = [pauses(model, options.pauses) for model in reported()]
    worst = max(float(row["median ms"] or 0) for row in rows)
    verdict = f"target: median at most 100 ms: {worst:.0f} ms, {'met' if worst <= 100 else 'MISSED'}"
    tables.append(output.Table("pause, sent until acknowledged", rows, [verdict]))
    output.emit("checkpoint", tables, as_json=options.json)


if __name__ == "__main__":
    main()
