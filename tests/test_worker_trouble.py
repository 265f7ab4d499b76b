"""Workers in trouble: each says what happened, in the record and by its exit status."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from namestui.engine.link.launch import launch
from namestui.engine.training.checkpoint import restore_newest
from namestui.runs import commands, events
from namestui.runs.store import RunDirectory, RunStore
from tests.watching import PATIENCE, Create, Watch, epochs_of, pid_of, record_of, state_of, states_of


def remove_the_corpus(run: RunDirectory) -> None:
    shutil.rmtree(run.config().corpus)


def block_the_matrices(run: RunDirectory) -> None:
    run.confusion_file.mkdir()


def break_the_engine(run: RunDirectory) -> None:
    """Take a module away, which nothing in the worker expects."""
    modules = run.path.parents[2] / "modules"
    modules.mkdir()
    (modules / "sitecustomize.py").write_text("import sys\nsys.modules['namestui.engine.worker.first_event'] = None\n")


@pytest.mark.parametrize(
    ("changes", "spoil", "reason", "traceback"),
    [
        ({}, remove_the_corpus, "no such folder", False),
        ({"device": "cuda:99"}, None, "this machine has no cuda:99", False),
        ({}, block_the_matrices, "cannot write the run", False),
        ({}, break_the_engine, "ModuleNotFoundError", True),
    ],
)
async def test_a_worker_that_fails_says_why(
    store: RunStore,
    watch: Watch,
    create: Create,
    changes: dict[str, Any],
    spoil: Callable[[RunDirectory], None] | None,
    reason: str,
    traceback: bool,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "modules"))  # where break_the_engine puts one
    run = create(**changes)
    if spoil is not None:
        spoil(run)
    process = launch(store, run)
    watch.client.open(run)
    failed = await watch.until_state("failed")
    assert reason in failed.reason
    assert failed.reason.isprintable()
    assert await asyncio.to_thread(process.wait, PATIENCE) == 1
    assert state_of(run) == "failed"
    assert ("Traceback" in run.log_file.read_text()) == traceback
    assert not (run.path / "socket").exists()


async def test_stray_output_goes_to_the_log(
    watch: Watch, create: Create, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "modules"
    folder.mkdir()
    code = (
        "import os, sys\nprint('stray \\x1b[31m')\nprint('noise', file=sys.stderr)\nos.write(1, b'below python\\n')\n"
    )
    (folder / "sitecustomize.py").write_text(code)
    monkeypatch.setenv("PYTHONPATH", str(folder))
    run = create(2)
    watch.client.start(run)
    await watch.until_state("finished")
    assert set(run.log_tail()) == {"stray \\x1b[31m", "noise", "below python"}
    assert capfd.readouterr() == ("", "")


async def test_signals(store: RunStore, watch: Watch, create: Create) -> None:
    run = create()
    process = launch(store, run)
    watch.client.open(run)
    await watch.until_epoch(2)
    # A hang-up means nothing to a detached worker.
    assert os.getsid(pid_of(run)) == pid_of(run)
    os.kill(pid_of(run), signal.SIGHUP)
    epoch = (await watch.until_epoch(len(epochs_of(run)) + 5)).epoch
    # SIGTERM saves and stops.
    os.kill(pid_of(run), signal.SIGTERM)
    stopped = await watch.until_state("stopped")
    assert await asyncio.to_thread(process.wait, PATIENCE) == 0
    assert states_of(run) == ["running", "stopping", "stopped"]
    assert stopped.epoch >= epoch
    started = record_of(run)[0]
    assert isinstance(started, events.RunStarted)
    states: list[dict[str, Any]] = []
    found = restore_newest(run, run.config(), started.corpus_fingerprint, torch.device("cpu"), states.append)
    assert found == (True, [], "")
    state = states[0]
    assert (state["epoch"], state["batch"]) == (stopped.epoch, stopped.batch)


async def test_a_socket_that_vanished_is_bound_anew(store: RunStore, watch: Watch, create: Create) -> None:
    run = create()
    watch.client.start(run)
    await watch.until_epoch(1)
    (run.path / "socket").unlink()
    late = Watch(store)
    late.client.open(run)
    assert (await late.until(events.Greeting)).state == "running"
    await late.client.close()


async def test_a_loss_that_is_not_finite_pauses_the_run(watch: Watch, create: Create) -> None:
    run = create(learning_rate=1000.0, weight_decay=1000.0)  # each step makes the weights a million times larger
    watch.client.start(run)
    paused = await watch.until_state("paused")
    assert "not finite" in paused.reason
    # THEN it says so again where it is told to go on, no weight that is not finite is kept, and it can be stopped
    watch.client.send(run.id, commands.Resume())
    again = await watch.until_state("paused")
    assert (again.epoch, again.batch, again.reason) == (paused.epoch, paused.batch, paused.reason)
    watch.client.send(run.id, commands.Stop())
    await watch.until_state("stopped")
    for path in (run.last_checkpoint, run.previous_checkpoint):
        if path.exists():
            weights = torch.load(path, weights_only=True)["trainer"]["model"]
            assert all(bool(torch.isfinite(weight).all()) for weight in weights.values())
