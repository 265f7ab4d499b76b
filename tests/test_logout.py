"""What a logout would do to runs, on machines whose logind says so: stand-ins for its programs, and real workers."""

from __future__ import annotations

import os
import shlex
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from namestui.engine.link.launch import kills_at_logout, launch
from namestui.engine.link.logout import warn_of_logout
from namestui.runs.store import RunStore
from namestui.tui.cli import checks
from tests.watching import Create, Watch, pid_of

Machine = Callable[..., Path]


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Machine]:
    """Puts ``loginctl`` with this answer on the path, and ``systemd-run`` where wanted; where that notes its call."""
    programs = tmp_path / "programs"
    programs.mkdir()
    called = tmp_path / "called"

    def make(answer: str, *, has_systemd_run: bool) -> Path:
        scripts = {"loginctl": f"echo {shlex.quote(answer)}"}
        if has_systemd_run:
            # As the real one with --scope: it becomes the command after the two dashes.
            scripts["systemd-run"] = (
                f'echo "$@" > {shlex.quote(str(called))}\nwhile [ "$1" != -- ]; do shift; done\nshift\nexec "$@"'
            )
        for name, script in scripts.items():
            (programs / name).write_text(f"#!/bin/sh\n{script}\n")
            (programs / name).chmod(0o755)
        monkeypatch.setenv("PATH", f"{programs}{os.pathsep}{os.environ['PATH']}")
        kills_at_logout.cache_clear()
        return called

    yield make
    kills_at_logout.cache_clear()


async def test_a_scope_of_its_own_where_logind_kills(
    machine: Machine, store: RunStore, watch: Watch, create: Create
) -> None:
    called = machine("yes", has_systemd_run=True)
    run = create()
    process = launch(store, run)
    watch.client.open(run)
    await watch.until_epoch(1)
    # THEN the worker was started by systemd-run, which became it, and it holds the run
    assert called.read_text().startswith("--user --scope --quiet --collect -- ")
    assert pid_of(run) == process.pid
    assert run.is_locked()
    # AND nobody needs to be warned
    assert warn_of_logout(store) == ""


async def test_no_scope_where_logind_spares_them(
    machine: Machine, store: RunStore, watch: Watch, create: Create
) -> None:
    called = machine("no", has_systemd_run=True)
    run = create()
    launch(store, run)
    watch.client.open(run)
    await watch.until_epoch(1)
    assert not called.exists()
    assert warn_of_logout(store) == ""


def test_one_warning_where_nothing_helps(
    machine: Machine, store: RunStore, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    machine("yes", has_systemd_run=False)
    monkeypatch.setattr(
        "namestui.engine.link.launch.shutil.which", lambda name: None if name == "systemd-run" else name
    )
    assert "kills your processes when you log out" in warn_of_logout(store)
    assert warn_of_logout(store) == ""
    # AND the doctor explains lingering each time it is asked
    for _ in range(2):
        assert checks.examine(store) == 1
        assert "loginctl enable-linger" in capsys.readouterr().out
