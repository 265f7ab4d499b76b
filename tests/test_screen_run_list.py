"""The list of all runs on the screen: sorting, grouping, marking, and what is done to several runs at once."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import cast

import pytest

from namestui.runs import commands
from namestui.runs.eventlog import EventLog
from namestui.runs.events import State
from namestui.runs.notes import Notes, read_notes, write_notes
from namestui.runs.recipes import make_config
from namestui.runs.store import RunDirectory, RunLock, RunStore
from namestui.tui.dialogs.all_runs import AllRuns, Wish
from namestui.tui.dialogs.ask_line import AskLine
from namestui.tui.dialogs.confirm import Confirm
from namestui.tui.dialogs.filter_line import FilterLine
from namestui.tui.dialogs.run_list import Rows, RunList
from namestui.tui.widgets.run_table import RunTable
from tests.fake_engine import EventMaker
from tests.screen_stage import NARROW, WIDE, Stage, on_stage

SIZES = pytest.mark.parametrize("size", [WIDE, NARROW], ids=["120x40", "80x24"])
Made = dict[str, RunDirectory]


def recorded(
    store: RunStore, name: str, model: str, best: float, state: State = "finished", tags: Sequence[str] = ()
) -> RunDirectory:
    run = store.create(make_config(model))
    log, maker = EventLog(run.events_file), EventMaker(run.id)
    for event in (maker.run_started(model), maker.epoch(validation_accuracy=best), maker.state(state)):
        log.append(event)
    log.close()
    write_notes(run, Notes(name=name, tags=list(tags)))
    return run


@pytest.fixture
def made(store: RunStore) -> Made:
    """Runs that are not open, oldest first."""
    return {
        "ada": recorded(store, "ada", "lstm", 0.7, tags=["sweep"]),
        "bob": recorded(store, "bob", "lstm", 0.9),
        "cleo": recorded(store, "cleo", "gru", 0.8, "running"),
    }


async def listing(stage: Stage, count: int = 4) -> AllRuns:
    """The list, with so many runs in it: those made, and the one that is open."""
    await stage.until_shown("1 RNN")
    await stage.press("o")
    await stage.until(lambda: isinstance(stage.app.screen, AllRuns) and len(ids(stage)) == count, "the list")
    return cast(AllRuns, stage.app.screen)


def table(stage: Stage) -> RunTable:
    return stage.app.screen.query_one(RunTable)


def ids(stage: Stage) -> list[str]:
    return table(stage).run_ids


def names(stage: Stage, made: Made) -> list[str]:
    """The names of the runs in the list; ``-`` for the open one."""
    known = {run.id: name for name, run in made.items()}
    return [known.get(run_id, "-") for run_id in ids(stage)]


@SIZES
async def test_the_best_run_is_two_keys_away(store: RunStore, made: Made, size: tuple[int, int]) -> None:
    async with on_stage(store, models=["rnn"], size=size) as stage:
        await listing(stage)
        await stage.press("right")
        await stage.until(lambda: names(stage, made) == ["bob", "cleo", "ada", "-"], "sorted")
        await stage.until_shown("best↓")
        assert table(stage).run_id == made["bob"].id
        await stage.press("minus")
        await stage.until(lambda: names(stage, made) == ["ada", "cleo", "bob", "-"], "reversed")
        await stage.until_shown("best↑")
        # AND the column before is the state
        await stage.press("left")
        await stage.until_shown("state↓")
        await stage.press("enter")
        await stage.until(lambda: stage.app.screen is stage.main, "closed")


async def test_headings_are_clicked(store: RunStore, made: Made) -> None:
    async with on_stage(store, models=["rnn"]) as stage:
        await listing(stage)
        for text, order in (
            ("best", ["bob", "cleo", "ada", "-"]),
            ("best↓", ["ada", "cleo", "bob", "-"]),
            ("name", ["ada", "bob", "cleo", "-"]),
        ):
            heading = next(line for line in stage.lines() if " model " in line)
            y = stage.lines().index(heading)
            await stage.pilot.click(offset=(heading.index(text), y))
            await stage.until(lambda order=order: names(stage, made) == order, text)  # type: ignore[misc]
        # AND a run, once for the cursor, twice to open it
        y = next(i for i, line in enumerate(stage.lines()) if " bob " in line)
        await stage.pilot.click(offset=(10, y))
        await stage.until(lambda: table(stage).run_id == made["bob"].id, "the cursor")
        await stage.pilot.click(offset=(10, y), times=2)
        await stage.until(lambda: stage.app.screen is stage.main, "opened")
        assert stage.engine.opened[-1] == made["bob"].id


@SIZES
async def test_groups_have_headings(store: RunStore, made: Made, size: tuple[int, int]) -> None:
    async with on_stage(store, models=["rnn"], size=size) as stage:
        await listing(stage)
        await stage.press("right", "g")
        await stage.until_shown("by model", "model lstm: 2 runs, best 90.0 %, mean 80.0 %", "model gru: 1 run")
        # the cursor is on runs alone
        visited = []
        await stage.press("home")
        for _ in range(5):
            visited.append(table(stage).run_id)
            await stage.press("down")
        assert visited == [*ids(stage), ids(stage)[-1]]
        await stage.press("home", "up", "pagedown", "pageup")
        assert table(stage).run_id == made["bob"].id
        while table(stage)._rows and any(row.title for row in table(stage)._rows):
            await stage.press("g")
        assert "by " not in stage.lines()[0] + stage.lines()[1]


async def test_while_typing_names_are_offered_and_taken(store: RunStore, made: Made) -> None:
    async with on_stage(store, models=["rnn"]) as stage:
        await listing(stage)
        await stage.press("slash")
        line = stage.app.screen.query_one(FilterLine)
        await stage.type("mod")
        await stage.until(lambda: line._suggestion == "model:", "a field")
        await stage.press("tab")
        assert line.value == "model:"
        # a value is missing: that is said, and the list is not empty
        await stage.until_shown("model: needs a value")
        assert len(ids(stage)) == 4
        await stage.type("l")
        await stage.until(lambda: line._suggestion == "model:lstm", "a value")
        await stage.press("right")
        await stage.until(lambda: names(stage, made) == ["bob", "ada"], "filtered")
        await stage.type(" best>.8")
        await stage.until(lambda: names(stage, made) == ["bob"], "filtered")
        await stage.until_shown("1 of 4")
        # AND where nothing is offered, tab goes to the list
        await stage.press("tab")
        assert table(stage).has_focus
        await stage.press("slash")
        line.value = "modle:x"
        await stage.until_shown("did you mean model?")


@SIZES
async def test_several_are_opened(store: RunStore, made: Made, size: tuple[int, int]) -> None:
    async with on_stage(store, models=["rnn"], size=size) as stage:
        await listing(stage)
        table(stage).move_to(made["bob"].id)
        await stage.press("space", "space")  # the next one below, too
        await stage.until_shown("2 marked")
        assert [line.split()[2] for line in stage.lines() if "* " in line[:5]] == ["bob", "ada"]
        await stage.press("enter")
        await stage.until(lambda: stage.app.screen is stage.main, "closed")
        assert stage.engine.opened == [made["bob"].id, made["ada"].id]
        await stage.until_shown("1 RNN", "2 bob", "3 ada")


async def test_marked_ones_are_compared(store: RunStore, made: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    wishes: list[Wish | None] = []
    async with on_stage(store, models=["rnn"]) as stage:
        screen = await listing(stage)
        monkeypatch.setattr(AllRuns, "dismiss", lambda _self, result=None: wishes.append(result))
        await stage.press("c")
        await stage.until(lambda: "mark two runs or more with space" in stage.notices(), "how")
        screen.query_one(FilterLine).value = "model:lstm"
        await stage.until(lambda: len(ids(stage)) == 2, "filtered")
        await stage.press("a", "c")
        await stage.until(lambda: wishes, "wished")
        assert wishes == [Wish("compare", (made["bob"].id, made["ada"].id))]
        monkeypatch.undo()


async def test_several_are_tagged(store: RunStore, made: Made) -> None:
    async with on_stage(store, models=["rnn"]) as stage:
        await listing(stage)
        table(stage).move_to(made["bob"].id)
        await stage.press("space", "space", "t")
        await stage.until(lambda: isinstance(stage.app.screen, AskLine), "asked")
        await stage.until_shown("tags for 2 runs")
        await stage.type("good new -sweep")
        await stage.press("enter")
        await stage.until(lambda: read_notes(made["ada"]) == Notes(name="ada", tags=["good", "new"]), "written")
        assert read_notes(made["bob"]).tags == ["good", "new"]
        assert read_notes(made["cleo"]).tags == []
        await stage.until_shown("#good")
        # AND where the notes of one cannot be read, none is changed
        before = made["bob"].notes_file.read_bytes()
        made["ada"].notes_file.write_text(json.dumps({"tags": 3}))
        await stage.press("t")
        await stage.until(lambda: isinstance(stage.app.screen, AskLine), "asked")
        await stage.type("x")
        await stage.press("enter")
        await stage.until(lambda: "keeps its notes as they are" in stage.notices(), "said")
        assert made["bob"].notes_file.read_bytes() == before


async def test_several_are_deleted(store: RunStore, made: Made) -> None:
    async with on_stage(store, models=["rnn"], size=NARROW) as stage:
        await listing(stage)
        table(stage).move_to(made["bob"].id)
        await stage.press("space", "space", "d")
        await stage.until(lambda: isinstance(stage.app.screen, Confirm), "asked")
        await stage.until_shown("Move 2 runs to the trash folder")
        await stage.press("y")
        await stage.until(lambda: names(stage, made) == ["-", "cleo"], "gone")
        assert not made["ada"].path.exists()
        assert not made["bob"].path.exists()
        assert len(list((store.home / "trash").iterdir())) == 2
        await stage.until(lambda: "2 runs were moved to" in stage.notices(), "said")


async def test_a_list_without_runs_says_so(store: RunStore) -> None:
    async with on_stage(store, models=["rnn"]) as stage:
        store.runs.rename(store.home / "away")
        await listing(stage, 0)
        await stage.until_shown("no runs yet", "0 of 0")
        await stage.press("right", "left", "minus", "g", "space", "a", "down", "end", "c", "s", "t", "d", "enter")
        assert isinstance(stage.app.screen, AllRuns)
        await stage.press("escape")
        await stage.until(lambda: stage.app.screen is stage.main, "closed")


async def test_live_ones_are_stopped(store: RunStore, made: Made) -> None:
    locks = [RunLock(made["cleo"])]
    async with on_stage(store, models=["rnn"]) as stage:
        try:
            await listing(stage)
            # WHEN nothing lives among them
            table(stage).move_to(made["ada"].id)
            await stage.press("s")
            await stage.until(lambda: "nothing to stop" in stage.notices(), "said")
            # WHEN one does that has no tab, it is asked, and is given none
            table(stage).move_to(made["cleo"].id)
            await stage.press("s")
            await stage.until(lambda: stage.engine.kinds(made["cleo"].id) == ["Stop"], "asked")
            assert isinstance(stage.app.screen, AllRuns)
            asked = stage.engine.last(commands.Stop, made["cleo"].id)
            stage.deliver(stage.engine.maker(made["cleo"].id).refused(asked.request, "it is [b]loading[/b]"))
            await stage.until(lambda: "[b]loading[/b]" in stage.notices(), "said why")
            await stage.until(lambda: stage.engine.closed_runs == [made["cleo"].id], "closed again")
            assert len(stage.main._runs) == 1
            # WHEN several are meant, that is asked first
            table(stage).move_to(made["cleo"].id)
            locks.append(RunLock(store.get(stage.run_ids[0])))
            stage.deliver(stage.makers[0].run_started(), stage.makers[0].state("running"))
            await stage.until(lambda: _live(stage) == 2, "read again")
            await stage.press("a", "s")
            await stage.until(lambda: isinstance(stage.app.screen, Confirm), "asked")
            await stage.until_shown("Stop 2 runs?")
            await stage.press("y")
            await stage.until(lambda: stage.engine.kinds(stage.run_ids[0])[-1:] == ["Stop"], "asked")
            assert stage.engine.kinds(made["cleo"].id) == ["Stop", "Stop"]
        finally:
            for lock in locks:
                lock.release()


def _live(stage: Stage) -> int:
    screen = cast(AllRuns, stage.app.screen)
    return sum(row.run.state in ("running", "starting") for row in screen._list.rows.by_id.values())


async def test_what_lives_is_read_again(store: RunStore, made: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("namestui.tui.dialogs.all_runs.READ_AGAIN", 0.05)
    lock = RunLock(made["cleo"])
    try:
        async with on_stage(store, models=["rnn"]) as stage:
            await listing(stage)
            await stage.until_shown("running")
            table(stage).move_to(made["ada"].id)
            log = EventLog(made["cleo"].events_file)
            maker = EventMaker(made["cleo"].id)
            for _ in range(3):
                last = maker.state("running")
            assert last.seq == 2
            log.append(maker.epoch(7, validation_accuracy=0.97))
            log.close()
            await stage.until_shown("97.0 %")
            assert table(stage).run_id == made["ada"].id
    finally:
        lock.release()


@pytest.mark.parametrize("key", ["t", "N", "d"])
async def test_a_question_outlives_the_reading(
    store: RunStore, made: Made, monkeypatch: pytest.MonkeyPatch, key: str
) -> None:
    """A list in which a run lives is read every 2 s: that must not take away what is being asked."""
    monkeypatch.setattr("namestui.tui.dialogs.all_runs.READ_AGAIN", 0.02)
    loads: list[Rows] = []
    monkeypatch.setattr(RunList, "load", lambda self, rows, load=RunList.load: (loads.append(rows), load(self, rows)))
    lock = RunLock(made["cleo"])
    try:
        async with on_stage(store, models=["rnn"]) as stage:
            await listing(stage)
            table(stage).move_to(made["bob"].id)
            await stage.press(key)
            await stage.until(lambda: isinstance(stage.app.screen, AskLine | Confirm), "asked")
            loads.clear()
            await stage.until(lambda: len(loads) > 2, "read again")
            if key == "d":
                await stage.press("y")
                await stage.until(lambda: not made["bob"].path.exists(), "deleted")
            else:
                await stage.type("kept")
                await stage.press("enter")
                await stage.until(
                    lambda: "kept" in (read_notes(made["bob"]).note, *read_notes(made["bob"]).tags), "written"
                )
    finally:
        lock.release()


@pytest.mark.parametrize("size", [(60, 15), (40, 10), (20, 6), (5, 3)])
async def test_it_fits_any_size(store: RunStore, made: Made, size: tuple[int, int]) -> None:
    async with on_stage(store, models=["rnn"]) as stage:
        await listing(stage)
        await stage.pilot.resize_terminal(*size)
        await stage.press("g", "right", "down", "end", "space", "pageup")
        assert len(stage.lines()) == size[1]
        await stage.pilot.resize_terminal(*WIDE)
        await stage.until_shown("1 marked", "4 of 4")
        assert len(made) == 3
