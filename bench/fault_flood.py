"""Much at once: a flood of events, clients that do not read, a very long log."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from bench.fault_lab import EPOCHS, Lab, check, record, wait_until
from bench.fault_watcher import Watcher
from namestui.engine.recording.recorder import Recorder
from namestui.engine.recording.server import BUFFER_LIMIT, Server
from namestui.runs.commands import Predict, Stop
from namestui.runs.commands import encode as encode_command
from namestui.runs.events import (
    Alert,
    CheckpointSaved,
    EpochFinished,
    LoggedEvent,
    PartCounts,
    RunStarted,
    StateChanged,
    TestScored,
    encode,
)
from namestui.runs.history import History
from namestui.runs.sockets import address, socket_path
from namestui.runs.store import RunDirectory, RunLock
from namestui.runs.summary import summarise

FLOOD = 5000
LONG = 200_000


def flood_of_events(lab: Lab) -> None:
    """5,000 events as fast as they can be logged, far over 1,000 a second: each client receives all, in order.

    A client that reads nothing is dropped beyond its buffer while the one that publishes never waits; one whose loop
    stands still meanwhile comes back and reads what it missed from the file.
    """
    run = lab.create()
    with recording(run) as (server, recorder), Watcher(lab.store, run) as reading, Watcher(lab.store, run) as stalled:
        for watcher in (reading, stalled):
            watcher.wait_until_connected()
        coming: list[Watcher] = []
        awake = threading.Event()
        stalled.block_until(awake)
        deaf = socket.socket(socket.AF_UNIX)
        with address(socket_path(run.path)) as name:
            deaf.connect(name)
        wait_until(lambda: server.clients == 3, "three clients")
        try:
            size = lab.draw.randrange(400, 600)
            moments = {lab.draw.randrange(FLOOD) for _ in range(3)}
            for number in range(FLOOD):
                if number in moments:
                    coming.append(Watcher(lab.store, run))
                recorder.log(Alert(message="x" * size))
            wait_until(lambda: server.clients == 1 + len(coming), "those that do not read are dropped")
            reading.wait_for_count(FLOOD)
            check(reading.logged() == record(run), "the client that reads did not receive everything in order")
        finally:
            awake.set()
        stalled.wait_for_count(FLOOD)
        check(stalled.logged() == record(run), "the client that stalled did not receive everything in order")
        check(_drained(deaf) < FLOOD * size, "the client that reads nothing was sent everything")
        for late in [*coming, Watcher(lab.store, run)]:
            with late:
                late.wait_for_count(FLOOD)
                check(late.logged() == record(run), "a client that comes later did not receive everything in order")
    check(FLOOD * size > BUFFER_LIMIT, "not a flood")


def flood_of_questions(lab: Lab) -> None:
    """20,000 questions in one write, by clients that come and go: another client's stop is obeyed at once."""
    run = lab.create(10 * EPOCHS, "lstm")
    pid = lab.start(run, save_after=5.0)
    lab.wait_for_epoch(run, lab.draw.randint(1, EPOCHS))
    flood = b"".join(encode_command(Predict(request=str(number), name="Abban")) for number in range(20_000))
    for _ in range(lab.draw.randint(1, 3)):
        with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX) as asking:
            with address(socket_path(run.path)) as name:
                asking.connect(name)
            asking.settimeout(0.5)
            asking.sendall(flood)  # cut off where nobody reads the answers
    with Watcher(lab.store, run) as watcher:
        watcher.wait_until_connected()
        watcher.send(Stop())
        watcher.wait_for_state("stopped")
    check(lab.zygote.wait(pid) == 0, "the worker did not end in order")
    lab.finish(run, save_after=5.0)
    lab.check_as_if_nothing_had_happened(run, interruptions=0)


def very_long_log(lab: Lab) -> None:
    """200,000 logged epochs: the list and a client that opens the run get all of it."""
    run = lab.create(LONG, "rnn")
    write_long_log(run, LONG)
    row = summarise(run)
    check((row.state, row.epoch, row.error) == ("finished", LONG, ""), f"the list says {row}")
    with Watcher(lab.store, run) as watcher:
        watcher.wait_until_gone()
        received = watcher.logged()
    check([event.seq for event in received] == list(range(len(received))), "seq has a gap")
    epochs = [event.epoch for event in received if isinstance(event, EpochFinished)]
    check(epochs == list(range(1, LONG + 1)), "not every epoch was received, once and in order")


def write_long_log(run: RunDirectory, epochs: int, classes: int = 3) -> None:
    """The log of a run that has trained ``epochs`` epochs, with plausible curves, and its last matrix."""
    labels = [f"Label{number}" for number in range(classes)]
    part = PartCounts(rows=classes, by_class=[1] * classes)
    with run.events_file.open("wb") as file:
        file.write(encode(run_started(run, labels, part)))
        for epoch in range(1, epochs + 1):
            loss = 0.5 + 2.0 / (1 + 20 * epoch / epochs) + 0.01 * (epoch * 7919 % 13)
            file.write(encode(epoch_finished(run, epoch, loss)))
        for event in _end(run, epochs):
            file.write(encode(event))
    run.confusion(classes).put(
        epochs, [[5 + (row == column) * 50 for column in range(classes)] for row in range(classes)]
    )


def run_started(run: RunDirectory, labels: list[str], part: PartCounts) -> RunStarted:
    """The first event of a run of the bundled corpus, of which nothing but ``labels`` matters."""
    return RunStarted(
        time=0.0,
        run=run.id,
        seq=0,
        format=1,
        config={
            "model": run.config().model,
            "epochs": run.config().epochs,
            "corpus": "bundled",
            "split": "grouped",
            "seed": 0,
        },
        classes=labels,
        alphabet="ab",
        train=part,
        validation=part,
        test=part,
        majority_baseline=0.3,
        corpus_fingerprint="",
        corpus_summary=[],
        parameters=1,
        model_text="RNN()",
        device="cpu",
    )


def epoch_finished(run: RunDirectory, epoch: int, loss: float) -> EpochFinished:
    """An epoch after so much training, with what follows from its ``loss``."""
    return EpochFinished(
        time=float(epoch),
        run=run.id,
        seq=epoch,
        epoch=epoch,
        train_loss=loss,
        validation_loss=1.1 * loss,
        train_accuracy=1 / (1 + loss),
        validation_accuracy=0.9 / (1 + loss),
        macro_f1=0.5,
        learning_rate=0.01,
        seconds=1.0,
        names_per_second=1000.0,
    )


def _end(run: RunDirectory, epochs: int) -> list[LoggedEvent]:
    time, at = float(epochs), {"epoch": epochs, "batch": 0}
    return [
        CheckpointSaved(time=time, run=run.id, seq=epochs + 1, epochs=epochs, best_accuracy=0.6, **at),
        TestScored(
            time=time,
            run=run.id,
            seq=epochs + 2,
            best_epoch=epochs,
            rows=100,
            accuracy=0.6,
            low=0.5,
            high=0.7,
            macro_f1=0.5,
        ),
        StateChanged(time=time, run=run.id, seq=epochs + 3, state="finished", reason="", **at),
    ]


@contextmanager
def recording(run: RunDirectory) -> Iterator[tuple[Server, Recorder]]:
    """A server and a recorder as a worker has them, in this process."""
    lock = RunLock(run)
    server = Server(socket_path(run.path), run.id, 0, "running")
    server.start()
    recorder = Recorder(run, server, History())
    try:
        yield server, recorder
    finally:
        recorder.close()
        server.stop()
        lock.release()


def _drained(connection: socket.socket) -> int:
    """Bytes that had been sent before the connection was cut."""
    count = 0
    with connection:
        try:
            while data := connection.recv(1 << 16):
                count += len(data)
        except ConnectionResetError:
            pass
    return count
