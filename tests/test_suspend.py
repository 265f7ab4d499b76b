"""ctrl+z: the shell has its terminal back, and ``fg`` the whole screen."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from bench import job_shell
from namestui.runs.store import RunDirectory
from tests.pseudo_terminal import PATIENCE, PseudoTerminal

NAMESTUI = [sys.executable, "-P", "-m", "namestui.tui"]
Open = Callable[..., PseudoTerminal]


@pytest.fixture
def screen(open_screen: Open, finished: RunDirectory) -> PseudoTerminal:
    """The screen on a finished run, as a job of a shell."""
    terminal = open_screen(sys.executable, job_shell.__file__, *NAMESTUI, "attach", finished.id)
    terminal.wait_for("finished · epoch 3/3")
    return terminal


def job_of(terminal: PseudoTerminal) -> int:
    """The pid of the screen itself."""
    (pid,) = Path(f"/proc/{terminal.pid}/task/{terminal.pid}/children").read_text().split()
    return int(pid)


def assert_works(terminal: PseudoTerminal) -> None:
    """All of it is drawn, each key acts once, and it can be left."""
    terminal.wait_for(r"(?s)loss.*confusion · RNN.*finished · epoch 3/3.*q leave")
    terminal.type("/")
    terminal.wait_for("enter ask every open run")
    terminal.type("abc")
    terminal.wait_for("name ▸ abc ")
    terminal.type("\x1b")
    terminal.wait_for("q leave")
    terminal.type("q")
    assert terminal.wait_for_end() == 0


@pytest.mark.parametrize("how", ["key", "key in the prompt", "key in a dialog", "signal"])
def test_suspend_and_come_back(screen: PseudoTerminal, how: str) -> None:
    # WHEN it is suspended
    if how == "signal":
        os.kill(job_of(screen), signal.SIGTSTP)
    elif how == "key in the prompt":
        screen.send(b"/\x1a")
    elif how == "key in a dialog":
        screen.send(b"n\x1a")
    else:
        screen.send(b"\x1a")
    # THEN the shell has the terminal as it was, the cursor shown
    screen.wait_for("stopped. terminal restored")
    tail = screen.output[: screen.output.rfind(b"[stopped]")]
    for on, off in ((b"\x1b[?1049h", b"\x1b[?1049l"), (b"\x1b[?25l", b"\x1b[?25h"), (b"\x1b[?7l", b"\x1b[?7h")):
        assert tail.rfind(off) > tail.rfind(on) >= 0
    # WHEN it is brought back THEN it is whole, where it was
    screen.screen.reset()
    screen.type("\n")
    if how in ("key in the prompt", "key in a dialog"):
        there = "enter ask every open run" if how == "key in the prompt" else "new runs"
        screen.wait_for(there)
        screen.type("\x1b")
        screen.wait_for(rf"(?s)\A(?!.*{there})")  # Esc and a key at once would be alt and that key
    assert_works(screen)


def test_a_size_that_changed_meanwhile_is_noticed(screen: PseudoTerminal) -> None:
    screen.send(b"\x1a")
    screen.wait_for("stopped. terminal restored")
    screen.resize(90, 30)
    screen.screen.reset()
    screen.type("\n")
    screen.wait_for("(?s)namestui.*Curves.*q leave")  # the inner tabs of a small terminal
    assert len(screen.text().split("\n")) == 30


def test_twice(screen: PseudoTerminal) -> None:
    for _ in range(2):
        screen.screen.reset()
        screen.send(b"\x1a")
        screen.wait_for("stopped. terminal restored")
        screen.screen.reset()
        screen.type("\n")
        screen.wait_for("finished · epoch 3/3")
    assert_works(screen)


def test_a_stop_that_nobody_announced(screen: PseudoTerminal) -> None:
    pid = job_of(screen)
    threads = threads_of(pid)
    os.kill(pid, signal.SIGSTOP)
    screen.wait_for("stopped. terminal left as it was")
    screen.screen.reset()
    screen.type("\n")
    screen.wait_for("finished · epoch 3/3")
    # one thread reads the keys, and one writes, as before
    deadline = time.monotonic() + PATIENCE
    while threads_of(pid) != threads:
        assert time.monotonic() < deadline, threads_of(pid)
        screen.read()
    assert_works(screen)


def threads_of(pid: int) -> int:
    return len(list(Path(f"/proc/{pid}/task").iterdir()))


def test_without_a_shell_there_is_nothing_to_go_back_to(open_screen: Open, finished: RunDirectory) -> None:
    terminal = open_screen(*NAMESTUI, "attach", finished.id)
    terminal.wait_for("finished · epoch 3/3")
    terminal.send(b"\x1a")
    terminal.wait_for("no shell to go back to")
    assert_works(terminal)
