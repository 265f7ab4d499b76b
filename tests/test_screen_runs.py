"""The list of all runs: what it shows, and what its keys do to the runs on disk and to the tabs."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

import pytest
from textual.widgets import Input

from namestui.runs.eventlog import EventLog
from namestui.runs.events import Logged, State
from namestui.runs.notes import Notes, read_notes, write_notes
from namestui.runs.recipes import make_config
from namestui.runs.store import RunDirectory, RunError, RunLock, RunStore
from namestui.tui.dialogs.all_runs import AllRuns
from namestui.tui.dialogs.ask_line import AskLine
from namestui.tui.dialogs.confirm import Confirm
from namestui.tui.widgets.run_table import RunTable
from tests.fake_engine import EventMaker
from tests.screen_stage import NARROW, WIDE, Stage, on_stage

SIZES = pytest.mark.parametrize("size", [WIDE, NARROW], ids=["120x40", "80x24"])

Record = Callable[..., RunDirectory]


@pytest.fixture
def record(store: RunStore) -> Record:
    """Writes a run that trained some epochs and is in a state now: ``record("lstm", "finished", epochs=3)``."""

    def write(model: str = "rnn", state: State = "finished", *, epochs: int = 3, name: str = "") -> RunDirectory:
        run = store.create(make_config(model))
        maker = EventMaker(run.id)
        told: list[Logged] = [maker.run_started(model), *(maker.epoch() for _ in range(epochs)), maker.state(state)]
        log = EventLog(run.events_file)
        for event in told:
            log.append(event)
        log.close()
        if name:
            write_notes(run, Notes(name=name))
        return run

    return write


async def opened(stage: Stage, count: int) -> AllRuns:
    """Press o and wait until so many runs are listed."""
    await stage.until_shown("1 RNN")
    await stage.press("o")
    await stage.until(lambda: isinstance(stage.app.screen, AllRuns), "the list")
    screen = cast(AllRuns, stage.app.screen)
    await listed(stage, count)
    return screen


async def listed(stage: Stage, count: int) -> None:
    await stage.until(lambda: len(ids(stage)) == count, f"{count} listed")


def ids(stage: Stage) -> list[str]:
    """The runs in the table, from the top."""
    return stage.app.screen.query_one(RunTable).run_ids


async def closed(stage: Stage) -> None:
    await stage.until(lambda: stage.app.screen is stage.main, "closed")


@SIZES
async def test_it_lists_all_runs_newest_first(store: RunStore, record: Record, size: tuple[int, int]) -> None:
    done, cut = record("lstm", "finished", epochs=7, name="tuesday"), record("rnn", "running")
    async with on_stage(store, models=["rnn"], size=size) as stage:
        await opened(stage, 3)
        # ids sort by time, but within a second by chance
        assert ids(stage) == [run.id for run in reversed(store.all())]
        await stage.until_shown("all runs", "3 of 3", "model", "state", "epochs", "best")
        await stage.until_shown("tuesday", "lstm", "finished", "7/20", "63.0 %")
        # What should live and has no worker was cut off.
        await stage.until_shown("interrupted", "3/20")
        # the whole id of the run under the cursor is there at any width
        for run in (done, cut):
            stage.app.screen.query_one(RunTable).move_to(run.id)
            await stage.until_shown(run.id)
        await stage.press("escape")
        await closed(stage)


@SIZES
async def test_the_cursor_starts_on_the_shown_run(store: RunStore, record: Record, size: tuple[int, int]) -> None:
    record("lstm")
    async with on_stage(store, models=["rnn", "gru"], size=size) as stage:
        for index in (1, 0):
            await stage.press(str(index + 1))
            await opened(stage, 3)
            # so that n names that one
            await stage.press("n")
            await stage.until_shown(f"name of {stage.run_ids[index]}")
            await stage.press("escape", "escape")
            await closed(stage)


@SIZES
async def test_what_runs_have_otherwise_tells_them_apart(store: RunStore, size: tuple[int, int]) -> None:
    store.create(make_config("rnn", settings=["learning_rate=0.123"]))
    store.create(make_config("rnn", settings=["learning_rate=0.456", "weight_decay=0.5"]))
    async with on_stage(store, models=["rnn"], size=size) as stage:
        await opened(stage, 3)
        await stage.until_shown("settings", "rate=0.123", "rate=0.456")


@pytest.mark.parametrize("close", ["escape", "o", "q"])
async def test_it_closes_and_nothing_has_changed(store: RunStore, record: Record, close: str) -> None:
    record()
    async with on_stage(store, models=["rnn"]) as stage:
        await opened(stage, 2)
        await stage.press(close)
        await closed(stage)
        assert stage.engine.opened == stage.engine.resumed == []
        assert [state.run for state in stage.main._runs] == stage.run_ids


async def test_a_new_size_that_comes_while_it_closes_changes_nothing(store: RunStore, record: Record) -> None:
    record("lstm")
    async with on_stage(store, models=["rnn"]) as stage:
        dialog = await opened(stage, 2)
        await stage.press("escape")
        await closed(stage)
        await stage.until(lambda: not dialog.is_running, "gone")
        dialog._fill()  # as what a change of size has asked for


async def test_typing_narrows_it(store: RunStore, record: Record) -> None:
    tuesday, _, _ = record(name="tuesday"), record("rnn", "stopped"), record("lstm", "stopped")
    write_notes(tuesday, Notes(name="tuesday", tags=["sweep"], note="with dropout"))
    async with on_stage(store, models=["rnn"]) as stage:
        await opened(stage, 4)
        await stage.press("slash")
        for words, count in (("stopped", 2), ("STOPPED lstm", 1), ("#sweep", 1), ("dropout", 1), ("quagga", 0)):
            stage.app.screen.query_one("#filter", Input).value = ""
            # letters that are keys of the list are letters here
            await stage.type(words)
            await listed(stage, count)
            await stage.until_shown(f"{count} of 4")
        # esc goes back to the list, and only then out of it
        await stage.press("escape")
        assert isinstance(stage.app.screen, AllRuns)
        # on an empty list no key does any harm
        await stage.press("enter", "r", "n", "t", "N", "d")
        assert isinstance(stage.app.screen, AllRuns)
        await stage.press("escape")
        await closed(stage)
        assert len(store.all()) == 4


async def test_enter_opens_a_tab(store: RunStore, record: Record) -> None:
    other = record("lstm")
    async with on_stage(store, models=["rnn"]) as stage:
        await opened(stage, 2)
        await stage.press("slash")
        await stage.type("lstm")
        await listed(stage, 1)
        await stage.press("enter", "enter")
        await closed(stage)
        await stage.until_shown("1 RNN", "2 LSTM")
        assert stage.engine.opened == [other.id]
        assert stage.engine.resumed == []
        # it is in front, and remembered
        await stage.until(lambda: stage.main._runs.shown is stage.main._runs[other.id], "in front")
        assert store.read_session().runs == [*stage.run_ids, other.id]


async def test_an_open_run_is_brought_to_the_front(store: RunStore) -> None:
    async with on_stage(store, models=["rnn", "lstm"]) as stage:
        await opened(stage, 2)
        await stage.press("slash")
        await stage.type("lstm")
        await listed(stage, 1)
        await stage.press("enter", "enter")
        await closed(stage)
        await stage.until(lambda: stage.main._runs.shown is stage.state(1), "in front")
        assert len(stage.main._runs) == 2


async def test_r_resumes_one(store: RunStore, record: Record) -> None:
    other = record("lstm", "stopped")
    async with on_stage(store, models=["rnn"]) as stage:
        await opened(stage, 2)
        await stage.press("slash")
        await stage.type("stopped")
        await listed(stage, 1)
        await stage.press("enter", "r")
        await closed(stage)
        assert stage.engine.opened == stage.engine.resumed == [other.id]
        await stage.until_shown("2 LSTM")


async def test_r_completes_a_finished_run_that_has_lost_epochs(store: RunStore) -> None:
    async with on_stage(store, models=["rnn"]) as stage:
        maker = stage.makers[0]
        epochs = [maker.epoch() for _ in range(3)]
        stage.deliver(maker.run_started(), epochs[0], epochs[2], maker.scored(), maker.state("finished"))
        await stage.until_shown("finished", "r resume")
        await stage.press("p")
        await stage.until(lambda: "its log lacks 1 of 3 epochs; r trains that again" in stage.notices(), "said")
        await stage.press("r")
        await stage.until(lambda: stage.engine.resumed == stage.run_ids, "resumed")
        # WHEN the lost one is there THEN nothing is left to do
        stage.deliver(maker.state("starting"), maker.state("running"), epochs[1], maker.state("finished"))
        await stage.until_shown("finished")
        await stage.until_gone("r resume")
        await stage.press("r")
        assert stage.engine.resumed == stage.run_ids


async def test_capital_r_resumes_all_that_were_cut_off(store: RunStore, record: Record) -> None:
    cut = [record("rnn", "running").id, record("lstm", "paused").id, record("lstm", "starting", epochs=0).id]
    record("rnn", "finished")
    record("rnn", "stopped")
    record("rnn", "failed")
    async with on_stage(store, models=["rnn"]) as stage:
        # the run of this screen waits for its worker: say that it is done
        _log(stage.store.get(stage.run_ids[0]), [stage.makers[0].run_started(), stage.makers[0].state("finished")])
        await opened(stage, 7)
        await stage.press("R")
        await closed(stage)
        assert sorted(stage.engine.resumed) == sorted(cut)
        await stage.until(lambda: len(stage.main._runs) == 4, "four tabs")


async def test_capital_r_where_none_was(store: RunStore) -> None:
    async with on_stage(store, models=["rnn"]) as stage:
        _log(stage.store.get(stage.run_ids[0]), [stage.makers[0].run_started(), stage.makers[0].state("finished")])
        await opened(stage, 1)
        await stage.press("R")
        await stage.until(lambda: "no run is interrupted" in stage.notices(), "told")
        assert isinstance(stage.app.screen, AllRuns)


async def test_one_that_cannot_be_resumed_is_told(store: RunStore, record: Record) -> None:
    record("lstm", "stopped")
    async with on_stage(store, models=["rnn"]) as stage:
        stage.engine.refusal = RunError("run x: process 7 on [b]elsewhere[/b] holds it already")
        await opened(stage, 2)
        await stage.press("slash")
        await stage.type("stopped")
        await listed(stage, 1)
        await stage.press("enter", "r")
        await closed(stage)
        await stage.until(lambda: "[b]elsewhere[/b]" in stage.notices(), "told")
        await stage.until_shown("2 LSTM")


@pytest.mark.parametrize(
    ("key", "typed", "notes", "size"),
    [
        ("n", " [b]bob[/b] ", Notes(name="[b]bob[/b]"), NARROW),
        ("t", "two two  one", Notes(tags=["two", "one"]), WIDE),
        ("N", "a line q d", Notes(note="a line q d"), NARROW),
    ],
)
async def test_notes(store: RunStore, key: str, typed: str, notes: Notes, size: tuple[int, int]) -> None:
    async with on_stage(store, models=["rnn"], size=size) as stage:
        run = store.get(stage.run_ids[0])
        await opened(stage, 1)
        # esc leaves things as they were
        await stage.press(key)
        await stage.until(lambda: isinstance(stage.app.screen, AskLine), "asked")
        await stage.type("other")
        await stage.press("escape")
        await stage.until(lambda: isinstance(stage.app.screen, AllRuns), "back")
        assert read_notes(run) == Notes()
        await stage.press(key)
        await stage.until(lambda: isinstance(stage.app.screen, AskLine), "asked")
        stage.app.screen.query_one(Input).insert_text_at_cursor(typed)
        await stage.press("enter")
        await stage.until(lambda: read_notes(run) == notes, "written")
        # what was there is there to be changed, and stands in the list, where it can be searched for
        await stage.until(lambda: isinstance(stage.app.screen, AllRuns), "back")
        await stage.press(key)
        await stage.until(lambda: isinstance(stage.app.screen, AskLine), "asked")
        assert stage.app.screen.query_one(Input).value == " ".join(typed.split() if key != "t" else notes.tags)
        await stage.press("escape", "slash")
        await stage.type({"n": "bob", "t": "#two", "N": "line"}[key])
        await stage.until_shown("1 of 1")


async def test_notes_that_cannot_be_read_are_not_replaced(store: RunStore) -> None:
    async with on_stage(store, models=["rnn"]) as stage:
        run = store.get(stage.run_ids[0])
        run.notes_file.write_text('{"name": "mine", "tags": 3}')
        await opened(stage, 1)
        for key in ("n", "t", "N"):
            await stage.press(key)
            await stage.until(lambda: "notes.json" in stage.notices(), "said why")
            assert "mend or remove the file first" in stage.notices()
            assert isinstance(stage.app.screen, AllRuns)
            stage.app.clear_notifications()
        assert run.notes_file.read_text() == '{"name": "mine", "tags": 3}'


async def test_runs_that_cannot_be_listed_end_nothing(store: RunStore) -> None:
    async with on_stage(store, models=["rnn"]) as stage:
        away = store.runs.rename(store.home / "away")
        store.runs.write_text("no folder")
        await opened(stage, 0)
        await stage.until(lambda: "cannot read the runs below" in stage.notices(), "said")
        await stage.press("escape")
        await closed(stage)
        # leaving asks what lives, and nobody can say
        stage.deliver(stage.makers[0].run_started("rnn"), stage.makers[0].state("finished"))
        await stage.until_shown("1 RNN ✓")
        await stage.press("q")
        assert await stage.left() == 0
        store.runs.unlink()
        away.rename(store.runs)


async def test_delete_asks_and_moves_to_the_trash(store: RunStore, record: Record) -> None:
    doomed = record("lstm", "failed")
    async with on_stage(store, models=["rnn"], size=NARROW) as stage:
        await opened(stage, 2)
        await stage.press("slash")
        await stage.type("failed")
        await listed(stage, 1)
        await stage.press("enter")
        # Enter, esc and n are all no.
        for no in ("enter", "escape", "n"):
            await stage.press("d")
            await stage.until(lambda: isinstance(stage.app.screen, Confirm), "asked")
            await stage.until_shown(doomed.id, "trash")
            await stage.press(no)
            await stage.until(lambda: isinstance(stage.app.screen, AllRuns), "back")
        assert doomed.path.is_dir()
        await stage.press("d")
        await stage.until(lambda: isinstance(stage.app.screen, Confirm), "asked")
        await stage.press("y")
        await listed(stage, 0)
        assert not doomed.path.exists()
        (trashed,) = (store.home / "trash").iterdir()
        assert (trashed / "config.json").is_file()
        await stage.until(lambda: f"{doomed.id} was moved to {trashed}" in stage.notices(), "said where it is")


async def test_what_a_worker_holds_is_not_deleted(store: RunStore) -> None:
    async with on_stage(store, models=["rnn"]) as stage:
        run = store.get(stage.run_ids[0])
        lock = RunLock(run)
        try:
            await opened(stage, 1)
            await stage.press("d")
            await stage.until(lambda: isinstance(stage.app.screen, Confirm), "asked")
            await stage.press("y")
            await stage.until(lambda: "stop it first" in stage.notices(), "told")
            assert run.path.is_dir()
            await listed(stage, 1)
        finally:
            lock.release()


async def test_what_others_wrote_is_no_markup(store: RunStore, record: Record) -> None:
    run = record("rnn", "finished", name="[red]x[/]\x1b[2J")
    broken = record("lstm")
    broken.config_file.write_text('{"format": 99}')
    async with on_stage(store, models=["rnn"], size=(240, 40)) as stage:
        await opened(stage, 3)
        await stage.until_shown(run.id, r"[red]x[/]\x1b[2J", "newer")
        assert "\x1b" not in stage.text()


def _log(run: RunDirectory, told: list[Logged]) -> None:
    log = EventLog(run.events_file)
    for event in told:
        log.append(event)
    log.close()
