"""Serving clients: what comes first, how much may wait, and that nothing they do harms the run."""

from __future__ import annotations

import contextlib
import os
import resource
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO

import pytest

from namestui.engine.recording import server as serving
from namestui.engine.recording.requests import MAX_WAITING, Request, Requests
from namestui.engine.recording.server import Server
from namestui.runs import commands, events
from namestui.runs.events import Greeting, Notice, Refused
from tests.watching import PATIENCE, connected


class Client:
    """One connection; ``read`` gives the next event."""

    def __init__(self, path: Path) -> None:
        self.socket = connected(path)
        self._lines: IO[bytes] = self.socket.makefile("rb")

    def read(self) -> events.AnyEvent:
        return events.decode(self._lines.readline())

    def is_closed(self) -> bool:
        return self._lines.readline() == b""

    def send(self, *sent: commands.Command) -> None:
        self.socket.sendall(b"".join(map(commands.encode, sent)))

    def close(self) -> None:
        self._lines.close()
        self.socket.close()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    server = Server(tmp_path / "socket", "a-run", 0, "running")
    server.start()
    yield server
    server.stop()


@pytest.fixture
def client(server: Server, tmp_path: Path) -> Iterator[Client]:
    client = Client(tmp_path / "socket")
    assert isinstance(client.read(), Greeting)
    until(lambda: server.clients == 1)
    yield client
    client.close()


def questions(count: int) -> list[commands.Command]:
    return [commands.Predict(request=str(number), name="Abban") for number in range(count)]


def until(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_orders_come_before_questions_and_stop_before_all() -> None:
    requests = Requests()
    for command in (
        commands.Predict(request="1", name="Abban"),
        commands.Pause(request="2"),
        commands.ListExamples(request="3", true=0, predicted=0),
        commands.Resume(request="4"),
        commands.Stop(request="5"),
    ):
        requests.put(Request(command, lambda _: None))
    requests.put_own(commands.Checkpoint())
    assert requests.holds(commands.Pause)
    assert not requests.holds(commands.Extend)
    found = []
    while (request := requests.next(0)) is not None:
        found.append(type(request.command).__name__)
    assert found == ["Checkpoint", "Stop", "Pause", "Resume", "Predict", "ListExamples"]


def test_a_flood_of_questions_is_bounded_and_lets_stop_through(server: Server, client: Client) -> None:
    # GIVEN a client that asks 20,000 times in one write, and then orders a stop
    client.send(*questions(MAX_WAITING), commands.Stop(request="never"))
    refused = client.read()
    assert isinstance(refused, Refused)
    assert (refused.request, refused.reason) == ("never", f"{MAX_WAITING} commands wait for their answers already")
    # THEN no more than so many wait, another client's orders are taken, and come first
    other = Client(Path(server._path))
    assert isinstance(other.read(), Greeting)
    other.send(commands.Stop(request="now"))
    until(lambda: server.requests.holds(commands.Stop))
    first = server.requests.next(0)
    assert first is not None
    assert isinstance(first.command, commands.Stop)
    # AND each answer makes room for another question
    question = server.requests.next(0)
    assert question is not None
    question.refuse("no")
    answer = client.read()
    assert isinstance(answer, Refused)
    assert (answer.request, answer.reason, answer.run) == ("0", "no", "a-run")
    client.send(commands.Predict(request="again", name="Abban"))
    for _ in range(MAX_WAITING):
        question = server.requests.next(PATIENCE)
        assert question is not None
    assert question.command.request == "again"
    assert server.requests.next(0) is None
    other.close()


def test_what_a_client_wanted_to_know_goes_with_it_and_its_orders_stay(server: Server, client: Client) -> None:
    client.send(*questions(MAX_WAITING - 1), commands.Stop(request="stop"))
    until(lambda: server.requests.holds(commands.Stop))
    client.close()
    until(lambda: not server.clients)
    order = server.requests.next(PATIENCE)
    assert order is not None
    assert isinstance(order.command, commands.Stop)
    order.accept()  # to nobody
    assert server.requests.next(0) is None


def test_a_client_that_does_not_read_is_dropped_and_holds_up_no_other(
    server: Server, client: Client, tmp_path: Path
) -> None:
    # GIVEN a client that reads, and one that has stopped reading
    stalled = Client(tmp_path / "socket")
    until(lambda: server.clients == 2)
    # WHEN more is sent than may wait for one client
    size = 50_000
    for number in range(3 * serving.BUFFER_LIMIT // size):
        server.publish(Notice(time=0.0, run="a-run", message=str(number).rjust(size, "x")))
        got = client.read()
        # THEN the one that reads gets everything, in order
        assert isinstance(got, Notice)
        assert got.message.lstrip("x") == str(number)
    # AND the other is dropped
    until(lambda: server.clients == 1)
    stalled.close()


def test_too_many_clients_are_refused_not_the_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serving, "MAX_CLIENTS", 5)
    server = Server(tmp_path / "socket", "a-run", 0, "running")
    server.start()
    clients = [Client(tmp_path / "socket") for _ in range(12)]
    first = [client.read() for client in clients]
    assert [isinstance(event, Greeting) for event in first] == [True] * 5 + [False] * 7
    assert all(isinstance(event, Refused) and "5 clients are connected already" in event.reason for event in first[5:])
    assert all(client.is_closed() for client in clients[5:])
    # AND there is room again as soon as some have left
    for client in clients:
        client.close()
    until(lambda: not server.clients)
    late = Client(tmp_path / "socket")
    assert isinstance(late.read(), Greeting)
    late.close()
    server.stop()


@pytest.mark.parametrize(("files", "clients"), [(1024, 256), (256, 92), (64, 4)])
def test_files_are_kept_for_training(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, files: int, clients: int) -> None:
    monkeypatch.setattr(resource, "getrlimit", lambda _: (files, files))
    assert Server(tmp_path / "socket", "a-run", 0, "running")._max_clients == clients


def test_what_goes_wrong_while_serving_is_reported_and_serving_continues(
    server: Server, client: Client, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    # GIVEN something that nobody has thought of, in the task of one client
    monkeypatch.setattr(commands, "decode", lambda _line: 1 / 0)
    client.send(commands.Pause(request="1"))
    assert server.troubles.get(timeout=PATIENCE) == "ZeroDivisionError: division by zero"
    monkeypatch.undo()
    other = Client(Path(server._path))
    assert isinstance(other.read(), Greeting)
    # AND in the thread that serves them all
    monkeypatch.setattr(serving, "POLL_EVERY", 0.01)
    with contextlib.ExitStack() as stack:
        stack.callback(monkeypatch.undo)
        monkeypatch.setattr(serving, "_identity", lambda _path: 1 / 0)
        assert server.troubles.get(timeout=PATIENCE) == "ZeroDivisionError: division by zero"
    assert capsys.readouterr().err.count("Traceback") >= 2
    # THEN events still reach who is connected, and new clients are served
    server.publish(Notice(time=1.0, run="a-run", message="still here"))
    assert isinstance(other.read(), Notice)
    late = Client(Path(server._path))
    assert isinstance(late.read(), Greeting)
    other.close()
    late.close()
    assert os.path.lexists(server._path)
