"""What a worker answers: while it trains, when it has ended, and to what is no command."""

from __future__ import annotations

import asyncio
import os
import signal
import socket

import pytest

from namestui.engine.recording.recorder import Recorder
from namestui.engine.recording.requests import Request
from namestui.engine.recording.server import Server
from namestui.engine.worker import answering
from namestui.engine.worker.session import TrainingSession
from namestui.runs import commands, events
from namestui.runs.events import Refused
from namestui.runs.history import History
from namestui.runs.sockets import address, socket_path
from namestui.runs.store import RunDirectory, RunStore
from tests.watching import PATIENCE, Create, Watch, epochs_of, freed, pid_of, record_of, state_of


async def test_questions_to_a_live_and_to_an_ended_run(store: RunStore, watch: Watch, create: Create) -> None:
    run = create(60, "lstm")
    watch.client.start(run)
    await watch.until_epoch(1)
    answer = await watch.ask(run, commands.Predict(name=" Bádban-"))
    assert (answer.name, answer.read, answer.dropped) == (" Bádban-", "Badban", "-")
    assert {prediction.label for prediction in answer.predictions} == {"Abban", "Kirik", "Sumo"}
    shares = [prediction.probability for prediction in answer.predictions]
    assert shares == sorted(shares, reverse=True)
    assert sum(shares) == pytest.approx(1, abs=1e-5)
    assert "alphabet" in str(await watch.ask(run, commands.Predict(name="王")))
    assert "letters" in str(await watch.ask(run, commands.Predict(name="a" * 500)))
    await watch.until_state("finished")
    by_finished = await watch.ask(run, commands.Predict(name="Badban"))
    # GIVEN that the worker is gone
    os.kill(pid_of(run), signal.SIGKILL)
    await freed(run)
    record = run.events_file.read_bytes()
    # WHEN another client asks THEN a process answers by the same weights, and the record does not change
    other = Watch(store)
    other.client.open(run)
    by_server = await other.ask(run, commands.Predict(name="Badban"))
    assert by_server.predictions == by_finished.predictions
    assert by_server.predictions[0].label == "Abban"
    matrix = run.confusion(3).of(record_best_epoch(run))
    assert matrix is not None
    examples = await other.ask(run, commands.ListExamples(true=0, predicted=0))
    assert examples.total == len(examples.examples) == matrix[0][0]
    assert "numbered 0 to 2" in str(await other.ask(run, commands.ListExamples(true=0, predicted=3)))
    assert "ended" in str(await other.ask(run, commands.Pause()))
    assert run.events_file.read_bytes() == record
    assert state_of(run) == "finished"
    # AND it trains on where it is extended
    assert isinstance(await other.ask(run, commands.Extend(epochs=3)), events.Accepted)
    await other.until_state("finished")
    assert [event.epoch for event in epochs_of(run)] == list(range(1, 64))
    await other.client.close()


def record_best_epoch(run: RunDirectory) -> int:
    return next(event.best_epoch for event in record_of(run) if isinstance(event, events.TestScored))


async def test_what_is_no_command_is_refused(watch: Watch, create: Create) -> None:
    run = create()
    watch.client.start(run)
    await watch.until_epoch(1)
    connection = socket.socket(socket.AF_UNIX)
    with address(socket_path(run.path)) as name:
        connection.connect(name)
    reader, writer = await asyncio.open_unix_connection(sock=connection)

    # GIVEN a greeting, which names the first event of the record that follows it
    greeting = events.decode(await reader.readline())
    assert isinstance(greeting, events.Greeting)
    assert (greeting.format, greeting.state) == (events.FORMAT, "running")
    async with asyncio.timeout(PATIENCE):
        while not isinstance(first := events.decode(await reader.readline()), events.LoggedEvent):
            pass
    assert first.seq == greeting.next_seq

    async def answer() -> Refused | events.Accepted:
        async with asyncio.timeout(PATIENCE):
            while not isinstance(told := events.decode(await reader.readline()), Refused | events.Accepted):
                pass
        return told

    for line in (b"hello", b"", b"\xff\xfe", b'{"kind":"reboot","request":"7"}', b"{" * 9, b'{"a":' + b"[" * 50_000):
        writer.write(line + b"\n")
        refused = await answer()
        assert isinstance(refused, Refused)
        assert refused.request == ""
        assert "not a command" in refused.reason
    # AND the connection is as good as before
    writer.write(commands.encode(commands.Resume(request="mine")))
    accepted = await answer()
    assert isinstance(accepted, events.Accepted)  # it is running already
    assert accepted.request == "mine"
    writer.close()
    # AND a line that never ends costs its sender the connection, nobody else
    connection = socket.socket(socket.AF_UNIX)
    with address(socket_path(run.path)) as name:
        connection.connect(name)
    reader, writer = await asyncio.open_unix_connection(sock=connection)
    writer.write(b"x" * 200_000)
    async with asyncio.timeout(PATIENCE):
        await reader.read()
    writer.close()
    await watch.until_epoch(len(epochs_of(run)) + 1)


def test_a_question_that_goes_wrong_does_not_end_the_run(
    create: Create, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    # GIVEN a worker whose answers raise something that nobody has thought of
    run = create(1)
    server = Server(run.path / "socket", run.id, 0, "finished")
    session = TrainingSession(run, Recorder(run, server, history := History.read(run)), server, history)
    monkeypatch.setattr(answering, "load_best", lambda _run: 1 / 0)
    answers: list[events.Event] = []

    def take(answer: events.Event) -> None:
        answers.append(answer)
        server.requests.put_own(commands.Stop())

    # WHEN it is asked
    server.requests.put(Request(commands.Predict(request="1", name="Abban"), take))
    session.serve()
    # THEN the question is refused with the reason, and its traceback goes to the worker's log
    assert [type(answer) for answer in answers] == [Refused]
    assert "ZeroDivisionError: division by zero" in answers[0].reason
    assert "Traceback" in capsys.readouterr().err
