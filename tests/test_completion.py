"""Completion of the command line: what shells are given, and that it works in those that are here."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.pseudo_terminal import PseudoTerminal

NAMESTUI = [sys.executable, "-P", "-m", "namestui.tui"]
BASH = """
. "$HOME/.bashrc"
COMP_WORDS=({words}); COMP_CWORD={last}
"$(complete -p namestui | sed 's/.* -F \\([^ ]*\\) .*/\\1/')" namestui
printf '%s\\n' "${{COMPREPLY[@]}}"
"""


@pytest.fixture
def environment(tmp_path: Path, home: Path) -> dict[str, str]:
    """A user of their own, whose shell finds namestui."""
    folder = tmp_path / "bin"
    folder.mkdir()
    program = folder / "namestui"
    program.write_text(f'#!/bin/sh\nexec {" ".join(NAMESTUI)} "$@"\n')
    program.chmod(0o700)
    return {**os.environ, "HOME": str(tmp_path), "PATH": f"{folder}:{os.environ['PATH']}", "NAMESTUI_HOME": str(home)}


def output_of(environment: dict[str, str], *command: str, status: int = 0) -> str:
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == status, done.stderr
    return done.stdout + done.stderr


@pytest.mark.skipif(shutil.which("bash") is None, reason="there is no bash here")
@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["co"], {"config"}),
        (["train", "--ep"], {"--epochs"}),
        (["train", "ls"], {"lstm"}),
        (["train", "--split", ""], {"grouped", "random"}),
        (["train", "--set", "drop"], {"dropout="}),
    ],
)
def test_in_bash_once_it_is_installed(environment: dict[str, str], words: list[str], expected: set[str]) -> None:
    said = output_of(environment, "bash", "-c", "namestui --install-completion; exit $?")
    assert "bash completion installed in" in said
    quoted = " ".join(f"'{word}'" for word in ["namestui", *words])
    script = BASH.format(words=quoted, last=len(words))
    assert set(output_of(environment, "bash", "-c", script).split()) == expected


@pytest.mark.parametrize(
    ("shell", "variables"),
    [
        ("zsh", {"_TYPER_COMPLETE_ARGS": "namestui co"}),
        ("fish", {"_TYPER_COMPLETE_ARGS": "namestui co", "_TYPER_COMPLETE_FISH_ACTION": "get-args"}),
    ],
)
def test_what_the_scripts_of_other_shells_ask_is_answered(
    environment: dict[str, str], shell: str, variables: dict[str, str]
) -> None:
    asking = {**environment, **variables, "_NAMESTUI_COMPLETE": f"complete_{shell}"}
    assert "config" in output_of(asking, *NAMESTUI)
    shown = {**environment, "_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION": "1"}
    assert f"_NAMESTUI_COMPLETE=complete_{shell}" in output_of(shown, *NAMESTUI, "--show-completion", shell)


def test_a_shell_that_asks_on_its_terminal_gets_no_screen(open_screen: Callable[..., PseudoTerminal]) -> None:
    # as fish does, whose condition keeps the terminal as standard output
    terminal = open_screen(
        *NAMESTUI,
        _NAMESTUI_COMPLETE="complete_fish",
        _TYPER_COMPLETE_FISH_ACTION="is-args",
        _TYPER_COMPLETE_ARGS="namestui co",
    )
    assert terminal.wait_for_end() == 0
    assert b"\x1b[?1049h" not in terminal.output


def test_a_home_that_cannot_be_written_is_named(environment: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    nowhere = {**environment, "HOME": str(tmp_path / "file")}
    said = output_of(nowhere, "bash", "--norc", "-c", "namestui --install-completion; exit $?", status=1)
    assert said.count("\n") == 1 and f"namestui: {tmp_path / 'file'}" in said
