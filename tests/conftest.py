"""What the tests share: one torch thread, a home of their own, small corpora, and no worker left behind."""

from __future__ import annotations

import os
import random
import signal
import time
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import settings

from namestui.runs.config import RunConfig
from namestui.runs.eventlog import EventLog
from namestui.runs.process import signal_worker
from namestui.runs.store import RunDirectory, RunStore
from tests.command_line import Call, caller
from tests.fake_engine import EventMaker
from tests.pseudo_terminal import PseudoTerminal
from tests.watching import LONG, Create, Watch

torch.set_num_threads(1)
settings.register_profile("suite", deadline=None, max_examples=60, derandomize=True, database=None)
settings.load_profile("suite")

# Under nohup, or in the background of a script, these are ignored, and everything that a test starts inherits that.
signal.signal(signal.SIGHUP, signal.SIG_DFL)
signal.signal(signal.SIGINT, signal.default_int_handler)

REPOSITORY = Path(__file__).resolve().parents[1]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty NAMESTUI_HOME; workers that still hold a run of it are killed at the end."""
    path = tmp_path / "home"
    monkeypatch.setenv("NAMESTUI_HOME", str(path))
    monkeypatch.setenv("NAMESTUI_CONFIG", "")  # nobody's own settings
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    monkeypatch.setenv("PYTHONWARNINGS", "error")  # of all programs that are started, workers too
    yield path
    for run in RunStore(path).all():
        _kill_worker(run)


def _kill_worker(run: RunDirectory) -> None:
    """Kill what holds the run; one that starts just now has not written its pid yet."""
    deadline = time.monotonic() + 10
    while run.is_locked() and time.monotonic() < deadline:
        signal_worker(run, signal.SIGKILL)
        time.sleep(0.02)


@pytest.fixture
def call(home: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Call:  # noqa: ARG001
    """The command line in this process, in a home of its own."""
    return caller(monkeypatch, capfd)


@pytest.fixture
def small_corpus(tmp_path: Path) -> Path:
    """Three labels that sound different, 40 distinct names each, 2 to 9 letters long."""
    folder = tmp_path / "corpus"
    folder.mkdir()
    for label, syllables in (
        ("Abban", ("ab", "ban", "da", "a", "bad")),
        ("Kirik", ("ki", "rik", "il", "i", "kik")),
        ("Sumo", ("su", "mo", "uno", "o", "som")),
    ):
        draw = random.Random(label)
        names: set[str] = set()
        while len(names) < 40:
            name = "".join(draw.choice(syllables) for _ in range(draw.randint(1, 4)))
            if 2 <= len(name) <= 9:
                names.add(name.capitalize())
        (folder / f"{label}.txt").write_text("\n".join(sorted(names)) + "\n", encoding="utf-8")
    return folder


@pytest.fixture(scope="session")
def classic() -> Path:
    """The tutorial's 18 files: in $NAMESTUI_CLASSIC, or in ../shared/names beside the repository."""
    named = os.environ.get("NAMESTUI_CLASSIC")
    folder = Path(named) if named else REPOSITORY.parent / "shared" / "names"
    if not folder.is_dir():
        reason = f"the classic names data set is not at {folder}: set NAMESTUI_CLASSIC to its folder"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    return folder


@pytest.fixture
def store(home: Path) -> RunStore:
    return RunStore(home)


@pytest.fixture
async def watch(store: RunStore) -> AsyncIterator[Watch]:
    watch = Watch(store)
    yield watch
    await watch.client.close()


@pytest.fixture
def create(store: RunStore, small_corpus: Path) -> Create:
    """Makes runs on the small corpus."""

    def make(epochs: int = LONG, model: str = "rnn", **changes: Any) -> RunDirectory:
        config = {"batch_size": 64, "learning_rate": 0.02, "weight_decay": 0.1, "hidden_size": 24, "device": "cpu"}
        return store.create(RunConfig(model=model, corpus=str(small_corpus), epochs=epochs, **{**config, **changes}))

    return make


@pytest.fixture
def open_screen(home: Path) -> Iterator[Callable[..., PseudoTerminal]]:
    """Runs a command in a pseudo-terminal that ends with the test."""
    terminals: list[PseudoTerminal] = []

    def begin(*command: str, **environment: str) -> PseudoTerminal:
        terminals.append(PseudoTerminal(list(command), {"NAMESTUI_HOME": str(home), **environment}))
        return terminals[-1]

    yield begin
    for terminal in terminals:
        terminal.close()


@pytest.fixture
def finished(create: Create) -> RunDirectory:
    """A run that has ended, with its record and without a worker."""
    run = create(3)
    maker = EventMaker(run.id)
    log = EventLog(run.events_file)
    told = [maker.run_started(epochs=3), maker.state("running"), *(maker.epoch() for _ in range(3))]
    for event in [*told, maker.state("finished")]:
        log.append(event)
    log.close()
    return run
