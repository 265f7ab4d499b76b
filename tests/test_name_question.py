"""One name, every open run: who is asked, how often, and whose answer counts."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

from namestui.runs import commands
from namestui.tui.state import name_question
from namestui.tui.state.name_question import NameQuestion
from namestui.tui.state.run_state import RunState
from tests.fake_engine import EventMaker, FakeEngine

SHARES = {"Abban": 0.9, "Kirik": 0.1}


@pytest.fixture
def engine() -> FakeEngine:
    return FakeEngine()


@pytest.fixture
def states() -> list[RunState]:
    """Two runs that train."""
    found = [RunState("a", model="rnn"), RunState("b", model="lstm")]
    for state in found:
        state.apply(EventMaker(state.run).run_started())
    return found


@pytest.fixture(autouse=True)
def hurried(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(name_question, "AGAIN_EVERY", 0.001)
    yield


async def settled() -> None:
    """All that can happen now has happened."""
    for _ in range(20):
        await asyncio.sleep(0)


async def until_asked(engine: FakeEngine, count: int) -> None:
    async with asyncio.timeout(10):
        while len(engine.asked) < count:
            await asyncio.sleep(0.001)


def answer(engine: FakeEngine, run_id: str, *, dropped: str = "") -> None:
    question = engine.last(commands.Predict, run_id)
    engine.deliver(EventMaker(run_id).predicted(question.request, question.name, SHARES, dropped=dropped))


def shown(question: NameQuestion, states: list[RunState]) -> list[str]:
    found = question.answers(states, [state.run for state in states])
    return [one.remark or one.predictions[0].label for one in found]


async def test_what_is_shown_before_and_after_an_answer(engine: FakeEngine, states: list[RunState]) -> None:
    question = NameQuestion(engine)
    assert shown(question, states) == []
    question.ask("Satoshi", states[:1])
    await settled()
    assert shown(question, states) == ["asking…", "not asked"]
    answer(engine, "a", dropped="!")
    await settled()
    assert shown(question, states) == ["Abban", "not asked"]
    assert question.warning() == "read as Satoshi; not in the alphabet: !"
    question.ask("Sato", states)
    await settled()
    engine.deliver(EventMaker("b").refused(engine.last(commands.Predict, "b").request, "no epoch is done yet"))
    await settled()
    assert (shown(question, states), question.warning()) == (["asking…", "no epoch is done yet"], "")


async def test_a_newer_name_takes_the_place_of_the_older(engine: FakeEngine, states: list[RunState]) -> None:
    question = NameQuestion(engine)
    question.ask("One", states)
    await settled()
    question.ask("Two", states)
    await settled()
    # each run has one question to answer
    assert [engine.last(commands.Predict, run).name for run in ("a", "b")] == ["Two", "Two"]
    assert len(engine.waiting("a")) == len(engine.waiting("b")) == 1
    question.forget("a")
    await settled()
    assert (engine.waiting("a"), len(engine.waiting("b"))) == ([], 1)
    question.forget()
    await settled()
    assert engine.waiting() == []


async def test_a_run_is_asked_again_only_as_it_learns(engine: FakeEngine, states: list[RunState]) -> None:
    firsts: list[bool] = []
    question = NameQuestion(engine, firsts.append)
    question.ask("Satoshi", states)
    await settled()
    maker = EventMaker("a")
    # GIVEN a question without an answer WHEN epochs end THEN no second one is asked
    states[0].apply(maker.epoch())
    await asyncio.sleep(0.02)
    assert len(engine.asked) == 2
    # WHEN it is answered THEN it is asked anew: what it answered was of an epoch before
    answer(engine, "a")
    answer(engine, "b")
    await until_asked(engine, 3)
    answer(engine, "a")
    # AND where no epoch ends, or nothing trains any more, nobody is asked
    states[1].apply(EventMaker("b").epoch())
    states[1].apply(EventMaker("b").state("finished"))
    await asyncio.sleep(0.02)
    assert [run for run, _ in engine.asked] == ["a", "b", "a"]
    assert firsts == [True, True, False]
    # until it is resumed
    states[1].apply(EventMaker("b").state("running"))
    await until_asked(engine, 4)
    question.forget()
    await settled()


async def test_however_fast_it_learns_it_is_not_asked_more_often(
    engine: FakeEngine, states: list[RunState], monkeypatch: pytest.MonkeyPatch
) -> None:
    # GIVEN that the time for another question does not come
    monkeypatch.setattr(name_question, "AGAIN_EVERY", 3600.0)
    question = NameQuestion(engine)
    question.ask("Satoshi", states)
    await settled()
    answer(engine, "a")
    maker = EventMaker("a")
    for _ in range(700):
        states[0].apply(maker.epoch())
        await asyncio.sleep(0)
    assert len(engine.asked) == 2
    question.forget()
    await settled()
