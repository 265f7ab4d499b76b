"""Faults as a person at the command line meets them: one line that says what to do, and the run goes on."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

import msgspec
import pytest

from bench.fault_disk import CannotMountError, remount, small_disk
from bench.fault_files import interrupted
from bench.fault_lab import Lab, Zygote, alerts, record, wait_until
from namestui.runs.config import encode_config
from namestui.runs.events import EpochFinished, StateChanged
from namestui.runs.store import RunStore
from namestui.runs.summary import current_state
from tests.watching import LONG

PATIENCE = 90


@pytest.fixture(scope="module")
def zygote() -> Iterator[Zygote]:
    zygote = Zygote()
    yield zygote
    zygote.close()


@pytest.fixture
def lab(store: RunStore, zygote: Zygote) -> Iterator[Lab]:
    """A lab in the test's own home, so that real workers are ended with it."""
    with Lab(home=store.home, zygote=zygote) as lab:
        yield lab


def command(lab: Lab, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "namestui.tui", *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd="/",
        env={
            "PATH": "/usr/bin:/bin",
            "NAMESTUI_HOME": str(lab.store.home),
            "OMP_NUM_THREADS": "1",
            "PYTHONWARNINGS": "error",
        },
    )


def told(lab: Lab, *arguments: str) -> tuple[int, str]:
    """Exit status, and the one line that was said."""
    process = command(lab, *arguments)
    out, err = process.communicate(timeout=PATIENCE)
    assert (out + err).count("\n") == 1, out + err
    return process.returncode, out + err


def test_two_resumes_at_once(lab: Lab) -> None:
    # GIVEN a run that was killed
    run = lab.create(LONG, "rnn")
    lab.zygote.wait(lab.start(run, fault="half_a_matrix", at=5))
    before = record(run)
    # WHEN two people resume it at the same moment
    both = [command(lab, "resume", run.id) for _ in range(2)]
    answers = [process.communicate(timeout=PATIENCE)[::-1] for process in both]
    # THEN one worker trains: each is told that the run goes on, or by its name that it is held or trains already
    wait_until(lambda: len(record(run)) > len(before) + 5, "it trains")
    assert sum(process.returncode == 0 for process in both) >= 1, answers
    for process, (err, out) in zip(both, answers, strict=True):
        line = out or err
        assert run.id in line
        assert line.count("\n") == 1
        assert process.returncode == 0 or any(word in line for word in ("holds it", "already", "not paused")), line
    after = record(run)[len(before) :]
    assert [event.state for event in after if isinstance(event, StateChanged)] == ["interrupted", "starting", "running"]
    epochs = [event.epoch for event in record(run) if isinstance(event, EpochFinished)]
    assert epochs == list(range(1, len(epochs) + 1))


def test_a_device_that_is_gone(lab: Lab) -> None:
    run = interrupted(lab)
    config = run.config()
    run.config_file.write_bytes(encode_config(msgspec.structs.replace(config, device="cuda:99")))
    status, said = told(lab, "resume", run.id)
    assert status == 1
    assert "this machine has no cuda:99" in said
    advice = f"namestui resume {run.id} --device cpu"
    assert advice in said
    # WHEN one does what is said
    status, said = told(lab, *advice.split()[1:])
    assert (status, "has resumed" in said) == (0, True)
    lab.wait_for_log(run, lambda event: isinstance(event, StateChanged) and event.state == "finished", "finished")
    assert alerts(run) == []


@pytest.mark.parametrize("name", ["../../x", "/etc", "..", "", "link"])
def test_names_that_lead_elsewhere(lab: Lab, name: str) -> None:
    lab.create()
    (lab.store.runs / "link").symlink_to("/etc")
    status, said = told(lab, "resume", name)
    assert status == 2
    assert "no run" in said


def test_a_read_only_home(lab: Lab) -> None:
    try:
        with small_disk(lab) as folder:
            run = interrupted(lab)
            remount(folder, "ro")
            listed = command(lab, "runs").communicate(timeout=PATIENCE)
            assert [word for word in ("interrupted", run.id) if word not in listed[0]] == [], listed
            status, said = told(lab, "resume", run.id)
            assert status in (1, 2)
            assert "Read-only file system" in said
            assert current_state(run) == "interrupted"
    except CannotMountError as error:
        pytest.skip(f"{error}: a read-only disk takes a disk of its own, which only root can mount")
