"""``e``: the command line is asked about the shown run and the one beside it, and what it says is shown."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from namestui.runs.store import RunStore
from namestui.tui.dialogs import explain
from namestui.tui.dialogs.explain import ExplainScreen
from tests.screen_stage import on_stage

SAYS = Path(__file__).with_name("explains.sh")


@pytest.fixture(autouse=True)
def another_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(explain.sys, "executable", str(SAYS))


@pytest.mark.parametrize(("shown", "first", "second"), [("1", 0, 1), ("2", 1, 0)])
async def test_it_explains_the_shown_run_by_the_one_beside_it(
    store: RunStore, shown: str, first: int, second: int
) -> None:
    async with on_stage(store, models=["rnn", "lstm"]) as stage:
        stage.train(0)
        await stage.until_shown("2 LSTM")
        await stage.press(shown, "e")
        await stage.until(lambda: isinstance(stage.app.screen, ExplainScreen), "the dialog")
        ids = stage.run_ids
        await stage.until_shown(f"explains {ids[first]} {ids[second]}", "RNN does better: 83.9 % to 80.1 %")
        # what a process says steers nothing
        await stage.until_shown(r"It rests on \x1b[2J12 names.")
        await stage.press("e")
        await stage.until(lambda: stage.app.screen is stage.main, "closed")


async def test_a_run_alone_is_not_compared(store: RunStore) -> None:
    async with on_stage(store, models=["rnn"]) as stage:
        await stage.press("e")
        await stage.until(lambda: "explain compares two open runs" in stage.notices(), "said")
        assert stage.app.screen is stage.main


async def test_a_process_that_says_nothing_is_reported(store: RunStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(explain.sys, "executable", "/bin/false")
    async with on_stage(store, models=["rnn", "lstm"]) as stage:
        await stage.press("e")
        await stage.until_shown("explain ended with 1")


async def test_closing_ends_the_other_process(store: RunStore, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    endless, pid_file = tmp_path / "endless.sh", tmp_path / "pid"
    endless.write_text(f"#!/bin/sh\necho $$ > {pid_file}.new\nmv {pid_file}.new {pid_file}\nexec sleep 600\n")
    endless.chmod(0o700)
    monkeypatch.setattr(explain.sys, "executable", str(endless))
    async with on_stage(store, models=["rnn", "lstm"]) as stage:
        await stage.press("e")
        await stage.until_shown("comparing both networks: takes a few seconds")
        await stage.until(pid_file.exists, "begun")
        pid = int(pid_file.read_text())
        try:
            await stage.press("escape")
            await stage.until(lambda: not is_there(pid), "ended")
        finally:
            if is_there(pid):
                os.kill(pid, signal.SIGKILL)


def is_there(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.mark.parametrize("key", ["escape", "enter", "q"])
async def test_it_closes_before_the_answer(store: RunStore, monkeypatch: pytest.MonkeyPatch, key: str) -> None:
    monkeypatch.setattr(explain.sys, "executable", "/bin/cat")  # refuses its arguments, or waits: either will do
    async with on_stage(store, models=["rnn", "lstm"]) as stage:
        await stage.press("e", key)
        await stage.until(lambda: stage.app.screen is stage.main, "closed")
