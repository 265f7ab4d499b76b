"""The command line on a terminal without the screen: bars, lines, a table that fits, and a cursor that stays."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from namestui.engine.link.launch import launch
from namestui.runs.recipes import make_config
from namestui.runs.store import RunStore
from namestui.runs.summary import summarise
from namestui.tui.cli.checks import locks
from tests.command_line import Call
from tests.pseudo_terminal import PseudoTerminal
from tests.watching import LONG, Create, until

NAMESTUI = [sys.executable, "-P", "-m", "namestui.tui"]
Open = Callable[..., PseudoTerminal]
HIDE, SHOW = b"\x1b[?25l", b"\x1b[?25h"


@pytest.fixture
def on_terminal(home: Path) -> Iterator[Open]:  # noqa: ARG001
    """Starts ``namestui ARGUMENTS`` on a terminal of its own."""
    terminals: list[PseudoTerminal] = []

    def begin(*arguments: str, columns: int = 120, **environment: str) -> PseudoTerminal:
        terminals.append(PseudoTerminal([*NAMESTUI, *arguments], environment, columns=columns))
        return terminals[-1]

    yield begin
    for terminal in terminals:
        terminal.close()


def shows_cursor(terminal: PseudoTerminal) -> bool:
    return terminal.output.rfind(HIDE) <= terminal.output.rfind(SHOW)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGKILL])
def test_whatever_ends_bars_leaves_a_cursor(on_terminal: Open, small_corpus: Path, number: signal.Signals) -> None:
    terminal = on_terminal("train", "rnn", "--corpus", str(small_corpus), "--epochs", str(LONG))
    terminal.wait_for(r"running · epoch \d+/100000")
    os.kill(terminal.pid, number)
    assert terminal.wait_for_end() == -number
    assert shows_cursor(terminal)


def test_bars_stop_and_come_back(on_terminal: Open, small_corpus: Path) -> None:
    terminal = on_terminal("train", "rnn", "--corpus", str(small_corpus), "--epochs", str(LONG))
    terminal.wait_for(r"running · epoch \d+/100000")
    # WHEN it is stopped (ctrl+z goes to a shell's job; here the signal itself does)
    os.kill(terminal.pid, signal.SIGTSTP)
    until(lambda: terminal.read() or _is_stopped(terminal.pid), "stopped")
    assert shows_cursor(terminal)
    # AND goes on, the bars do so, and Ctrl-C does what it always does
    before = len(terminal.output)
    os.kill(terminal.pid, signal.SIGCONT)
    until(lambda: terminal.read() or b"epoch" in terminal.output[before:], "drawn again")
    os.kill(terminal.pid, signal.SIGINT)
    assert terminal.wait_for_end() == 130
    assert "resume it with: namestui resume" in " ".join(terminal.text().split())
    assert shows_cursor(terminal)


def _is_stopped(pid: int) -> bool:
    # Of an orphaned process group nobody is stopped by the terminal's signal: then it just goes on.
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] in "TSR"


def test_a_dumb_terminal_gets_lines(on_terminal: Open, small_corpus: Path) -> None:
    terminal = on_terminal("train", "rnn", "--corpus", str(small_corpus), "--epochs", "2", TERM="dumb")
    assert terminal.wait_for_end() == 0
    assert b"\x1b" not in terminal.output
    assert b"RNN   finished" in terminal.output


def test_a_dumb_terminal_gets_no_screen(on_terminal: Open, home: Path) -> None:
    for command in (["new"], ["attach", "last"], ["replay", "last"]):
        terminal = on_terminal(*command, TERM="dumb")
        assert terminal.wait_for_end() == 2
        assert b"\x1b" not in terminal.output
        said = terminal.output.decode().replace("\r", "")
        assert said.startswith("namestui: TERM=dumb cannot draw the screen")
        assert said.count("\n") == 1
    assert not home.exists()


def test_follow_on_a_terminal_prints_the_history(on_terminal: Open, store: RunStore, create: Create) -> None:
    run = create(3)
    launch(store, run)
    until(lambda: run.events_file.exists() and summarise(run).state == "finished", "finished")
    terminal = on_terminal("follow", run.id, columns=200)
    assert terminal.wait_for_end() == 0
    for text in ("epoch 1/3", "epoch 2/3", "epoch 3/3", "test accuracy", "RNN   finished"):
        assert text in terminal.text()
    assert b"\x1b" not in terminal.output


def test_the_list_fits_80_columns(on_terminal: Open, store: RunStore) -> None:
    for model in ("rnn", "wide-lstm"):
        settings = ["learning_rate=0.02", "letter_dropout=0.25", "weight_decay=0.5"]
        store.create(make_config(model, seed=12, split="random", corpus="/a/long/way/to/a/corpus", settings=settings))
    terminal = on_terminal("runs", columns=80)
    assert terminal.wait_for_end() == 0
    lines = terminal.output.decode().replace("\r", "").splitlines()
    assert len(lines) == 3
    assert max(map(len, lines)) <= 80
    for run in store.all():
        assert any(line.startswith(run.id) for line in lines)


def test_the_doctor_says_what_a_terminal_lacks(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (("TERM", "dumb"), ("COLUMNS", "120"), ("LINES", "40")):
        monkeypatch.setenv(name, value)
    status, out, _ = call("doctor")
    assert status == 1
    (line,) = [line for line in out.splitlines() if "terminal" in line]
    assert line.startswith("BAD ")
    assert "TERM=dumb can neither move the cursor nor show colours: the screen does not start" in line


def test_the_doctor_tries_a_lock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    good, text = locks(tmp_path)
    assert (good, "locks" in text) == (True, True)
    for number in (37, 38):  # ENOLCK, ENOSYS

        def refuse(_file: int, _how: int, number: int = number) -> None:
            raise OSError(number, os.strerror(number))

        monkeypatch.setattr("namestui.tui.cli.checks.fcntl.flock", refuse)
        good, text = locks(tmp_path)
        assert not good
        assert os.strerror(number) in text
        assert "two workers may train the same run" in text
        assert "NAMESTUI_HOME" in text
    # AND one that keeps nobody out is none
    monkeypatch.setattr("namestui.tui.cli.checks.fcntl.flock", lambda _file, _how: None)
    assert locks(tmp_path)[0] is False
    assert list(tmp_path.iterdir()) == []
