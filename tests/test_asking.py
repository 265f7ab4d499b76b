"""A question has one answer, or a reason for none: it never waits for ever, and nobody else hears of it."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from typing import Any

import msgspec
import pytest

from namestui.engine.link import client as clients
from namestui.engine.link import following
from namestui.engine.link.asking import NoAnswerError, NoWorkerError, RefusedError
from namestui.engine.link.client import EngineClient
from namestui.engine.link.updates import Update, WorkerGone, WorkerSilent
from namestui.runs import commands, events
from namestui.runs.recipes import make_config
from namestui.runs.store import RunDirectory, RunError, RunLock, RunStore, WorkerInfo, host_name
from tests.fake_engine import EventMaker
from tests.fake_worker import FakeWorker, working

PATIENCE = 10.0
SHARES = {"Abban": 0.9, "Kirik": 0.1}


@pytest.fixture
def run(store: RunStore) -> RunDirectory:
    return store.create(make_config("rnn"))


@pytest.fixture
async def client(store: RunStore, run: RunDirectory) -> AsyncIterator[EngineClient]:
    client = EngineClient(store)
    client.open(run)
    yield client
    await client.close()


def ask(client: EngineClient, run: RunDirectory, command: Any) -> asyncio.Task[Any]:
    return asyncio.create_task(client.ask(run.id, command))


async def failed(asked: asyncio.Task[Any], kind: type[NoAnswerError] = NoAnswerError) -> str:
    """Why there is no answer."""
    with pytest.raises(kind) as caught:
        await asyncio.wait_for(asked, PATIENCE)
    return str(caught.value)


async def until(client: EngineClient, kind: type[Any]) -> Any:
    """The next update of this kind."""
    async with asyncio.timeout(PATIENCE):
        while True:
            for update in await client.queue.get():
                if isinstance(update, kind):
                    return update


def left(client: EngineClient) -> list[Update]:
    """What is in the queue."""
    updates: list[Update] = []
    while not client.queue.empty():
        updates += client.queue.get_nowait()
    return updates


@pytest.fixture
def launches(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[dict[str, Any]]]:
    """Instead of workers processes are started that hold the run for a few polls, write a line to its log and end."""
    started: list[dict[str, Any]] = []
    processes: list[subprocess.Popen[bytes]] = []
    polls: list[RunDirectory] = []
    is_locked = RunDirectory.is_locked

    def launch(_store: RunStore, run: RunDirectory, **options: Any) -> subprocess.Popen[bytes]:
        started.append(options)
        run.log_file.write_text("ImportError: no torch here\n")
        lock = RunLock(run)
        wait = [sys.executable, "-c", "import sys; sys.stdin.read(); raise SystemExit(3)"]
        processes.append(subprocess.Popen(wait, stdin=subprocess.PIPE, pass_fds=(lock.descriptor,)))
        lock.release()
        polls.clear()
        return processes[-1]

    def end_after_three(run: RunDirectory) -> bool:
        locked = is_locked(run)
        if locked:
            polls.append(run)
        if len(polls) == 3:
            end()
        return locked

    def end() -> None:
        for process in processes:
            assert process.stdin is not None
            process.stdin.close()

    for module in (following, clients):
        monkeypatch.setattr(module, "launch", launch)
    monkeypatch.setattr(RunDirectory, "is_locked", end_after_three)
    yield started
    end()
    for process in processes:
        process.wait(PATIENCE)


async def test_answers_go_to_who_asked_and_to_nobody_else(client: EngineClient, run: RunDirectory) -> None:
    maker = EventMaker(run.id)
    async with working(run) as worker:
        questions = [ask(client, run, commands.Predict(name=name)) for name in ("Abban", "Kirik")]
        pause = ask(client, run, commands.Pause())
        await worker.until_asked(3)
        assert len({one.request for one in worker.asked}) == 3
        first, second, third = worker.asked
        assert isinstance(second, commands.Predict)
        # in any order
        worker.send(maker.accepted(third.request))
        worker.send(maker.predicted(second.request, second.name, SHARES))
        worker.send(maker.refused(first.request, "no epoch is done yet"))
        assert (await asyncio.wait_for(questions[1], PATIENCE)).name == "Kirik"
        assert isinstance(await asyncio.wait_for(pause, PATIENCE), events.Accepted)
        assert await failed(questions[0], RefusedError) == "no epoch is done yet"
        # nor does anybody hear of answers that none here waits for
        worker.send(maker.predicted("another's", "x", SHARES))
        worker.log(maker.run_started())
        await until(client, events.RunStarted)
        assert left(client) == []


async def test_a_question_is_forgotten_with_who_asked(client: EngineClient, run: RunDirectory) -> None:
    # GIVEN a question that nobody waits for any more before there was anybody to ask
    early = ask(client, run, commands.Predict(name="Early"))
    await asyncio.sleep(0)
    early.cancel()
    async with working(run) as worker:
        late = ask(client, run, commands.Predict(name="Late"))
        # THEN it is never sent; AND an answer to one that was given up disturbs nothing
        command = await worker.until_asked(1)
        assert isinstance(command, commands.Predict)
        assert command.name == "Late"
        late.cancel()
        await asyncio.sleep(0)
        worker.send(EventMaker(run.id).predicted(command.request, "Late", SHARES))
        again = ask(client, run, commands.Pause())
        worker.send(EventMaker(run.id).accepted((await worker.until_asked(2)).request))
        await asyncio.wait_for(again, PATIENCE)


async def test_an_answer_of_another_kind_is_none(client: EngineClient, run: RunDirectory) -> None:
    async with working(run) as worker:
        asked = ask(client, run, commands.ListExamples(true=0, predicted=1))
        worker.send(EventMaker(run.id).accepted((await worker.until_asked(1)).request))
        assert "ListExamples" in await failed(asked)


@pytest.mark.parametrize("question", [commands.Predict(name="Abban"), commands.ListExamples(true=0, predicted=1)])
async def test_what_was_asked_where_the_connection_breaks(
    client: EngineClient, run: RunDirectory, question: Any
) -> None:
    async with working(run) as worker:
        name, pause = ask(client, run, question), ask(client, run, commands.Pause())
        await worker.until_asked(2)
        worker.drop()
        # THEN a command has failed: it may have been obeyed or not
        assert "broke before it answered" in await failed(pause)
        # AND a question, which changes nothing, is asked once more, but not a third time
        again = await worker.until_asked(3)
        assert again == msgspec.structs.replace(question, request=again.request)
        worker.drop()
        assert "broke before it answered" in await failed(name)


async def test_what_was_asked_of_a_worker_that_goes(
    client: EngineClient, run: RunDirectory, launches: list[dict[str, Any]]
) -> None:
    async with working(run) as worker:
        name, pause = ask(client, run, commands.Predict(name="Abban")), ask(client, run, commands.Pause())
        await worker.until_asked(2)
    assert "the worker vanished before it answered" in await failed(pause)
    # a question is put to a worker that is started for it
    assert "at its start" in await failed(name)
    assert launches == [{"serve": True}]


@pytest.mark.parametrize("command", [commands.Pause(), commands.Resume(), commands.Stop(), commands.Checkpoint()])
async def test_where_nothing_trains_there_is_nothing_to_command(
    client: EngineClient, run: RunDirectory, launches: list[dict[str, Any]], command: Any
) -> None:
    assert await failed(ask(client, run, command), NoWorkerError) == "no worker trains it"
    assert launches == []


@pytest.mark.parametrize("command", [commands.Predict(name="Abban"), commands.ListExamples(true=0, predicted=0)])
async def test_a_worker_that_dies_at_its_start_is_not_started_again_and_again(
    client: EngineClient, run: RunDirectory, launches: list[dict[str, Any]], command: Any
) -> None:
    reason = await failed(ask(client, run, command))
    assert reason == "the worker ended with status 3 at its start; its log ends: ImportError: no torch here"
    assert launches == [{"serve": True}]
    # but whoever asks again may have mended it
    await failed(ask(client, run, command))
    assert launches == [{"serve": True}] * 2


async def test_a_run_that_was_deleted(client: EngineClient, run: RunDirectory) -> None:
    await until(client, WorkerGone)
    shutil.rmtree(run.path)
    reason = await failed(ask(client, run, commands.ListExamples(true=0, predicted=0)), NoWorkerError)
    assert run.id in reason
    assert "No such file or directory" in reason


async def test_a_run_that_was_deleted_under_its_worker(client: EngineClient, run: RunDirectory) -> None:
    async with working(run) as worker:
        asked = ask(client, run, commands.Pause())
        await worker.until_asked(1)
        shutil.rmtree(run.path)
        await worker.end()
        assert "its directory has vanished" in await failed(asked)


async def test_a_run_that_is_closed(client: EngineClient, run: RunDirectory) -> None:
    async with working(run) as worker:
        asked = ask(client, run, commands.Predict(name="Abban"))
        await worker.until_asked(1)
        await client.close(run.id)
        assert "closed" in await failed(asked)
    # a key may come after that
    assert "not open" in await failed(ask(client, run, commands.Pause()))
    await client.close(run.id)


async def test_to_resume_waits_for_a_worker_that_is_ending(
    client: EngineClient, run: RunDirectory, launches: list[dict[str, Any]]
) -> None:
    async with working(run) as worker:
        await until(client, events.Greeting)
        resumed = asyncio.create_task(client.resume(run))
        # GIVEN one that was told to stop before, and so does not obey any more
        await worker.until_asked(1)
        assert not resumed.done()
    await asyncio.wait_for(resumed, PATIENCE)
    assert [options["after"] for options in launches] == [()]


async def test_a_run_that_is_closed_meanwhile_is_not_resumed(
    client: EngineClient, run: RunDirectory, launches: list[dict[str, Any]]
) -> None:
    async with working(run) as worker:
        await until(client, events.Greeting)
        resumed = asyncio.create_task(client.resume(run))
        await worker.until_asked(1)
        await client.close(run.id)
    # THEN no worker is started that nobody sees, and nobody follows
    assert "closed" in await failed(resumed)
    assert launches == []
    assert "not open" in await failed(ask(client, run, commands.Pause()))


async def test_a_worker_that_lets_nobody_in_says_why(
    client: EngineClient, run: RunDirectory, launches: list[dict[str, Any]]
) -> None:
    async with working(run, refuses="5 clients are connected already: close some\x1b"):
        silent = await until(client, WorkerSilent)
        assert silent.message == f"{run.id} lets nobody in: 5 clients are connected already: close some\\x1b"
        reason = await failed(ask(client, run, commands.Pause()), RefusedError)
        assert reason.startswith("5 clients are connected already")
        await failed(asyncio.create_task(client.resume(run)), RefusedError)
    async with working(run):  # there is room again
        while (await until(client, WorkerSilent)).message:
            pass
    assert launches == []


async def test_to_resume_is_refused_by_who_refuses(
    client: EngineClient, run: RunDirectory, launches: list[dict[str, Any]]
) -> None:
    async with working(run) as worker:
        await until(client, events.Greeting)
        resumed = asyncio.create_task(client.resume(run))
        worker.send(EventMaker(run.id).refused((await worker.until_asked(1)).request, "it has ended"))
        assert await failed(resumed, RefusedError) == "it has ended"
    assert launches == []


async def test_what_a_newer_worker_sends_beside_the_record_is_skipped(client: EngineClient, run: RunDirectory) -> None:
    async with working(run) as worker:
        await until(client, events.Greeting)
        worker.send_line(b'{"kind":"temperature","time":1,"run":"x","celsius":70}\n')
        worker.send(EventMaker(run.id).notice("still here"))
        # on the same connection: it does not begin anew
        assert isinstance((await client.queue.get())[0], events.Notice)


async def test_what_a_newer_worker_adds_to_the_record_is_said_once(client: EngineClient, run: RunDirectory) -> None:
    async with working(run) as worker:
        await until(client, events.Greeting)
        worker.send_line(b'{"kind":"tem\\u001bperature","time":1,"run":"x","seq":0,"celsius":70}\n')
        gone = await until(client, WorkerGone)
        assert gone.reason == r"a newer namestui has written 'tem\\x1bperature' to its log: upgrade namestui"
        assert "upgrade namestui" in await failed(ask(client, run, commands.Predict(name="Abban")))
        assert left(client) == []


async def test_a_process_that_does_not_answer_is_named(
    client: EngineClient, run: RunDirectory, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (following, clients):
        monkeypatch.setattr(module, "SILENT_AFTER", 0.05)
    run.write_worker(WorkerInfo(host=host_name(), boot_id="", pid=4711, started=0.0, socket=""))
    said = f"waiting for process 4711 of {run.id} on {host_name()}: it has not answered"
    # GIVEN one that holds the run and the socket, and is stopped
    async with working(run, greets=False):
        assert (await until(client, WorkerSilent)).message.startswith(said)
    # AND one that greets and does not come to answer
    async with working(run) as worker:
        asked = ask(client, run, commands.Pause())
        while not (silent := await until(client, WorkerSilent)).message:
            pass
        assert silent.message.startswith(said)
        # WHEN it answers THEN that is over
        worker.send(EventMaker(run.id).accepted((await worker.until_asked(1)).request))
        await asyncio.wait_for(asked, PATIENCE)
        assert (await until(client, WorkerSilent)).message == ""


async def test_a_socket_that_never_speaks_and_holds_no_run_is_no_worker(
    client: EngineClient, run: RunDirectory, monkeypatch: pytest.MonkeyPatch, launches: list[dict[str, Any]]
) -> None:
    for limit in ("SILENT_AFTER", "GREETING_LIMIT"):
        monkeypatch.setattr(following, limit, 0.05)
    async with working(run, greets=False, locked=False):
        assert (await until(client, WorkerGone)).reason == "the worker vanished"
        await failed(ask(client, run, commands.Predict(name="Abban")))
    assert launches == [{"serve": True}]


async def test_a_record_that_cannot_be_read_is_reported_and_read_when_it_can(
    store: RunStore, run: RunDirectory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(following, "RETRY_MAX", 0.02)
    trouble: list[Exception] = [OSError(5, "Input/output error")] * 3
    read = following.LogReader.read

    def fails(reader: following.LogReader) -> list[events.Logged]:
        if trouble:
            raise trouble.pop()
        return read(reader)

    monkeypatch.setattr(following.LogReader, "read", fails)
    client = EngineClient(store)
    client.open(run)
    assert (await until(client, WorkerGone)).reason == "it cannot be read: Input/output error"
    worker = FakeWorker(run)
    await worker.start()
    await until(client, events.Greeting)
    await worker.end()
    await client.close()


async def test_whatever_ends_the_following_is_reported(
    store: RunStore, run: RunDirectory, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(_reader: following.LogReader) -> list[events.Logged]:
        raise ZeroDivisionError("of all things")

    monkeypatch.setattr(following.LogReader, "read", fails)
    client = EngineClient(store)
    client.open(run)
    assert "ZeroDivisionError: of all things" in (await until(client, WorkerGone)).reason
    assert "ZeroDivisionError" in await failed(ask(client, run, commands.Predict(name="Abban")))
    await client.close()


async def test_a_run_that_cannot_be_started_is_not_followed(
    store: RunStore, run: RunDirectory, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuses(*_arguments: Any, **_options: Any) -> None:
        raise RunError("run x: process 7 on elsewhere holds it already")

    monkeypatch.setattr(clients, "launch", refuses)
    client = EngineClient(store)
    with pytest.raises(RunError, match="holds it already"):
        client.start(run)
    assert "not open" in await failed(ask(client, run, commands.Pause()))
