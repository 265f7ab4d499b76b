"""Every fault of ``python -m bench.faults``, a few times each, on real workers.

What is injected and what has to hold stands with each fault in ``bench/fault_*.py``.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.fault_clients import STEPS, clients_come_and_go
from bench.fault_disk import CannotMountError
from bench.fault_intruders import CannotBecomeAnotherError
from bench.fault_lab import EPOCHS, ROOT, Lab, NotSurvivedError, Zygote, check, record
from bench.faults import FAULTS

SLOW = {"another_host", "full_disk", "very_long_log", "killed_while_a_checkpoint_is_written"}
"""Injected once here, all others twice."""


@pytest.fixture(scope="module")
def zygote() -> Iterator[Zygote]:
    zygote = Zygote()
    yield zygote
    zygote.close()


@pytest.fixture(scope="module")
def shared_lab(zygote: Zygote) -> Iterator[Lab]:
    with Lab(zygote=zygote) as lab:
        yield lab


@pytest.fixture
def lab(shared_lab: Lab) -> Iterator[Lab]:
    """A lab without runs; what an undisturbed run comes to is remembered from one test to the next."""
    yield shared_lab
    shared_lab.clear()


@pytest.mark.parametrize(
    ("name", "time"), [(name, time) for name in FAULTS for time in range(1 if name in SLOW else 2)]
)
def test_the_run_survives(lab: Lab, name: str, time: int) -> None:
    lab.draw.seed(f"{name} {time} in pytest")
    try:
        FAULTS[name](lab)
    except CannotMountError as error:
        pytest.skip(f"{error}: filling and protecting a disk takes a disk of its own, which only root can mount")
    except CannotBecomeAnotherError as error:
        pytest.skip(f"{error}")


@settings(max_examples=6)
@given(seed=st.integers(0, 1 << 30), steps=st.lists(st.sampled_from(STEPS), min_size=3, max_size=9))
def test_clients_in_any_order(shared_lab: Lab, seed: int, steps: list[str]) -> None:
    shared_lab.draw.seed(seed)
    try:
        clients_come_and_go(shared_lab, steps)
    finally:
        shared_lab.clear()


def test_what_does_not_survive_is_seen(lab: Lab) -> None:
    # GIVEN a finished run, compared with what it would have been
    run = lab.create()
    lab.finish(run)
    lab.check_as_if_nothing_had_happened(run, interruptions=0)
    whole = {path: path.read_bytes() for path in run.path.iterdir() if path.is_file()}
    events = whole[run.events_file].splitlines(keepends=True)
    # WHEN anything of it is different
    for path, data, word in (
        (run.events_file, b"".join([*events[:5], *events[6:]]), "seq has a gap"),
        (run.events_file, whole[run.events_file].replace(b'"macro_f1":0.', b'"macro_f1":1.', 1), "epochs"),
        (run.events_file, whole[run.events_file] + b"torn", ""),
        (run.confusion_file, whole[run.confusion_file][:-1] + b"\x07", "matrices"),
        (run.path / ".last.pt.1.tmp", b"", "left over"),
    ):
        path.write_bytes(data)
        # THEN that is told (a torn line at the end is not: a reader does not mind)
        if word:
            with pytest.raises(NotSurvivedError, match=word):
                lab.check_as_if_nothing_had_happened(run)
        path.unlink()
        if path in whole:
            path.write_bytes(whole[path])
    with pytest.raises(NotSurvivedError, match="0 interruptions, not 1"):
        lab.check_as_if_nothing_had_happened(run, interruptions=1)
    with pytest.raises(NotSurvivedError, match="half"):
        check(len(record(run)) < EPOCHS, "half")


def test_the_benchmark_counts() -> None:
    command = [sys.executable, "-m", "bench.faults", "--times", "2", "--only", "another_user", "--seed", "3"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode in (0, 1), done.stderr  # 1 where becoming another user is not permitted
    heading, row = done.stdout.splitlines()[:2]
    assert heading.split() == ["fault", "injected", "survived", "what", "survived"]
    assert row.split()[:3] in (["another_user", "2", "2"], ["another_user", "2", "0"])
