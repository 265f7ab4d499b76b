"""``Y``: what is copied from where, and the bytes that a terminal, tmux and GNU screen get of it."""

from __future__ import annotations

import base64
import re
import sys
from collections.abc import Callable
from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from namestui.runs import commands
from namestui.runs.store import RunDirectory, RunStore
from namestui.tui.dialogs.all_runs import AllRuns
from namestui.tui.dialogs.examples import ExamplesScreen
from namestui.tui.screen.app import NamesApp
from namestui.tui.screen.clipboard import MAX_BYTES, fitting, sequence, what_was_copied
from tests.pseudo_terminal import PseudoTerminal
from tests.screen_stage import NARROW, WIDE, Stage, on_stage
from tests.test_screen_predict import asked

XTERM = {"TERM": "xterm-256color"}
OSC_52 = re.compile(rb"\x1b\]52;c;([A-Za-z0-9+/=]*)\x07")
NAMESTUI = [sys.executable, "-P", "-m", "namestui.tui"]


def copied(output: bytes) -> list[str]:
    """What a terminal that gets these bytes copies."""
    return [base64.b64decode(found).decode() for found in OSC_52.findall(output)]


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_the_terminal_gets_the_text(text: str) -> None:
    assert copied(sequence(text, XTERM).encode()) == [text]


@given(st.text(max_size=300))
def test_through_tmux(text: str) -> None:
    output = sequence(text, {**XTERM, "TMUX": "/tmp/tmux-0/default,1,0"}).encode("utf-8", "replace")
    by_itself, passed_through = output.split(b"\x1bPtmux;")
    inner = passed_through.removesuffix(b"\x1b\\").replace(b"\x1b\x1b", b"\x1b")
    assert passed_through.endswith(b"\x1b\\")
    assert copied(by_itself) == copied(inner) == [fitting(text)]


@given(st.text(max_size=2000))
def test_through_gnu_screen(text: str) -> None:
    output = sequence(text, {"TERM": "screen", "STY": "1.pts"}).encode()
    parts = re.findall(rb"\x1bP(.*?)\x1b\\", output, re.DOTALL)
    assert b"".join(b"\x1bP" + part + b"\x1b\\" for part in parts) == output
    assert max(map(len, parts)) <= 256
    assert copied(b"".join(parts)) == [fitting(text)]


@pytest.mark.parametrize("term", ["", "dumb", "linux"])
def test_what_would_print_it_gets_nothing(term: str) -> None:
    assert sequence("text", {"TERM": term}) == ""


@given(st.text(min_size=1, max_size=50))
def test_its_length_is_bounded_and_no_letter_cut(text: str) -> None:
    long = text * MAX_BYTES
    kept = fitting(long)
    assert long.encode("utf-8", "replace").startswith(kept.encode())
    assert min(MAX_BYTES, len(long.encode("utf-8", "replace"))) - 3 <= len(kept.encode()) <= MAX_BYTES


def test_what_is_said_of_it_is_what_is_known() -> None:
    assert what_was_copied("one cell", XTERM) == "sent to the terminal's clipboard: one cell"
    assert what_was_copied("a\nb", XTERM) == "sent to the terminal's clipboard: 2 lines"
    assert what_was_copied("x" * (MAX_BYTES + 1), XTERM).endswith("…, cut to 50,000 bytes")
    assert "allow-passthrough" in what_was_copied("one cell", {**XTERM, "TMUX": "1"})


async def copy(stage: Stage, key: str = "Y") -> str:
    """Press the key; what was copied."""
    sent: list[str] = []
    with patch.object(NamesApp, "copy_to_clipboard", lambda _, text: sent.append(text)):
        await stage.press(key)
        await stage.until(lambda: sent or "nothing to copy" in stage.notices(), "copied")
    return sent[0] if sent else ""


@pytest.fixture(autouse=True)
def terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    for name in ("TMUX", "STY"):
        monkeypatch.delenv(name, raising=False)


async def test_a_cell_of_the_matrix(store: RunStore) -> None:
    async with on_stage(store, models=["rnn"]) as stage:
        stage.train(0)
        await stage.until_shown("Abban", "28")
        await stage.press("right")
        text = await copy(stage)
        assert text.startswith("true Abban → predicted Kirik: 1 of 30 (3.3 %) · Abban: precision ")
        assert f"clipboard: {text[:30]}" in stage.notices()


@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["120x40", "80x24"])
async def test_the_shown_run_s_answer_also_while_a_name_is_typed(store: RunStore, size: tuple[int, int]) -> None:
    async with on_stage(store, models=["rnn", "lstm"], size=size) as stage:
        for index in (0, 1):
            stage.train(index)
            stage.deliver(stage.makers[index].state("running"))
        for request, maker, label in zip(await asked(stage, "Yui"), stage.makers, ("Greek", "Czech"), strict=True):
            assert request.name == "Yui"  # Y is a letter there
            stage.deliver(maker.predicted(request.request, "Yui", {label: 0.7512, "Dutch": 0.2488}))
        await stage.until_shown("Greek", "Czech")
        assert await copy(stage, "ctrl+y") == "RNN: Greek 75.1%, Dutch 24.9%"


async def test_a_row_of_the_list_of_runs(store: RunStore) -> None:
    async with on_stage(store, models=["rnn"]) as stage:
        await stage.until_shown("q leave")
        await stage.press("o")
        await stage.until(lambda: isinstance(stage.app.screen, AllRuns), "the list")
        await stage.until_shown("1 of 1")
        cells = (await copy(stage)).split("\t")
        assert cells[0] == stage.run_ids[0] and "rnn" in cells


async def test_the_names_of_a_cell(store: RunStore) -> None:
    async with on_stage(store, models=["rnn"]) as stage:
        stage.train(0)
        await stage.until_shown("Abban", "28")
        await stage.press("enter")
        await stage.until(lambda: isinstance(stage.app.screen, ExamplesScreen), "the dialog")
        await stage.until(stage.engine.waiting, "asked")
        assert await copy(stage) == ""  # they are waited for
        request = stage.engine.last(commands.ListExamples, stage.run_ids[0]).request
        stage.deliver(stage.makers[0].examples(request, ["Abba", "\x1b]52;c;!\a"]))
        stage.app.clear_notifications()
        await stage.until_shown("90.0 %  Abba")
        assert await copy(stage) == " 90.0 %  Abba\n 89.0 %  \\x1b]52;c;!\\x07"


def test_on_a_real_terminal(open_screen: Callable[..., PseudoTerminal], finished: RunDirectory) -> None:
    screen = open_screen(*NAMESTUI, "attach", finished.id, TMUX="", STY="")
    screen.wait_for("finished · epoch 3/3")
    screen.type("o")
    screen.wait_for("all runs.*")
    screen.wait_for("1 of 1")
    screen.type("Y")
    screen.wait_for("sent to the terminal's")
    (text,) = copied(screen.output)
    assert text.split("\t")[0] == finished.id


async def test_the_charts_of_the_page_and_the_table_of_classes(store: RunStore) -> None:
    async with on_stage(store, models=["rnn"]) as stage:
        stage.train(0)
        await stage.until_shown("Abban", "28")
        await stage.press("g")
        charts = (await copy(stage)).splitlines()
        assert [line.split("\t")[:3] for line in charts] == [["loss", "epoch", "3"], ["accuracy", "epoch", "3"]]
        assert "validation\t1.2" in charts[0]
        await stage.press("t")
        await stage.until_shown("prec   rec")
        table = (await copy(stage)).splitlines()
        assert table[0].split("\t") == ["class", "precision", "recall", "F1", "names"]
        assert [line.split("\t")[0] for line in table[1:]] == ["Abban", "Kirik", "Sumo"]
