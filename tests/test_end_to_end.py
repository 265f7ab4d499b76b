"""The whole of it, as a user has it: the real engine, in a real pseudo-terminal."""

from __future__ import annotations

import os
import re
import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from namestui.runs.store import RunStore
from namestui.runs.summary import live_runs, summarise
from tests.pseudo_terminal import PATIENCE, PseudoTerminal, kill_workers

NAMESTUI = [sys.executable, "-P", "-m", "namestui.tui"]
EPOCH = r"epoch +(\d+)/100000"
Open = Callable[..., PseudoTerminal]


@pytest.fixture
def open_screen(home: Path) -> Iterator[Open]:
    terminals: list[PseudoTerminal] = []

    def open_it(*arguments: str, **environment: str) -> PseudoTerminal:
        terminals.append(PseudoTerminal([*NAMESTUI, *arguments], {"NAMESTUI_HOME": str(home), **environment}))
        return terminals[-1]

    yield open_it
    for terminal in terminals:
        terminal.close()
    kill_workers(home)


def epoch_beyond(terminal: PseudoTerminal, epoch: int) -> int:
    """Wait until the shown run has trained past ``epoch``; the epoch then."""
    deadline = time.monotonic() + PATIENCE
    while (found := int(terminal.wait_for(EPOCH)[1])) <= epoch:
        assert time.monotonic() < deadline, terminal.text()
        terminal.read()
    return found


def leave(terminal: PseudoTerminal, answer: str) -> None:
    terminal.type("q")
    terminal.wait_for("checkpoint and stop")
    terminal.type(answer)
    assert terminal.wait_for_end() == 0


def test_start_train_pause_resume_predict_leave_and_come_back(
    open_screen: Open, store: RunStore, small_corpus: Path
) -> None:
    # GIVEN the screen on two new runs, both training
    first = open_screen("new", "rnn", "lstm", "--corpus", str(small_corpus), "--epochs", "100000")
    first.wait_for("1 RNN ●")
    epoch_beyond(first, 0)
    first.type("2")
    first.wait_for("confusion · LSTM")
    epoch_beyond(first, 0)
    # WHEN the LSTM is paused, it stands still
    first.type("p")
    first.wait_for("paused · ")
    run = next(run for run in store.all() if "lstm" in run.id)
    at = summarise(run)
    assert at.state == "paused"
    # AND the RNN trains on meanwhile
    first.type("1")
    first.wait_for("confusion · RNN")
    epoch_beyond(first, int(first.wait_for(EPOCH)[1]))
    assert summarise(run).epoch == at.epoch
    # AND it goes on when resumed
    first.type("2")
    first.wait_for("paused · ")
    first.type(" ")
    first.wait_for("running · ")
    epoch_beyond(first, at.epoch)
    # AND both say what they take a name for
    first.type("/")
    first.wait_for("ask every open run")
    first.type("Kowalski\r")
    first.wait_for(r"RNN  .*\d%(.|\n)*LSTM .*\d%")
    first.type("\x1b")
    first.wait_for("q leave")
    # WHEN the user leaves, both train on
    before = epoch_beyond(first, 0)
    leave(first, "\r")
    assert b"trains on" in first.output
    assert b"come back with: namestui" in first.output
    assert len(live_runs(store)) == 2
    # AND whoever comes back finds them with their whole history
    second = open_screen()
    second.wait_for("2 LSTM ●")
    second.type("2")
    second.wait_for("confusion · LSTM")
    assert epoch_beyond(second, 0) >= before
    # WHEN a worker is killed, its tab says so and the rest is whole
    worker = run.worker()
    assert worker is not None
    os.kill(worker.pid, signal.SIGKILL)
    second.wait_for("LSTM interrupted")
    second.wait_for("interrupted: ")
    second.wait_for("1 RNN ●")
    # AND r goes on from the checkpoint
    second.type("r")
    second.wait_for("running · ")
    epoch_beyond(second, 0)
    # WHEN the user leaves for good, both are saved and stopped
    leave(second, "s")
    assert b"resume it with: namestui resume" in second.output
    assert [summarise(one).state for one in store.all()] == ["stopped", "stopped"]


@pytest.mark.parametrize("end", ["leave", "SIGTERM", "SIGHUP", "ctrl+q"])
def test_the_terminal_is_left_as_it_was(open_screen: Open, small_corpus: Path, end: str) -> None:
    terminal = open_screen("new", "rnn", "--corpus", str(small_corpus), "--epochs", "100000")
    epoch_beyond(terminal, 0)
    if end == "leave":
        leave(terminal, "\r")
    elif end == "ctrl+q":
        terminal.type("\x11")
        terminal.wait_for("checkpoint and stop")
        terminal.type("\r")
        assert terminal.wait_for_end() == 0
    else:
        os.kill(terminal.pid, getattr(signal, end))
        assert terminal.wait_for_end() == 128 + getattr(signal, end)
    for on, off in ((b"\x1b[?1049h", b"\x1b[?1049l"), (b"\x1b[?1003h", b"\x1b[?1003l")):
        assert terminal.output.rfind(off) > terminal.output.rfind(on) >= 0


def test_a_terminal_that_vanishes_with_sighup_ignored_ends_the_screen_not_the_run(
    store: RunStore, small_corpus: Path
) -> None:
    command = [*NAMESTUI, "new", "rnn", "--corpus", str(small_corpus), "--epochs", "100000"]
    ignoring = ["sh", "-c", "trap '' HUP; exec \"$@\"", "sh", *command]  # as nohup does
    terminal = PseudoTerminal(ignoring, {"NAMESTUI_HOME": str(store.home)})
    epoch_beyond(terminal, 0)
    os.close(terminal.descriptor)
    deadline = time.monotonic() + PATIENCE
    while terminal.poll() is None:
        assert time.monotonic() < deadline, "the screen outlives its terminal"
        time.sleep(0.02)
    (run,) = live_runs(store)
    epoch = summarise(run).epoch
    while summarise(run).epoch <= epoch:
        assert time.monotonic() < deadline, "the run does not train on"
        time.sleep(0.02)
    kill_workers(store.home)


def test_a_terminal_that_stalls_does_not_hold_up_training(
    open_screen: Open, store: RunStore, small_corpus: Path
) -> None:
    terminal = open_screen("new", "rnn", "--corpus", str(small_corpus), "--epochs", "100000")
    epoch_beyond(terminal, 0)
    (run,) = store.all()
    # GIVEN more repaints than the terminal holds, which nobody reads
    terminal.type("d" * 40)
    deadline = time.monotonic() + PATIENCE
    epoch = summarise(run).epoch
    while summarise(run).epoch < epoch + 300:
        assert time.monotonic() < deadline
        time.sleep(0.02)
    # THEN the run has trained on, and the screen catches up once it is read
    epoch_beyond(terminal, epoch + 150)


def test_stray_output_of_a_worker_goes_to_its_log(open_screen: Open, store: RunStore, small_corpus: Path) -> None:
    terminal = open_screen("new", "rnn", "--corpus", str(small_corpus), "--epochs", "100000")
    epoch_beyond(terminal, 0)
    (run,) = store.all()
    worker = run.worker()
    assert worker is not None
    with Path(f"/proc/{worker.pid}/fd/1").open("a") as stdout:
        stdout.write("stray \x1b[31mline\n")
    terminal.type("v")
    terminal.wait_for(re.escape("stray \\x1b[31mline"))
    assert b"\x1b[31mline" not in terminal.output


@pytest.mark.parametrize(
    "environment",
    [
        {"LC_ALL": "C"},
        {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
        {"NO_COLOR": "1"},
        {"TERM": "xterm", "COLORTERM": ""},
    ],
    ids=["ASCII", "ASCII without Python's UTF-8 mode", "no colour", "16 colours"],
)
def test_plain_terminals(open_screen: Open, small_corpus: Path, environment: dict[str, str]) -> None:
    terminal = open_screen("new", "rnn", "--corpus", str(small_corpus), "--epochs", "100000", **environment)
    epoch_beyond(terminal, 0)
    terminal.wait_for(r"true Alpha ->|true \w+ (->|→) predicted")
    if "LC_ALL" in environment:
        assert terminal.output.isascii()
        assert "\\u" not in terminal.text()
    if "NO_COLOR" in environment:
        assert not re.search(rb"\x1b\[[0-9;]*38;2;(?!(\d+);\1;\1)", terminal.output)  # greys alone
