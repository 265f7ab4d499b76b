"""Workers: real processes, told what to do, killed and started again."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import Any

import msgspec
import pytest
import torch

from namestui.engine.link.launch import in_turn, launch
from namestui.engine.link.updates import WorkerGone
from namestui.engine.nets.weights import load_best
from namestui.runs import commands, events
from namestui.runs.events import Alert, CheckpointSaved, EpochFinished
from namestui.runs.store import RunDirectory, RunError, RunStore
from tests.watching import Create, Watch, epochs_of, freed, pid_of, record_of, state_of, states_of


@pytest.mark.parametrize("model", ["rnn", "lstm"])
async def test_from_start_to_finish(store: RunStore, watch: Watch, create: Create, model: str) -> None:
    run = create(40, model)
    watch.client.start(run)
    await watch.until_epoch(3)
    # GIVEN a second client that comes in the middle
    late = Watch(store)
    late.client.open(run)
    finished = await watch.until_state("finished")
    await late.until_state("finished")
    await late.client.close()
    # THEN both were told the whole record, nothing twice and nothing missing
    record = record_of(run)
    assert watch.logged() == late.logged() == record
    assert [event.seq for event in record] == list(range(len(record)))
    assert states_of(run) == ["running", "finished"]
    assert [event.epoch for event in epochs_of(run)] == list(range(1, 41))
    assert (finished.epoch, finished.batch) == (40, 0)
    # AND what the record says is so
    started = record[0]
    assert isinstance(started, events.RunStarted)
    assert started.classes == ["Abban", "Kirik", "Sumo"]
    assert started.model_text.startswith(f"{model.upper()}(\n")
    assert started.train.rows + started.validation.rows + started.test.rows == 120
    assert run.confusion(3).epochs() == list(range(1, 41))
    matrices = [event for event in watch.updates if isinstance(event, events.Confusion)]
    assert run.confusion(3).last() == (40, matrices[-1].matrix)
    assert {path.stat().st_mode & 0o077 for path in run.path.iterdir()} == {0}
    assert (run.path / "socket").is_socket()


async def test_patience_ends_a_run_early_and_extending_it_goes_on(watch: Watch, create: Create) -> None:
    # GIVEN a run whose validation accuracy stops rising long before its planned end
    run = create(10_000, patience=4)
    watch.client.start(run)
    await watch.until_state("finished")
    # THEN it has ended after so many epochs in vain, says why, and counts as whole
    epochs = epochs_of(run)
    accuracies = [event.validation_accuracy for event in epochs]
    best = accuracies.index(max(accuracies)) + 1
    assert len(epochs) == best + 4 < 10_000
    alert = next(event for event in record_of(run) if isinstance(event, Alert))
    assert (
        alert.message == f"no improvement in validation accuracy for 4 epochs: the run finishes after epoch {best + 4}"
    )
    assert [event.best_epoch for event in record_of(run) if isinstance(event, events.TestScored)] == [best]
    # AND one that is extended trains on, whatever comes of it
    watch.client.send(run.id, commands.Extend(epochs=10))
    await watch.until_state("finished")
    assert len(epochs_of(run)) == best + 4 + 10


async def test_a_kill_does_not_change_where_patience_ends(watch: Watch, create: Create) -> None:
    undisturbed, killed = (create(10_000, patience=6) for _ in range(2))
    watch.client.start(undisturbed)
    await watch.until_state("finished")
    watch.client.start(killed)
    await watch.until(EpochFinished, lambda event: event.run == killed.id and event.epoch >= 2)
    os.kill(pid_of(killed), signal.SIGKILL)
    await watch.until(WorkerGone, lambda gone: gone.run == killed.id)
    watch.client.start(killed)
    await watch.until(events.StateChanged, lambda event: (event.run, event.state) == (killed.id, "finished"))
    losses = [[event.validation_loss for event in epochs_of(run)] for run in (undisturbed, killed)]
    assert losses[0] == losses[1]


async def test_many_classes(store: RunStore, watch: Watch, create: Create, tmp_path: Path) -> None:
    # GIVEN more classes than have a matrix for every epoch
    folder = tmp_path / "many"
    folder.mkdir()
    letters = "abcdefghijk"
    for label in (first + second for first in letters for second in letters):
        names = "\n".join(f"{label}{third}{label}" for third in "abcdefghijklmnopqrst")
        (folder / f"{label}.txt").write_text(names, encoding="utf-8")
    run = store.create(msgspec.structs.replace(create(12).config(), corpus=str(folder)))
    watch.client.start(run)
    await watch.until_state("finished")
    # THEN the record holds the first, the best and the last, and only those, and bests on the way, were sent
    accuracies = [event.validation_accuracy for event in epochs_of(run)]
    bests = [epoch for epoch, best in enumerate(accuracies, 1) if best > max([-1.0, *accuracies[: epoch - 1]])]
    assert run.confusion(121).epochs() == sorted({1, bests[-1], 12})
    matrices = [event for event in watch.updates if isinstance(event, events.Confusion)]
    assert [event.epoch for event in matrices] == sorted({1, *bests, 12})
    assert len(matrices) < 12
    assert run.confusion(121).last() == (12, matrices[-1].matrix)


async def test_pause_and_resume(watch: Watch, create: Create) -> None:
    run = create()
    watch.client.start(run)
    await watch.until_epoch(2)
    assert isinstance(await watch.ask(run, commands.Resume()), events.Accepted)  # it is running
    watch.client.send(run.id, commands.Pause())
    paused = await watch.until_state("paused")
    saved = await watch.until(CheckpointSaved)
    assert (saved.epoch, saved.batch) == (paused.epoch, paused.batch)
    # THEN it answers, and trains no more
    size = run.events_file.stat().st_size
    for name in ("Abban", "Kikirik", "Sumo"):
        assert (await watch.ask(run, commands.Predict(name=name))).predictions
    assert isinstance(await watch.ask(run, commands.Pause()), events.Accepted)  # it is paused
    assert run.events_file.stat().st_size == size
    assert state_of(run) == "paused"
    # AND goes on where it stood
    done = len(epochs_of(run))
    watch.client.send(run.id, commands.Resume())
    running = await watch.until_state("running")
    assert (running.epoch, running.batch) == (paused.epoch, paused.batch)
    assert (await watch.until(EpochFinished)).epoch == done + 1


async def test_stop_and_go_on(watch: Watch, create: Create) -> None:
    run = create(120)
    watch.client.start(run)
    await watch.until_epoch(5)
    watch.client.send(run.id, commands.Stop())
    await watch.until_state("stopped")
    gone = await watch.until(WorkerGone)
    assert "status 0" in gone.reason
    assert run.last_checkpoint.exists()
    stopped_at = len(epochs_of(run))
    assert 5 <= stopped_at < 120
    # WHEN a new worker is started THEN it trains the rest, each epoch once
    watch.client.start(run)
    await watch.until_state("finished")
    assert [event.epoch for event in epochs_of(run)] == list(range(1, 121))
    assert states_of(run) == ["running", "stopping", "stopped", "starting", "running", "finished"]
    assert [event.seq for event in watch.logged()] == list(range(len(record_of(run))))


async def test_kill_and_go_on_bit_identically(watch: Watch, create: Create) -> None:
    # GIVEN a run that nobody disturbed
    straight = create(80, "lstm")
    watch.client.start(straight)
    await watch.until_state("finished")
    # AND an equal one, killed some epochs after a checkpoint
    run = create(80, "lstm")
    watch.client.start(run)
    await watch.until_epoch(5)
    watch.client.send(run.id, commands.Checkpoint())
    saved = await watch.until(CheckpointSaved)
    await watch.until_epoch(saved.epoch + 5)
    os.kill(pid_of(run), signal.SIGKILL)
    gone = await watch.until(WorkerGone)
    assert "signal 9" in gone.reason
    assert state_of(run) == "interrupted"
    before = len(epochs_of(run))
    assert saved.epoch < before < 80
    # WHEN it is started again
    watch.client.start(run)
    await watch.until_state("finished")
    # THEN the record says what happened, no epoch is in it twice, and all came out equal
    assert states_of(run) == ["running", "interrupted", "starting", "running", "finished"]
    lost, *others = [event for event in record_of(run) if isinstance(event, Alert) and event.topic == "worker"]
    assert not others
    assert lost.epoch == before
    assert f"the worker was lost after epoch {before}" in lost.message
    assert noted_of(run) == noted_of(straight)

    def numbers(run: RunDirectory) -> list[tuple[Any, ...]]:
        return [
            (event.epoch, event.train_loss, event.validation_loss, event.train_accuracy, event.macro_f1)
            for event in epochs_of(run)
        ]

    assert numbers(run) == numbers(straight)
    assert run.confusion_file.read_bytes() == straight.confusion_file.read_bytes()
    weights, others = load_best(run)[0].state_dict(), load_best(straight)[0].state_dict()
    assert weights.keys() == others.keys()
    assert all(torch.equal(weights[key], others[key]) for key in weights)


def noted_of(run: RunDirectory) -> list[tuple[object, ...]]:
    """Alerts about epochs, and metrics."""
    return [
        (event.epoch, event.message) if isinstance(event, Alert) else (event.epoch, event.values)
        for event in record_of(run)
        if isinstance(event, events.Metrics) or (isinstance(event, Alert) and event.topic != "worker")
    ]


async def test_a_second_worker_is_refused(store: RunStore, watch: Watch, create: Create) -> None:
    run = create()
    watch.client.start(run)
    with pytest.raises(RunError, match="holds it already"):
        launch(store, run)  # at once, before the first has said anything
    await watch.until_epoch(1)
    with pytest.raises(RunError, match=f"process {pid_of(run)} on ") as caught:
        watch.client.start(run)
    assert run.id in str(caught.value)
    await watch.until_epoch(len(epochs_of(run)) + 1)  # it trains on undisturbed


async def test_no_more_than_so_many_train_at_once(store: RunStore, watch: Watch, create: Create) -> None:
    # GIVEN three runs of which one is to train at a time
    runs = [create(200), create(3), create(3)]
    for run, earlier in in_turn(runs, 1):
        launch(store, run, after=earlier)
        watch.client.open(run)
    # THEN each waits until those before it have ended
    waiting = {(await watch.until(events.Notice, lambda event: bool(event.message))).run for _ in range(2)}
    assert waiting == {runs[1].id, runs[2].id}
    await watch.until(events.StateChanged, lambda event: (event.run, event.state) == (runs[2].id, "finished"))
    times = [event.time for run in runs for event in (record_of(run)[0], record_of(run)[-1])]
    assert times == sorted(times)


async def test_one_that_waits_for_its_turn_can_be_stopped(store: RunStore, watch: Watch, create: Create) -> None:
    runs = [create(), create(3), create(3)]
    for run, earlier in in_turn(runs, 1):
        launch(store, run, after=earlier)
        watch.client.open(run)
    await watch.until(events.Notice, lambda event: event.run == runs[1].id)
    watch.client.send(runs[1].id, commands.Stop())
    await watch.until(events.StateChanged, lambda event: (event.run, event.state) == (runs[1].id, "stopped"))
    await freed(runs[1])
    # THEN the one after it goes on waiting for the first
    assert record_of(runs[2]) == []
    watch.client.send(runs[0].id, commands.Stop())
    await watch.until(events.StateChanged, lambda event: (event.run, event.state) == (runs[2].id, "finished"))
