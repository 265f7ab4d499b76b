"""The terminal afterwards: whatever ends the screen, the shell finds its terminal as it was, and runs train on."""

from __future__ import annotations

import fcntl
import os
import re
import signal
import stat
import struct
import sys
import termios
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from namestui.engine.link.launch import launch
from namestui.runs.store import RunDirectory, RunStore
from namestui.tui.screen.failure import record_failure
from tests.pseudo_terminal import PATIENCE, PseudoTerminal
from tests.watching import LONG, Create, epochs_of, pid_of, states_of

NAMESTUI = [sys.executable, "-P", "-m", "namestui.tui"]
SHOW_CURSOR = "\x1b[?25h"
AS_A_RULE = {b"7": b"h", b"25": b"h"}
"""How modes are left: lines wrap, the cursor is shown; everything else is off."""
Open = Callable[..., PseudoTerminal]

FAILING = """
import sys
from namestui.tui.screen.main import MainScreen
def fail(self):
    raise RuntimeError("broken on purpose")
MainScreen.action_log_axis = fail
sys.argv[0] = "namestui"
from namestui.tui.entry import main
main()
"""
"""The screen with a key (y) that raises what nobody expects."""


@pytest.fixture
def training(store: RunStore, create: Create) -> RunDirectory:
    """A run that a worker of its own trains now."""
    run = create(LONG)
    launch(store, run)
    until(lambda: epochs_of(run), "an epoch")
    return run


def until(condition: Callable[[], object], what: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, f"never {what}"
        time.sleep(0.02)


def settings_of(terminal: PseudoTerminal) -> list[Any]:
    """Its termios settings, as both ends see them."""
    return termios.tcgetattr(terminal.descriptor)


def modes_of(output: bytes) -> dict[bytes, bytes]:
    """Every mode that was set or reset, and which came last."""
    return dict(re.findall(rb"\x1b\[\?(\d+)([hl])", output))


def assert_given_back(terminal: PseudoTerminal, before: list[Any]) -> None:
    """Every mode that was touched is as it is as a rule, and lines are edited and echoed as before."""
    modes = modes_of(terminal.output)
    assert {b"7", b"25", b"1000", b"1003", b"1004", b"1049", b"2004"} <= modes.keys()
    assert modes == {mode: AS_A_RULE.get(mode, b"l") for mode in modes}
    assert terminal.output.count(b"\x1b[<u") >= terminal.output.count(b"\x1b[>25u") > 0
    assert settings_of(terminal) == before


def assert_trains_on(run: RunDirectory) -> None:
    before = len(epochs_of(run))
    until(lambda: len(epochs_of(run)) > before, "another epoch")
    assert run.is_locked()
    assert states_of(run) == ["running"]


def canonical(terminal: PseudoTerminal) -> bool:
    """Whether the terminal is still, or again, in its usual line mode."""
    return bool(settings_of(terminal)[3] & termios.ICANON)


@pytest.mark.parametrize(
    ("keys", "number", "status"),
    [
        ("q", None, 0),
        ("\x11", None, 0),  # ctrl+q
        ("", signal.SIGTERM, 128 + signal.SIGTERM),
        ("", signal.SIGHUP, 128 + signal.SIGHUP),
        ("", signal.SIGINT, 128 + signal.SIGINT),
    ],
    ids=["q", "ctrl+q", "SIGTERM", "SIGHUP", "SIGINT"],
)
def test_ways_out(
    open_screen: Open, finished: RunDirectory, keys: str, number: signal.Signals | None, status: int
) -> None:
    # GIVEN a shell that has set up its terminal in its own way
    script = 'stty -echoctl -ixon erase "^H"; echo ready; read go; exec "$@"'
    terminal = open_screen("sh", "-c", script, "sh", *NAMESTUI, "attach", finished.id)
    terminal.wait_for("ready")
    before = settings_of(terminal)
    terminal.type("\n")
    terminal.wait_for("finished · epoch 3/3")
    assert not canonical(terminal)
    # WHEN the screen ends
    terminal.type(keys)
    if number is not None:
        os.kill(terminal.pid, number)
    assert terminal.wait_for_end() == status
    # THEN nothing of it is left
    assert_given_back(terminal, before)
    assert b"Traceback" not in terminal.output


def test_an_error_nobody_expected(open_screen: Open, finished: RunDirectory, store: RunStore) -> None:
    terminal = open_screen(sys.executable, "-P", "-c", FAILING, "attach", finished.id)
    before = settings_of(terminal)
    terminal.wait_for("finished · epoch 3/3")
    terminal.type("y")
    assert terminal.wait_for_end() == 1
    assert_given_back(terminal, before)
    # THEN one line on the screen that is left says what happened, and where the rest of it is
    left = re.sub(r"\x1b\[\?\d+l", "", terminal.output[terminal.output.rfind(b"\x1b[?1049l") :].decode())
    log = store.home / "screen.log"
    says = f"namestui: the screen has failed, the runs have not: RuntimeError: broken on purpose; details in {log}"
    assert left.removeprefix(SHOW_CURSOR).splitlines() == [says]
    assert "in fail" in log.read_text() and "Traceback" in log.read_text()
    assert stat.S_IMODE(log.stat().st_mode) == 0o600


def test_a_failure_replaces_a_link_and_a_pipe_and_follows_none(tmp_path: Path) -> None:
    home, outside = tmp_path / "home", tmp_path / "outside"
    (tmp_path / "real").mkdir()
    home.symlink_to(tmp_path / "real")  # where its user keeps the home is their choice
    outside.write_text("precious")
    log = home / "screen.log"
    for occupy in (lambda: log.symlink_to(outside), lambda: os.mkfifo(log), lambda: log.write_text("older")):
        occupy()
        assert record_failure(home, ValueError("one")).endswith(f"; details in {log}")
        assert "ValueError: one" in log.read_text() and "older" not in log.read_text()
        assert [one.name for one in home.iterdir()] == ["screen.log"]
        log.unlink()
    assert outside.read_text() == "precious"


def test_an_error_that_cannot_be_written_down_is_still_one_line(tmp_path: Path) -> None:
    (tmp_path / "screen.log").mkdir()
    line = record_failure(tmp_path, ValueError("two\nlines \x1b[2J"))
    assert line.startswith("namestui: the screen has failed, the runs have not: ValueError: two; ")
    assert "cannot be written: " in line and "\n" not in line


def test_killing_the_screen_leaves_the_runs_training(
    open_screen: Open, training: RunDirectory, store: RunStore
) -> None:
    # GIVEN a screen on a run that it started itself, and on one that it found
    terminal = open_screen(*NAMESTUI, "new", "rnn", "--epochs", str(LONG), "--corpus", training.config().corpus)
    terminal.wait_for(r"running · epoch +[1-9]\d*/")
    both = store.all()
    assert len(both) == 2
    started = next(run for run in both if run.id != training.id)
    # WHEN it is killed, and its terminal goes too
    os.kill(terminal.pid, signal.SIGKILL)
    assert terminal.wait_for_end() == -signal.SIGKILL
    # THEN both train on, in sessions of their own
    for run in both:
        assert_trains_on(run)
        assert os.getsid(pid_of(run)) == pid_of(run)
    # AND the next screen has both, with all that was missed
    reached = len(epochs_of(started))
    again = open_screen(*NAMESTUI, "attach", started.id, training.id)
    shown = again.wait_for(r"running · epoch +([1-9]\d*)/")
    assert int(shown[1]) >= reached
    again.wait_for(rf"1 RNN {started.id[-4:]} ●.*2 RNN {training.id[-4:]} ●")


BLOCKING = "import os, signal, sys; signal.pthread_sigmask(signal.SIG_BLOCK, [1]); os.execv(sys.argv[1], sys.argv[1:])"


@pytest.mark.parametrize(
    "wrapper",
    [[], ["sh", "-c", "trap '' HUP; exec \"$@\"", "sh"], [sys.executable, "-c", BLOCKING]],
    ids=["hung up", "as under nohup", "never told"],
)
def test_a_terminal_that_vanishes(home: Path, finished: RunDirectory, wrapper: list[str]) -> None:
    command = [*wrapper, *NAMESTUI, "attach", finished.id]
    terminal = PseudoTerminal(command, {"NAMESTUI_HOME": str(home)})
    terminal.wait_for("finished · epoch 3/3")
    spent = cpu_seconds(terminal.pid)
    # WHEN the terminal goes
    os.close(terminal.descriptor)
    gone = time.monotonic()
    # THEN the screen follows within seconds, and does not spin meanwhile
    most = spent
    while terminal.poll() is None:
        most = max(most, cpu_seconds(terminal.pid))
        if time.monotonic() > gone + 15:
            os.kill(terminal.pid, signal.SIGKILL)
            os.waitpid(terminal.pid, 0)
            pytest.fail(f"the screen outlives its terminal; {most - spent:.1f} s of CPU")
        time.sleep(0.01)
    assert terminal.poll() == 128 + signal.SIGHUP
    assert most - spent < 1


def cpu_seconds(pid: int) -> float:
    """What a process has used so far; 0 once it is gone."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def test_a_stalled_terminal_holds_up_nobody_and_can_be_left(open_screen: Open, training: RunDirectory) -> None:
    terminal = open_screen(*NAMESTUI, "attach", training.id)
    terminal.wait_for(r"running · epoch +[1-9]\d*/")
    # WHEN nobody reads until nothing more fits, and it has been full for a while
    until(lambda: waiting_bytes(terminal) >= 4000, "full")
    full_at, epoch = time.monotonic(), len(epochs_of(training))
    until(lambda: time.monotonic() > full_at + 2 and len(epochs_of(training)) > epoch + 50, "trained on")
    # THEN the worker is as quick as before and still serves, and the screen can be told to go
    assert_trains_on(training)
    os.kill(terminal.pid, signal.SIGTERM)
    until(lambda: terminal.poll() is not None, "ended")
    assert terminal.poll() == 128 + signal.SIGTERM
    assert_trains_on(training)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_a_screen_that_waits_for_its_terminal_ends_when_asked_to(
    open_screen: Open, finished: RunDirectory, number: signal.Signals
) -> None:
    terminal = open_screen(*NAMESTUI, "attach", finished.id)
    terminal.wait_for("finished · epoch 3/3")
    # GIVEN more to draw than the terminal takes and than the library queues, which nobody reads
    terminal.type("d" * 200)
    until(lambda: waiting_bytes(terminal) >= 4000, "full")
    spent, since = cpu_seconds(terminal.pid), time.monotonic()
    while time.monotonic() < since + 1:  # until it has stood still for a second
        if (now := cpu_seconds(terminal.pid)) != spent:
            spent, since = now, time.monotonic()
        time.sleep(0.02)
    # WHEN it is told to go THEN it goes, and the terminal is left as it should be
    os.kill(terminal.pid, number)
    until(lambda: terminal.poll() is not None, "ended")
    assert terminal.poll() == 128 + number
    for _ in range(50):
        terminal.read()
    modes = modes_of(terminal.output)
    assert modes == {mode: AS_A_RULE.get(mode, b"l") for mode in modes}


def waiting_bytes(terminal: PseudoTerminal) -> int:
    """What the program has written and nobody has read, as far as the terminal says."""
    return int(struct.unpack("i", fcntl.ioctl(terminal.descriptor, termios.FIONREAD, b"\0" * 4))[0])
