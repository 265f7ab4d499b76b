"""The name prompt: one name, every open run."""

from __future__ import annotations

import pytest
from textual import events

from namestui.runs import commands
from namestui.runs.store import RunStore
from tests.screen_stage import NARROW, WIDE, Stage, on_stage

SIZES = pytest.mark.parametrize("size", [WIDE, NARROW], ids=["120x40", "80x24"])
SHARES = {"Japanese": 0.971, "Italian": 0.019, "Greek": 0.004, "Czech": 0.003, "Irish": 0.002, "Dutch": 0.001}


async def asked(stage: Stage, name: str) -> list[commands.Predict]:
    """Type ``name``, press Enter; what each run was asked."""
    await stage.press("slash")
    await stage.type(name)
    await stage.press("enter")
    return [stage.engine.last(commands.Predict, run_id) for run_id in stage.run_ids]


@SIZES
@pytest.mark.parametrize("key", ["slash", "i"])
async def test_what_is_typed_is_a_name_and_no_key(store: RunStore, key: str, size: tuple[int, int]) -> None:
    async with on_stage(store, models=["rnn"], size=size) as stage:
        stage.train(0)
        await stage.press(key)
        await stage.until(lambda: stage.main._view.prompt.has_focus, "the prompt")
        await stage.type("pqsri/m?1: %d")
        assert stage.main._view.prompt.value == "pqsri/m?1: %d"
        await stage.until_shown("pqsri/m?1: %d")
        assert stage.engine.asked == []
        assert stage.app.screen is stage.main
        # Esc leads out of it, and then p is a key again
        await stage.press("escape")
        assert not stage.main._view.prompt.has_focus
        await stage.press("p")
        assert stage.engine.kinds() == ["Pause"]


@SIZES
async def test_every_open_run_is_asked(store: RunStore, size: tuple[int, int]) -> None:
    # GIVEN a run that trains, one that is paused, one that has finished, one whose worker is gone
    async with on_stage(store, models=["rnn", "lstm", "rnn", "lstm"], size=size) as stage:
        for index in range(4):
            stage.train(index)
        for index, state in ((1, "paused"), (2, "finished")):
            stage.deliver(stage.makers[index].state(state))  # type: ignore[arg-type]
        stage.deliver(stage.makers[3].gone())
        await stage.until(lambda: stage.state(3).state == "interrupted", "interrupted")
        # WHEN a name is asked THEN all of them are
        requests = await asked(stage, "Satoshi")
        assert [request.name for request in requests] == ["Satoshi"] * 4
        assert stage.engine.kinds() == ["Predict"] * 4
        await stage.until_shown("asking")
        # and each answers for itself
        first = ("Japanese", "Italian", "Greek", "Czech")
        for maker, request, label in zip(stage.makers, requests, first, strict=True):
            stage.deliver(maker.predicted(request.request, "Satoshi", {label: 0.9, "Irish": 0.1}))
        await stage.until_gone("asking")
        seen = first if size == NARROW else first[:2]  # a wide screen has room for two
        for label in seen:
            assert sum(label in line and "90.0%" in line[line.index(label) :] for line in stage.lines()) == 1


@pytest.mark.parametrize("size", [(120, 60), (80, 24)])
async def test_the_five_likeliest(store: RunStore, size: tuple[int, int]) -> None:
    async with on_stage(store, models=["rnn", "lstm"], size=size) as stage:
        requests = await asked(stage, "Satoshi")
        for maker, request in zip(stage.makers, requests, strict=True):
            stage.deliver(maker.predicted(request.request, "Satoshi", SHARES))
        if size == NARROW:
            await stage.until_shown("Japanese", "97.1%", "Irish", " 0.2%")
            assert stage.text().count("97.1%") == stage.text().count("Irish") == 2
        else:
            await stage.until_shown("Japanese", "97.1%")
        assert "Dutch" not in stage.text()
        assert stage.text().index("Japanese") < stage.text().index("Italian")


@SIZES
async def test_letters_that_cannot_be_read_are_shown(store: RunStore, size: tuple[int, int]) -> None:
    async with on_stage(store, models=["rnn", "lstm"], size=size) as stage:
        requests = await asked(stage, "Ab!é")
        answer = stage.makers[1].predicted(requests[1].request, "Ab!é", SHARES, read="Abe", dropped="!\x1b")
        stage.deliver(answer)
        await stage.until_shown(r"read as Abe; not in the alphabet: !\x1b")
        # WHEN another name is asked THEN the warning of the last one goes
        requests = await asked(stage, "x")
        await stage.until_gone("read as Abe")


async def test_letters_that_are_read_otherwise_are_shown(store: RunStore) -> None:
    async with on_stage(store, models=["rnn", "lstm"]) as stage:
        requests = await asked(stage, "Weiß")
        stage.deliver(stage.makers[0].predicted(requests[0].request, "Weiß", SHARES, read="Weiss"))
        stage.deliver(stage.makers[1].predicted(requests[1].request, "Weiß", SHARES, read="Wei", dropped="ß"))
        await stage.until_shown("read as Weiss / read as Wei; not in the alphabet: ß")


@SIZES
async def test_a_run_that_cannot_answer_says_why(store: RunStore, size: tuple[int, int]) -> None:
    async with on_stage(store, models=["rnn", "lstm"], size=size) as stage:
        requests = await asked(stage, "Satoshi")
        stage.deliver(stage.makers[0].refused(requests[0].request, "no epoch is [u]done[/u]\x1b[2J yet"))
        stage.deliver(stage.makers[1].predicted(requests[1].request, "Satoshi", SHARES))
        await stage.until_shown(r"no epoch is [u]done[/u]\x1b[2J yet", "Japanese")
        # as a remark in its place, not as a pop-up
        assert "no epoch" not in stage.notices()


async def test_the_bars_move_as_it_learns(store: RunStore) -> None:
    async with on_stage(store, models=["rnn", "lstm"]) as stage:
        stage.train(0)
        stage.train(1)
        stage.deliver(stage.makers[1].state("finished"))
        await stage.until(lambda: stage.state(1).state == "finished", "finished")
        requests = await asked(stage, "Satoshi")
        maker = stage.makers[0]
        # GIVEN a question without an answer WHEN an epoch ends THEN no second one is asked, however often it is drawn
        stage.deliver(maker.epoch())
        await stage.until_shown("epoch  4/20")
        stage.main._redraw(force=True)
        assert stage.engine.kinds() == ["Predict"] * 2
        # WHEN it is answered THEN it is asked anew, once an epoch, and only who learns
        for told, request in zip(stage.makers, requests, strict=True):
            stage.deliver(told.predicted(request.request, "Satoshi", {"Japanese": 0.5}))
        await stage.until(lambda: len(stage.engine.asked) == 3, "asked again")
        again = stage.engine.last(commands.Predict, stage.run_ids[0])
        stage.deliver(maker.predicted(again.request, "Satoshi", {"Japanese": 0.75}))
        await stage.until_shown("75.0%", "50.0%")
        assert len(stage.engine.asked) == 3


async def test_an_answer_to_the_name_before_is_not_shown(store: RunStore) -> None:
    async with on_stage(store, models=["rnn"]) as stage:
        first = await asked(stage, "One")
        await stage.press(*["backspace"] * 3)
        await asked(stage, "Two")
        # nobody waits for it any more
        assert stage.engine.waiting() == [stage.engine.last(commands.Predict).request]
        stage.deliver(stage.makers[0].predicted(first[0].request, "One", SHARES))
        await stage.until_shown("asking…")
        assert "Japanese" not in stage.text()


@pytest.mark.parametrize("name", ["", "   "])
async def test_nothing_is_no_name(store: RunStore, name: str) -> None:
    async with on_stage(store, models=["rnn"]) as stage:
        await stage.press("slash")
        await stage.type(name)
        await stage.press("enter")
        assert stage.engine.asked == []
        await stage.until_shown("type a name and press Enter")


async def test_the_next_name_replaces_the_one_that_was_asked(store: RunStore) -> None:
    async with on_stage(store, models=["rnn"]) as stage:
        await asked(stage, "Smith")
        await stage.type("Jones")
        await stage.press("enter")
        assert [command.name for _, command in stage.engine.asked if isinstance(command, commands.Predict)] == [
            "Smith",
            "Jones",
        ]
        # up and down call them up again, down no further than the last
        for key, name in (("up", "Smith"), ("up", "Smith"), ("down", "Jones"), ("down", "Jones")):
            await stage.press(key)
            assert stage.main._view.prompt.value == name


async def test_of_several_pasted_names_the_first_is_asked_and_none_is_lost(store: RunStore) -> None:
    async with on_stage(store, models=["rnn"]) as stage:
        await stage.press("slash")
        prompt = stage.main._view.prompt
        prompt.post_message(events.Paste("A\nB\r\n\n C \n"))
        await stage.until(lambda: stage.engine.kinds() == ["Predict"], "asked")
        assert stage.engine.last(commands.Predict, stage.run_ids[0]).name == "A"
        assert "3 names pasted: asking the first; down calls up the next" in stage.notices()
        for name in ("B", "C"):
            await stage.press("down", "enter")
            assert stage.engine.last(commands.Predict, stage.run_ids[0]).name == name


@pytest.mark.parametrize("text", ["Smith", "Smith\n", "\n Smith\r\n"])
async def test_one_pasted_name_is_put_in_like_typed_text(store: RunStore, text: str) -> None:
    async with on_stage(store, models=["rnn"]) as stage:
        await stage.press("slash", "x")
        stage.main._view.prompt.post_message(events.Paste(text))
        await stage.until(lambda: stage.main._view.prompt.value == "xSmith", "pasted")
        assert stage.engine.asked == []


@pytest.mark.parametrize("text", ["", "\n", " \r\n \n"])
async def test_nothing_pasted_changes_nothing(store: RunStore, text: str) -> None:
    async with on_stage(store, models=["rnn"]) as stage:
        await stage.press("slash", "x")
        stage.main._view.prompt.post_message(events.Paste(text))
        await stage.press("y")
        assert stage.main._view.prompt.value == "xy"
        assert stage.notices() == ""
