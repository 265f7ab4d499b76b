"""Questions and commands to workers that are real."""

from __future__ import annotations

import asyncio
import os
import signal

import pytest

from namestui.engine.link import client as clients
from namestui.engine.link import following
from namestui.runs import commands, events
from namestui.runs.store import RunStore
from namestui.tui.cli import control
from namestui.tui.state.run_state import RunState
from tests.watching import PATIENCE, Create, Watch, pid_of, record_of, states_of


async def test_each_command_is_accepted_once_it_has_taken_effect(watch: Watch, create: Create) -> None:
    run = create()
    watch.client.start(run)
    await watch.until_epoch(1)
    for command, effect in (
        (commands.Pause(), "paused"),
        (commands.Pause(), "paused"),
        (commands.Resume(), "running"),
        (commands.Resume(), "running"),
    ):
        assert isinstance(await watch.ask(run, command), events.Accepted)
        assert states_of(run)[-1] == effect
    assert isinstance(await watch.ask(run, commands.Checkpoint()), events.Accepted)
    assert [event for event in record_of(run) if isinstance(event, events.CheckpointSaved)]
    assert isinstance(await watch.ask(run, commands.Extend(epochs=7)), events.Accepted)
    assert [event for event in record_of(run) if isinstance(event, events.EpochsPlanned)]
    assert isinstance(await watch.ask(run, commands.Stop()), events.Accepted)
    assert states_of(run)[-1] in ("stopping", "stopped")
    # AND no answer is an update
    answers = (events.Accepted, events.Refused, events.Predicted, events.Examples)
    assert not [update for update in watch.updates if isinstance(update, answers)]


async def test_to_resume_at_once_after_a_stop_is_no_interruption(watch: Watch, create: Create) -> None:
    run = create()
    watch.client.start(run)
    await watch.until_epoch(1)
    state, seen = RunState(run.id), set[str]()
    for update in watch.updates:
        state.apply(update)

    async def fold() -> None:
        while True:
            for update in await watch.client.queue.get():
                state.apply(update)
                seen.add(state.state)

    folding = asyncio.create_task(fold())
    # WHEN s is pressed, and r as soon as the run says that it has stopped, while its worker is still ending
    async with asyncio.timeout(PATIENCE):
        stop = asyncio.create_task(watch.client.ask(run.id, commands.Stop()))
        while state.known_state != "stopped":
            await asyncio.sleep(0)
        state.expect("starting")
        await watch.client.resume(run)
        await stop
        while state.known_state != "running":
            await asyncio.sleep(0.01)
    folding.cancel()
    # THEN it trains on, and no red word came between
    assert "interrupted" not in seen
    assert states_of(run) == ["running", "stopping", "stopped", "starting", "running"]


async def test_a_stopped_process_is_named_and_obeys_once_it_continues(
    store: RunStore, watch: Watch, create: Create, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    for module in (following, clients, control):
        monkeypatch.setattr(module, "SILENT_AFTER", 0.3)
    run = create()
    watch.client.start(run)
    await watch.until_epoch(1)
    pid = pid_of(run)
    os.kill(pid, signal.SIGSTOP)
    try:
        call = asyncio.create_task(asyncio.to_thread(control.stop_run, store, run))
        said = ""
        async with asyncio.timeout(PATIENCE):
            while "it has not answered" not in said:
                said += capfd.readouterr().err
                await asyncio.sleep(0.01)
        assert said.startswith(f"namestui: waiting for process {pid} of {run.id} on ")
    finally:
        os.kill(pid, signal.SIGCONT)
    assert "is stopped" in await asyncio.wait_for(call, PATIENCE)
    assert (said + capfd.readouterr().err).count("\n") == 1


async def test_a_directory_that_is_deleted_answers_nothing_and_says_so(watch: Watch, create: Create) -> None:
    """The dialog of a cell stood at "asking the worker…" for ever."""
    run = create(2)
    watch.client.start(run)
    await watch.until_state("finished")
    os.kill(pid_of(run), signal.SIGKILL)
    await watch.until(following.WorkerGone)
    run.path.rename(run.path.with_name("gone"))
    answer = await watch.ask(run, commands.ListExamples(true=0, predicted=0))
    assert "No such file or directory" in str(answer)
