"""``pause``, ``stop``, ``resume``, ``extend``: acknowledged by request, one rule for what is so already, and who does
not answer is named."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from namestui.engine.link import client as clients
from namestui.engine.link import following
from namestui.runs import commands
from namestui.runs.eventlog import EventLog
from namestui.runs.events import Logged, Notice, State
from namestui.runs.recipes import make_config
from namestui.runs.store import RunDirectory, RunError, RunStore, WorkerInfo, host_name
from namestui.tui.cli import control
from namestui.tui.cli.control import CommandFailedError
from tests.fake_engine import EventMaker
from tests.fake_worker import PATIENCE, FakeWorker, working


@pytest.fixture
def run(store: RunStore) -> RunDirectory:
    return store.create(make_config("rnn"))


@pytest.fixture
def maker(run: RunDirectory) -> EventMaker:
    return EventMaker(run.id)


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """What takes seconds takes a moment."""
    for module in (following, clients, control):
        monkeypatch.setattr(module, "SILENT_AFTER", 0.05)


def write(run: RunDirectory, *events: Logged) -> None:
    log = EventLog(run.events_file)
    for event in events:
        log.append(event)
    log.close()


def calling(act: Callable[..., str], *arguments: Any) -> asyncio.Task[str]:
    """The command line's part, in a thread as in a process of its own."""
    return asyncio.create_task(asyncio.to_thread(act, *arguments))


async def said(call: asyncio.Task[str]) -> str:
    return await asyncio.wait_for(call, PATIENCE)


async def test_a_command_is_acknowledged_by_its_request(store: RunStore, run: RunDirectory, maker: EventMaker) -> None:
    write(run, maker.run_started(), maker.epoch())
    async with working(run) as worker:
        call = calling(control.pause_run, store, run)
        command = await worker.until_asked(1)
        assert isinstance(command, commands.Pause)
        # WHEN another client's is acknowledged, or its own state changes, THEN that is not its own
        worker.send(maker.accepted("another's"))
        worker.log(maker.state("paused"))
        await asyncio.sleep(0.05)
        assert not call.done()
        worker.send(maker.accepted(command.request))
        assert await said(call) == f"{run.id} is paused; resume it with: namestui resume {run.id}"


async def test_extend_says_what_is_planned_now(store: RunStore, run: RunDirectory, maker: EventMaker) -> None:
    write(run, maker.run_started(epochs=20), maker.epoch())
    async with working(run) as worker:
        call = calling(control.extend_run, store, run, 5)
        command = await worker.until_asked(1)
        assert isinstance(command, commands.Extend)
        worker.log(maker.planned_epochs(25))
        worker.send(maker.accepted(command.request))
        assert (await said(call)).startswith(f"{run.id} is now planned for 25 epochs; watch it with: ")


async def test_a_refusal_is_one_line(store: RunStore, run: RunDirectory, maker: EventMaker) -> None:
    write(run, maker.run_started(), maker.epoch())
    async with working(run) as worker:
        call = calling(control.extend_run, store, run, 5)
        worker.send(maker.refused((await worker.until_asked(1)).request, "not \x1b[2Jnow"))
        with pytest.raises(CommandFailedError) as caught:
            await said(call)
        assert str(caught.value) == rf"{run.id}: not \x1b[2Jnow"


@pytest.mark.parametrize("last", ["stopped", "finished"])
async def test_a_worker_that_stops_before_it_can_say_so_has_stopped(
    store: RunStore, run: RunDirectory, maker: EventMaker, last: State
) -> None:
    write(run, maker.run_started(), maker.epoch())
    async with working(run) as worker:
        call = calling(control.stop_run, store, run)
        await worker.until_asked(1)
        worker.log(maker.state(last))
        await asyncio.sleep(0)
        await worker.end()
        assert "is stopped" in await said(call)


@pytest.mark.parametrize(
    ("state", "act", "text"),
    [
        ("paused", control.pause_run, "is paused already; resume it with: namestui resume"),
        ("running", control.resume_run, "is running already; watch it with: namestui attach"),
        ("starting", control.resume_run, "is starting already; watch it with: namestui attach"),
    ],
)
async def test_what_is_so_already_is_no_error(
    store: RunStore, run: RunDirectory, maker: EventMaker, state: State, act: Callable[..., str], text: str
) -> None:
    write(run, maker.run_started(), maker.state(state))
    async with working(run) as worker:
        assert text in await said(calling(act, store, run))
        assert worker.asked == []


def test_what_is_stopped_is_stopped_already(store: RunStore, run: RunDirectory, maker: EventMaker) -> None:
    write(run, maker.run_started(), maker.state("stopped"))
    assert control.stop_run(store, run) == f"{run.id} is stopped already; resume it with: namestui resume {run.id}"
    with pytest.raises(RunError, match="is stopped: there is nothing to pause"):
        control.pause_run(store, run)


@pytest.mark.usefixtures("hurried")
@pytest.mark.parametrize("greets", [True, False])
async def test_a_process_that_does_not_answer_is_named(
    store: RunStore, run: RunDirectory, maker: EventMaker, greets: bool, capfd: pytest.CaptureFixture[str]
) -> None:
    """One that is stopped does not even greet; one that hangs in its training does."""
    write(run, maker.run_started(), maker.epoch())
    run.write_worker(WorkerInfo(host=host_name(), boot_id="", pid=4711, started=0.0, socket=""))
    async with working(run, greets=greets) as worker:
        call = calling(control.stop_run, store, run)
        line = f"namestui: waiting for process 4711 of {run.id} on {host_name()}: it has not answered for "
        seen = await until_said(capfd, "it has not answered")
        assert seen.startswith(line)
        # WHEN it comes to answer, it is over
        if greets:
            await obey(worker, maker)
            assert "is stopped" in await said(call)
        else:
            await worker.end()
            with pytest.raises(RunError):
                await said(call)
    assert (seen + capfd.readouterr().err).count("\n") == 1


@pytest.mark.usefixtures("hurried")
async def test_what_a_worker_waits_for_is_said_in_its_words(
    store: RunStore, run: RunDirectory, maker: EventMaker, capfd: pytest.CaptureFixture[str]
) -> None:
    write(run, maker.run_started(), maker.epoch())
    async with working(run) as worker:
        call = calling(control.stop_run, store, run)
        # GIVEN that it is accepted, and then the checkpoint cannot be written
        worker.send(maker.accepted((await worker.until_asked(1)).request))
        notice = Notice(time=0.0, run=run.id, message="the disk is full: training waits\x1b", topic="disk")
        worker.send(notice)
        assert (await until_said(capfd, "disk")).endswith(
            f"namestui: {run.id}: the disk is full: training waits\\x1b\n"
        )
        await obey(worker, maker)
        await said(call)


async def test_a_worker_that_lets_nobody_in_is_one_line(store: RunStore, run: RunDirectory, maker: EventMaker) -> None:
    write(run, maker.run_started(), maker.state("running"))
    async with working(run, refuses="5 clients are connected already: close some"):
        with pytest.raises(CommandFailedError, match=f"^{run.id}: 5 clients are connected already: close some$"):
            await said(calling(control.pause_run, store, run))


async def test_a_run_that_waits_for_its_turn_resumes_in_its_turn(
    store: RunStore, run: RunDirectory, maker: EventMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(run, maker.run_started(), maker.state("stopped"))
    worker = FakeWorker(run)
    monkeypatch.setattr(clients, "launch", lambda *_, **__: None)
    call = calling(control.resume_run, store, run)
    await asyncio.sleep(0.05)
    await worker.start()
    try:
        while not worker.clients:
            await asyncio.sleep(0.01)
        # no word of a message decides, but its topic
        worker.send(Notice(time=0.0, run=run.id, message="waits for nothing in particular", topic="disk"))
        worker.send(Notice(time=0.0, run=run.id, message="is behind two others", topic="turn"))
        assert (await said(call)).startswith(f"{run.id} is behind two others; watch it with: ")
    finally:
        await worker.end()


async def test_a_worker_that_cannot_be_started_is_one_line_with_the_run_named_once(
    store: RunStore, run: RunDirectory, maker: EventMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on a file system that has become read-only."""
    write(run, maker.run_started(), maker.state("finished"))

    def launch(_store: RunStore, run: RunDirectory, **_options: Any) -> None:
        raise RunError(f"run {run.id}: cannot start a worker: Read-only file system")

    monkeypatch.setattr(following, "launch", launch)
    with pytest.raises(RunError) as caught:
        await said(calling(control.extend_run, store, run, 5))
    assert not isinstance(caught.value, CommandFailedError)  # nothing was begun: exit status 2
    assert str(caught.value) == f"run {run.id}: cannot start a worker: Read-only file system"


async def until_said(capfd: pytest.CaptureFixture[str], text: str) -> str:
    """What stands on stderr once ``text`` does."""
    seen = ""
    async with asyncio.timeout(PATIENCE):
        while text not in seen:
            seen += capfd.readouterr().err
            await asyncio.sleep(0.01)
    return seen


async def obey(worker: FakeWorker, maker: EventMaker) -> None:
    """Stop, as it is told."""
    command = await worker.until_asked(1)
    worker.log(maker.state("stopped"))
    worker.send(maker.accepted(command.request))
