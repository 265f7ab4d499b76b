"""Where nothing happens nothing is sent: who looks over a slow line pays for changes only."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

import pytest

from namestui.runs.store import RunDirectory
from tests.pseudo_terminal import PATIENCE, PseudoTerminal

SILENT_READS = 150
"""Times that the terminal is read in vain, 0.02 s each: longer than any of the screen's timers takes."""


def is_silent(terminal: PseudoTerminal) -> bool:
    before = len(terminal.output)
    for _ in range(SILENT_READS):
        terminal.read()
        if len(terminal.output) > before:
            return False
    return True


def test_finished_runs_send_nothing(finished: RunDirectory, open_screen: Callable[..., PseudoTerminal]) -> None:
    terminal = open_screen(sys.executable, "-P", "-m", "namestui.tui", "attach", finished.id)
    terminal.wait_for("finished · epoch 3/3")
    deadline = time.monotonic() + PATIENCE
    while not is_silent(terminal):
        assert time.monotonic() < deadline, terminal.output[-400:]


@pytest.mark.parametrize("dialog", ["", "?"], ids=["panes", "help"])
def test_ctrl_l_draws_over_what_another_program_has_written(
    finished: RunDirectory, open_screen: Callable[..., PseudoTerminal], dialog: str
) -> None:
    terminal = open_screen(sys.executable, "-P", "-m", "namestui.tui", "attach", finished.id)
    terminal.wait_for("finished · epoch 3/3")
    if dialog:
        terminal.type(dialog)
        terminal.wait_for("esc closes")
    deadline = time.monotonic() + PATIENCE
    while not is_silent(terminal):
        assert time.monotonic() < deadline, terminal.output[-400:]
    before = terminal.text()
    terminal.screen.erase_in_display(2)  # nobody but the terminal knows
    terminal.type("\x0c")
    while terminal.text() != before:
        terminal.read()
        assert time.monotonic() < deadline, terminal.text()
