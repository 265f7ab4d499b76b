"""Several processes that train one run: through torch's launcher, with gloo, on the CPU."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest
import torch

from namestui.data import catalogue
from namestui.engine.link.launch import environment, launch
from namestui.engine.nets.devices import check_processes
from namestui.engine.training.boundaries import EpochDone
from namestui.engine.training.ranks import _lives
from namestui.engine.training.trainer import Trainer
from namestui.runs import commands
from namestui.runs.config import ConfigError, RunConfig, decode_config, encode_config
from namestui.runs.events import Alert, CheckpointSaved, EpochsPlanned, Probed, StateChanged
from namestui.runs.recipes import make_config
from namestui.runs.store import RunDirectory, RunStore
from tests.command_line import invoke
from tests.watching import PATIENCE, Create, Watch, epochs_of, freed, pid_of, record_of, state_of, states_of

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc, and counts on prctl")

Start = Callable[..., subprocess.Popen[bytes]]
REGULARISED = {"dropout": 0.4, "letter_dropout": 0.1, "ema": 0.9, "precision": "float32"}


@pytest.fixture
def start(store: RunStore, watch: Watch) -> Iterator[Start]:
    """Starts runs with two processes and watches them; no launcher is left behind, and a rank dies with its own."""
    launchers: list[subprocess.Popen[bytes]] = []

    def start(run: RunDirectory, nproc: int = 2) -> subprocess.Popen[bytes]:
        launchers.append(launch(store, run, nproc=nproc))
        watch.client.open(run)
        return launchers[-1]

    yield start
    for launcher in launchers:
        launcher.kill()
        launcher.wait()


@pytest.fixture
def short_names(small_corpus: Path) -> None:
    """Names of one letter, on which the RNN's i2h has no part."""
    for label, letters in (("Abban", "AB"), ("Kirik", "KI"), ("Sumo", "SUOM")):
        with (small_corpus / f"{label}.txt").open("a", encoding="utf-8") as file:
            file.writelines(f"{letter}\n" for letter in letters)


def losses(run: RunDirectory) -> list[float | None]:
    return [loss for event in epochs_of(run) for loss in (event.train_loss, event.validation_loss)]


def losses_of_one_process(config: RunConfig, epochs: int) -> list[float]:
    trainer = Trainer(config, catalogue.load_by_name(config.corpus, config.reading), torch.device("cpu"))
    trainer.epochs = epochs
    done = [step for step in trainer.run() if isinstance(step, EpochDone)]
    return [loss for step in done for loss in (step.train_loss, step.validation_loss)]


def processes_of(run: RunDirectory, rank: int) -> list[int]:
    """The pids of a rank, from what the system shows of this user's processes."""
    found = []
    for entry in Path("/proc").iterdir():
        with contextlib.suppress(OSError):
            if (
                entry.name.isdigit()
                and run.id.encode() in (entry / "cmdline").read_bytes()
                and f"RANK={rank}".encode() in (entry / "environ").read_bytes().split(b"\0")
            ):
                found.append(int(entry.name))
    return found


@pytest.mark.usefixtures("short_names")
async def test_losses_are_those_of_one_process(start: Start, watch: Watch, create: Create) -> None:
    # GIVEN batches of 3 names at most: one rank has two, or one has none
    run = create(3, nproc=2, batch_size=3)
    start(run)
    await watch.until_state("finished")
    assert losses(run) == pytest.approx(losses_of_one_process(run.config(), 3), abs=1e-5)
    # WHEN it has finished THEN it answers, and can be extended on both
    assert (await watch.ask(run, commands.Predict(name="Kirik"))).predictions
    watch.client.send(run.id, commands.Extend(epochs=2))
    assert (await watch.until(EpochsPlanned)).epochs == 5
    await watch.until_state("finished")
    assert losses(run) == pytest.approx(losses_of_one_process(run.config(), 5), abs=1e-5)
    assert states_of(run) == ["running", "finished", "running", "finished"]
    assert not [event for event in record_of(run) if isinstance(event, Alert)]
    assert len(processes_of(run, 1)) == 1
    watch.client.send(run.id, commands.Stop())
    await freed(run)
    assert processes_of(run, 1) == []
    # AND long after, by a worker that was started to answer, and hands over to the launcher
    watch.client.send(run.id, commands.Extend(epochs=1))
    await watch.until_state("finished")
    assert losses(run) == pytest.approx(losses_of_one_process(run.config(), 6), abs=1e-5)
    assert len(processes_of(run, 1)) == 1
    # AND rank 0 looked at the network on all that way, at each epoch once, while the others waited
    looks = [event.epoch for event in record_of(run) if isinstance(event, Probed)]
    assert {0, 1, 3, 5, 6} <= set(looks)
    assert len(looks) == len(set(looks))


async def test_commands_reach_all_ranks_and_another_number_resumes(start: Start, watch: Watch, create: Create) -> None:
    run = create(30, "lstm", nproc=2, batch_size=5, learning_rate=0.002, **REGULARISED)
    launcher = start(run)
    # GIVEN a run that was paused, and answered
    await watch.until_epoch(2)
    watch.client.send(run.id, commands.Pause())
    paused = await watch.until_state("paused")
    saved = await watch.until(CheckpointSaved)
    assert (saved.epoch, saved.batch) == (paused.epoch, paused.batch)
    assert (await watch.ask(run, commands.Predict(name="Sumo"))).predictions
    watch.client.send(run.id, commands.Resume())
    await watch.until_epoch(paused.epoch + 2)
    # AND was stopped, by a signal, as all at once are told by a machine that shuts down
    for rank in (0, 1):
        os.kill(processes_of(run, rank)[0], signal.SIGTERM)
    stopped = await watch.until_state("stopped")
    assert await asyncio.to_thread(launcher.wait, PATIENCE) == 0
    # WHEN one process goes on, is stopped, and two go on
    start(run, 1)
    await watch.until_epoch(stopped.epoch + 3)
    watch.client.send(run.id, commands.Stop())
    assert (await watch.until_state("stopped")).epoch < 30
    await freed(run)
    start(run)
    await watch.until_state("finished")
    # THEN nobody can tell from the losses
    assert [event.epoch for event in epochs_of(run)] == list(range(1, 31))
    assert losses(run) == pytest.approx(losses_of_one_process(run.config(), 30), abs=1e-5)


async def test_a_killed_rank_fails_the_run(start: Start, watch: Watch, create: Create) -> None:
    run = create(nproc=2)
    launcher = start(run)
    await watch.until_epoch(1)
    (victim,) = processes_of(run, 1)
    os.kill(victim, signal.SIGKILL)
    failed = await watch.until_state("failed")
    assert f"rank 1 (process {victim} on " in failed.reason
    assert "killed" in failed.reason
    assert await asyncio.to_thread(launcher.wait, PATIENCE) != 0
    assert state_of(run) == "failed"
    assert processes_of(run, 0) == processes_of(run, 1) == []
    # AND where rank 0 is killed itself, or the launcher, the run is interrupted as any other
    for who in ("rank 0", "launcher"):
        launcher = start(run)
        await watch.until_state("running")
        os.kill(pid_of(run) if who == "rank 0" else launcher.pid, signal.SIGKILL)
        await freed(run)
        assert state_of(run) == "interrupted"
        assert await asyncio.to_thread(launcher.wait, PATIENCE) != 0


async def test_a_rank_that_dies_between_two_batches_fails_the_run_too(
    start: Start, watch: Watch, create: Create, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # GIVEN a rank that is killed while rank 0 is busy with itself, until the launcher has told it to stop
    modules = tmp_path / "modules"
    modules.mkdir()
    (modules / "sitecustomize.py").write_text(
        "import os, signal, threading\n"
        "if os.environ.get('RANK') == '0':\n"
        "    from namestui.engine.evidence.prober import Prober\n"
        "    from namestui.engine.recording.requests import Requests\n"
        "    stopped, put_own, probe = threading.Event(), Requests.put_own, Prober.probe\n"
        "    def note(self, command):\n"
        "        put_own(self, command)\n"
        "        stopped.set()\n"
        "    def kill_and_wait(self, trainer, epoch, *rest):\n"
        "        if epoch:\n"
        "            os.kill(int(trainer._ranks._store.get('namestui/rank/1').split()[0]), signal.SIGKILL)\n"
        f"            stopped.wait({PATIENCE})\n"
        "        return probe(self, trainer, epoch, *rest)\n"
        "    Requests.put_own, Prober.probe = note, kill_and_wait\n"
    )
    monkeypatch.setenv("PYTHONPATH", str(modules))
    run = create(nproc=2)
    launcher = start(run)
    await watch.until_epoch(1)
    # WHEN it carries that order out THEN it is the dead rank that the record names
    await watch.until_state("failed")
    assert await asyncio.to_thread(launcher.wait, PATIENCE) != 0
    last = [event for event in record_of(run) if isinstance(event, StateChanged)][-1]
    assert states_of(run) == ["running", "failed"]
    assert last.reason.startswith("rank 1 (process ")
    assert "was killed" in last.reason


def test_a_process_that_has_ended_is_dead_before_its_parent_notices() -> None:
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    assert _lives(child.pid)
    assert child.stdin is not None
    child.stdin.close()
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)  # it stays a zombie
    assert not _lives(child.pid)
    child.wait()
    assert not _lives(child.pid)


async def test_an_exception_in_a_rank_fails_the_run(
    start: Start, watch: Watch, create: Create, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    modules = tmp_path / "modules"
    modules.mkdir()
    (modules / "sitecustomize.py").write_text(
        "import itertools, os\n"
        "if os.environ.get('RANK') == '1':\n"
        "    from namestui.engine.training import schedule\n"
        "    calls = itertools.count()\n"
        "    def one_cycle(*_):\n"
        "        if next(calls) == 20:\n"
        "            raise ValueError('a bug')\n"
        "        return 0.01\n"
        "    schedule.one_cycle = one_cycle\n"
    )
    monkeypatch.setenv("PYTHONPATH", str(modules))
    run = create(nproc=2)
    launcher = start(run)
    failed = await watch.until_state("failed")
    assert failed.reason.startswith("rank 1 (process ")
    assert failed.reason.endswith("failed: ValueError: a bug")
    assert await asyncio.to_thread(launcher.wait, PATIENCE) != 0
    assert 'raise ValueError("a bug")' in run.log_file.read_text().replace("'", '"')


async def test_two_launchers_as_on_two_machines(home: Path, watch: Watch, create: Create) -> None:
    run = create(precision="float32")
    with socket.socket() as probe:
        probe.bind(("localhost", 0))
        port = probe.getsockname()[1]
    torchrun = [sys.executable, "-m", "torch.distributed.run", "--nnodes", "2", "--nproc-per-node", "1"]
    rendezvous = ["--rdzv-backend", "c10d", "--rdzv-endpoint", f"localhost:{port}", "--local-addr", "localhost"]
    command = [*torchrun, *rendezvous, "-m", "namestui.engine.worker", run.id]
    launchers = [subprocess.Popen(command, env={**os.environ, "NAMESTUI_HOME": str(home)}) for _ in range(2)]
    try:
        watch.client.open(run)
        await watch.until_epoch(2)
        os.kill(pid_of(run), signal.SIGTERM)
        await watch.until_state("stopped")
        # With what status they end is torch's affair: the second may abort where the first took its store along.
        for launcher in launchers:
            await asyncio.to_thread(launcher.wait, PATIENCE)
    finally:
        for launcher in launchers:
            launcher.kill()
            launcher.wait()
    found = losses(run)
    assert found == pytest.approx(losses_of_one_process(run.config(), len(epochs_of(run))), abs=1e-5)


@pytest.mark.parametrize("nproc", ["0", "-1", "65", "two"])
def test_a_number_of_processes_that_cannot_be(home: Path, nproc: str) -> None:
    result = invoke("train", "lstm", "--nproc", nproc)
    assert result.exit_code == 2
    assert "nproc" in result.output
    assert not home.exists()


def test_each_process_takes_a_gpu_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    check_processes(torch.device("cpu"), 64)
    check_processes(torch.device("cuda"), 2)
    check_processes(torch.device("cuda:1"), 1)
    for device, nproc, reason in (
        ("cuda", 3, "nproc 3 needs 3 GPUs, this machine has 2; or use --device cpu"),
        ("cuda:1", 2, "nproc 2 takes the first 2 GPUs: use --device cuda, not cuda:1"),
        ("mps", 2, "nproc 2 needs 2 GPUs, this machine has 1; or use --device cpu"),
    ):
        with pytest.raises(ConfigError, match=reason):
            check_processes(torch.device(device), nproc)


def test_a_config_of_before_there_were_several_processes() -> None:
    config = make_config("lstm")
    old = msgspec.json.decode(encode_config(config))
    del old["nproc"]
    assert decode_config(msgspec.json.encode(old)) == config


def test_a_launcher_of_ours_does_not_inherit_the_settings_of_one_above_us(
    store: RunStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("RANK", "WORLD_SIZE", "PET_NNODES", "TORCHELASTIC_RUN_ID"):
        monkeypatch.setenv(name, "3")
    found = environment(store, 1).keys()
    assert not found & {"RANK", "WORLD_SIZE", "PET_NNODES", "TORCHELASTIC_RUN_ID"}
    assert "PATH" in found
