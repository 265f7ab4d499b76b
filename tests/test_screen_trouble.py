"""Runs that failed or lost their worker: what is shown, and that nothing of it steers the terminal."""

from __future__ import annotations

import asyncio
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from textual.geometry import Size
from textual.style import Style

from namestui.engine.link.updates import WorkerGone
from namestui.runs.events import Prediction
from namestui.runs.store import RunStore
from namestui.tui.state.name_question import NameQuestion
from namestui.tui.state.run_state import RunState
from namestui.tui.widgets.predictions import Answer, Predictions
from namestui.tui.widgets.progress_line import ProgressLine
from namestui.tui.widgets.trouble import Trouble
from namestui.tui.words.about import about
from tests.fake_engine import EventMaker, FakeEngine
from tests.screen_stage import NARROW, WIDE, on_stage

SIZES = pytest.mark.parametrize("size", [WIDE, NARROW], ids=["120x40", "80x24"])
HOSTILE = (
    "[red]x[/]",
    "[/]",
    "[@click=app.quit]q[/]",
    "\x1b[2J",
    "\x1b]0;x\x07",
    "\x9b1m",
    "\u202e",
    "\r",
    "\x00",
    "$x",
)
UNSAFE = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
hostile = st.lists(st.sampled_from(HOSTILE) | st.text(min_size=1, max_size=5), min_size=1, max_size=4).map("".join)


@SIZES
async def test_a_run_that_failed(store: RunStore, size: tuple[int, int]) -> None:
    async with on_stage(store, models=["rnn", "lstm"], size=size) as stage:
        stage.train(0)
        stage.train(1)
        maker = stage.makers[0]
        # WHEN its worker says so and goes THEN word, reason and the log's end are shown, as they are
        stage.deliver(maker.state("failed", "OSError: [red]disk[/] \x1b[2Jgone"))
        await stage.until_shown("RNN failed", r"OSError: [red]disk[/] \x1b[2Jgone", "1 RNN ✗", "r resumes")
        stage.deliver(maker.gone("the worker ended with status 1", [f"line {n} [b]x[/b]\x1b[1m" for n in range(9)]))
        await stage.until_shown(*(rf"worker.log: line {n} [b]x[/b]\x1b[1m" for n in (6, 7, 8)), "OSError")
        assert "line 3" not in stage.text()
        assert "\x1b" not in stage.text()
        # and the rest of the screen is whole
        await stage.until_shown("loss", "epoch  3/20", "2 LSTM ●")
        await stage.press("2")
        await stage.until_gone("RNN failed")
        await stage.until_shown("running")
        # WHEN it goes on THEN the trouble is over
        await stage.press("1", "r")
        stage.deliver(maker.state("running"))
        await stage.until_shown("running")
        await stage.until_gone("worker.log")


@SIZES
async def test_a_worker_that_vanishes(store: RunStore, size: tuple[int, int]) -> None:
    async with on_stage(store, models=["rnn"], size=size) as stage:
        stage.train(0)
        stage.deliver(stage.makers[0].progress(5))
        await stage.until_shown("batch")
        stage.deliver(stage.makers[0].gone("the worker was killed by signal 9", ["Killed"]))
        await stage.until_shown("RNN interrupted", "the worker was killed by signal 9", "worker.log: Killed", "1 RNN !")
        await stage.until_gone("batch")


async def test_a_process_that_does_not_answer_is_named(store: RunStore) -> None:
    async with on_stage(store, models=["rnn"]) as stage:
        stage.train(0)
        stage.deliver(stage.makers[0].silent("waiting for process 7 of x on y: it has not answered for 3 s"))
        await stage.until_shown("waiting for process 7")
        stage.deliver(stage.makers[0].silent(""))
        await stage.until_gone("waiting for process 7")


async def test_the_log_of_the_run_is_one_key_away(store: RunStore) -> None:
    async with on_stage(store, models=["rnn"]) as stage:
        store.get(stage.run_ids[0]).log_file.write_bytes(b"first\n\n[b]bold[/b] \x1b[31mred\n\xff\n")
        await stage.press("v")
        await stage.until_shown("worker.log of", "first", r"[b]bold[/b] \x1b[31mred")
        await stage.press("escape")
        await stage.until(lambda: stage.app.screen is stage.main, "closed")


# The texts alone


class _Line(ProgressLine):
    size = Size(120, 1)


class _Answers(Predictions):
    size = Size(80, 20)

    def _style(self, part: str) -> Style:  # noqa: ARG002
        return Style()


def is_inert(text: str) -> bool:
    """No control, format, direction, private or unassigned character, and no line break but our own."""
    return all(letter == "\n" or unicodedata.category(letter) not in UNSAFE for letter in text)


@given(hostile, hostile, hostile)
@example("[red]x[/]", "\x1b[2J", "[/]")
def test_no_word_of_a_run_steers_the_terminal(reason: str, line: str, notice: str) -> None:
    maker = EventMaker("x")
    state = RunState("x", model="rnn")
    for update in (
        maker.run_started("rnn", labels=[reason, line]),
        maker.epoch(),
        maker.state("failed", reason),
        WorkerGone(run="x", reason=reason, log_tail=[line, notice]),
        maker.notice(notice),  # last, since a worker takes its notice with it
    ):
        state.apply(update)
    trouble = Trouble()
    trouble.show(state)
    shown = trouble.content.plain  # type: ignore[union-attr]
    progress = _Line().text_of(state)
    for text in (shown, progress):
        assert is_inert(text)
    # What can be printed is shown as it is, markup and all.
    if reason.isprintable():
        assert shown.splitlines()[0] == reason
        assert reason in progress
    if line.isprintable():
        assert shown.splitlines()[1] == f"worker.log: {line}"
    if notice.isprintable():
        assert progress.endswith(notice)


@given(hostile, hostile, st.floats(0, 1))
@example("[red]x[/]", "\x1b[2J", 0.5)
def test_no_label_and_no_remark_steers_the_terminal(label: str, remark: str, share: float) -> None:
    widget = _Answers(empty="")
    prediction = Prediction(label=label, probability=share)
    for answer in (Answer("RNN", (prediction,)), Answer("RNN", remark=remark)):
        for size in (Size(80, 20), Size(80, 2), Size(10, 1)):
            widget.size = size
            widget._answers = (answer, answer, answer)
            assert is_inert(widget.render().plain)


@given(hostile, hostile)
def test_no_name_and_no_letter_steers_the_terminal(name: str, dropped: str) -> None:
    maker = EventMaker("x")
    state = RunState("x", model="rnn")
    state.apply(maker.run_started(labels=[name, dropped]))

    async def asked() -> NameQuestion:
        engine = FakeEngine()
        question = NameQuestion(engine)
        question.ask(name, [state])
        await asyncio.sleep(0)
        engine.deliver(maker.predicted("fake-1", name, {dropped: 1.0}, read=name, dropped=dropped))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        return question

    question = asyncio.run(asked())
    assert question.warning()
    assert is_inert(question.warning())
    assert all(is_inert(line) for line in about(state))
