"""A damaged byte in the log of a run: questions change nothing, and resuming trains again what was lost."""

from __future__ import annotations

import asyncio
import os
import signal

import pytest

from namestui.engine.link.asking import RefusedError
from namestui.runs import commands, events
from namestui.runs.history import History
from namestui.runs.store import RunDirectory, RunError, RunStore
from namestui.runs.summary import current_state
from namestui.tui.cli import control as remote
from tests.watching import Create, Watch, epochs_of, freed, pid_of, record_of, state_of, states_of

NOT_THE_RECORD = ("lock", "socket", "worker.json", "worker.log")
EPOCHS = 12


def contents(run: RunDirectory) -> dict[str, tuple[bytes, int]]:
    """Every file of the record, and when it was written."""
    files = [path for path in run.path.iterdir() if path.name not in NOT_THE_RECORD]
    return {path.name: (path.read_bytes(), path.stat().st_mtime_ns) for path in files}


def damage(run: RunDirectory, *wanted: bytes) -> None:
    """Flip one bit in each line that holds one of these."""
    lines = run.events_file.read_bytes().splitlines(keepends=True)
    for mark in wanted:
        (at,) = [index for index, line in enumerate(lines) if mark in line]
        lines[at] = bytes([lines[at][0] ^ 1]) + lines[at][1:]
    run.events_file.write_bytes(b"".join(lines))


def of_epoch(number: int) -> bytes:
    return f'"epoch":{number},"train_loss"'.encode()


def results(run: RunDirectory) -> list[tuple[object, ...]]:
    """What each logged epoch came to, by epoch."""
    return sorted(
        (one.epoch, one.train_loss, one.validation_loss, one.train_accuracy, one.macro_f1) for one in epochs_of(run)
    )


async def end_worker(run: RunDirectory) -> None:
    os.kill(pid_of(run), signal.SIGKILL)
    await freed(run)


async def finished(watch: Watch, run: RunDirectory) -> None:
    watch.client.start(run)
    await watch.until_state("finished")
    await end_worker(run)


@pytest.mark.parametrize("tail", [b"", b'{"kind":"alert","ti'], ids=["whole", "torn"])
async def test_a_question_changes_nothing_and_resuming_trains_what_is_missing(
    store: RunStore, watch: Watch, create: Create, tail: bytes
) -> None:
    run = create(EPOCHS)
    await finished(watch, run)
    undisturbed, matrices = results(run), run.confusion_file.read_bytes()
    # GIVEN damaged lines in the middle of the record, and perhaps a torn one at its end
    damage(run, of_epoch(5), of_epoch(7))
    with run.events_file.open("ab") as file:
        file.write(tail)
    before = contents(run)
    assert [one.epoch for one in epochs_of(run)] == [1, 2, 3, 4, 6, 8, 9, 10, 11, 12]
    # WHEN names and examples are asked for
    other = Watch(store)
    other.client.open(run)
    assert (await other.ask(run, commands.Predict(name="Badban"))).predictions[0].label == "Abban"
    assert (await other.ask(run, commands.ListExamples(true=0, predicted=0))).examples
    # THEN the answers leave every file of the record as it was, and the client has the sound lines
    assert contents(run) == before
    assert other.logged() == record_of(run)
    assert state_of(run) == "finished"
    assert History.read(run).gaps() == f"2 of {EPOCHS} epochs"
    # WHEN it is resumed, though the worker that answered still lives
    said = await asyncio.to_thread(remote.resume_run, store, run)
    assert f"its log lacks 2 of {EPOCHS} epochs" in said
    await other.until_state("running")
    await other.until_state("finished")
    # THEN the two are trained again and come out as they did, none is logged twice, and what was bad is kept
    assert results(run) == undisturbed
    assert run.confusion_file.read_bytes() == matrices
    assert run.path.joinpath("events.damaged").exists()
    told = [event.message for event in record_of(run) if isinstance(event, events.Alert)]
    assert any("unreadable bytes in the middle of the log were set aside in events.damaged" in one for one in told)
    assert any("unreadable bytes at the end" in one for one in told) == bool(tail)
    assert not any("differently" in one for one in told)
    assert [event.seq for event in record_of(run)] == sorted({event.seq for event in record_of(run)})
    # AND the client has been told all of it, in order, once
    assert other.logged() == record_of(run)
    with pytest.raises(RunError, match="has finished"):
        remote.resume_run(store, run)
    await other.client.close()


async def test_the_screen_resumes_it_as_the_command_line_does(store: RunStore, watch: Watch, create: Create) -> None:
    # GIVEN a finished run that its worker still serves, and lines of its log that are damaged
    run = create(EPOCHS)
    watch.client.start(run)
    await watch.until_state("finished")
    undisturbed, served_by = results(run), pid_of(run)
    damage(run, of_epoch(5))
    other = Watch(store)
    other.client.open(run)
    await other.until(events.Greeting)
    # WHEN it is resumed THEN another worker trains what is missing, for the first one has it in memory
    await other.client.resume(run)
    await other.until_state("running")
    await other.until_state("finished")
    assert pid_of(run) != served_by
    assert results(run) == undisturbed
    # AND once nothing is missing, nobody trains it again
    with pytest.raises(RefusedError):
        await other.client.resume(run)
    await other.client.close()


async def test_lines_other_than_epochs(store: RunStore, watch: Watch, create: Create) -> None:
    run = create(EPOCHS)
    await finished(watch, run)
    undisturbed = results(run)
    scores = [event.accuracy for event in record_of(run) if isinstance(event, events.TestScored)]
    damage(run, b'"kind":"run_started"', b'"kind":"test_scored"')
    assert History.read(run).gaps() == "its beginning, the test scores"
    await asyncio.to_thread(remote.resume_run, store, run)
    await watch.until_state("running")
    await watch.until_state("finished")
    assert History.read(run).gaps() == ""
    assert results(run) == undisturbed
    assert [event.accuracy for event in record_of(run) if isinstance(event, events.TestScored)] == scores


async def test_extending_trains_what_is_missing_too(store: RunStore, watch: Watch, create: Create) -> None:
    run = create(EPOCHS)
    await finished(watch, run)
    undisturbed = results(run)
    damage(run, of_epoch(3))
    other = Watch(store)
    other.client.open(run)
    other.client.send(run.id, commands.Extend(epochs=2))
    await other.until(events.EpochsPlanned)
    await other.until_state("finished")
    assert results(run)[:EPOCHS] == undisturbed
    assert [one[0] for one in results(run)] == list(range(1, EPOCHS + 3))
    await other.client.close()


async def test_asking_an_interrupted_run_changes_nothing(store: RunStore, watch: Watch, create: Create) -> None:
    # GIVEN a run whose worker was killed, with a torn line at the end of its log
    run = create(model="lstm")
    watch.client.start(run)
    await watch.until_epoch(2)
    watch.client.send(run.id, commands.Checkpoint())
    await watch.until(events.CheckpointSaved)
    await end_worker(run)
    with run.events_file.open("ab") as file:
        file.write(b'{"kind":"epoch_fini')
    (run.path / ".last.pt.1.tmp").write_bytes(b"left by a kill")
    before = contents(run)
    # WHEN it is asked THEN it stays what it is, for who lists runs and for who opens it now
    other, late = Watch(store), Watch(store)
    other.client.open(run)
    assert (await other.ask(run, commands.Predict(name="Badban"))).predictions
    assert run.is_locked()
    assert current_state(run) == "interrupted"
    late.client.open(run)
    assert (await late.until(events.Greeting)).state == "interrupted"
    assert contents(run) == before
    # AND resuming has the one that answers train on, which says what had happened
    states = len(states_of(run))
    assert "has resumed" in await asyncio.to_thread(remote.resume_run, store, run)
    assert states_of(run)[states:][:3] == ["interrupted", "starting", "running"]
    assert current_state(run) == "running"
    assert not (run.path / ".last.pt.1.tmp").exists()
    for one in (other, late):
        await one.until(events.EpochFinished, lambda event: event.seq > record_of(run)[-1].seq - 1)
        await one.client.close()
