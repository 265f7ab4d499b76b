"""Runs side by side on the screen: by its keys, live, and back."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from unittest.mock import patch

import msgspec
import pytest

from namestui.runs.events import RunHead
from namestui.runs.recipes import make_config
from namestui.runs.store import RunStore
from namestui.tui.screen.compare import CompareScreen
from namestui.tui.screen.keymap import keymap_of
from namestui.tui.state.comparison import Comparison
from namestui.tui.state.config_file import parse
from namestui.tui.state.open_runs import OpenRuns
from namestui.tui.widgets.glyphs import UNICODE
from tests.fake_engine import EventMaker, FakeEngine
from tests.screen_stage import NARROW, WIDE, Stage, on_stage

MODELS = ("rnn", "lstm", "gru")


def trained(maker: EventMaker, model: str, top: float, *, epochs: int = 6, finished: bool = True) -> list[object]:
    config = msgspec.to_builtins(make_config(model))
    start = msgspec.structs.replace(maker.run_started(model), config=config)
    events = [start, maker.state("running")]
    events += [maker.epoch(validation_accuracy=top * n / epochs, seconds=2.0) for n in range(1, epochs + 1)]
    return [*events, *([maker.scored(top - 0.01), maker.state("finished")] if finished else [])]


@pytest.fixture
async def stage(store: RunStore) -> AsyncIterator[Stage]:
    async with on_stage(store, models=MODELS) as stage:
        for index, (model, top) in enumerate(zip(MODELS, (0.75, 0.85, 0.80), strict=True)):
            stage.deliver(*trained(stage.makers[index], model, top, finished=index < 2))  # type: ignore[arg-type]
        await stage.until(lambda: stage.state(2).epoch == 6, "trained")
        await stage.press("c")
        await stage.until(lambda: isinstance(stage.app.screen, CompareScreen), "compared")
        await stage.until_shown("3 runs", "validation/accuracy")
        yield stage


def rows(stage: Stage) -> list[str]:
    """The lines of the table, from the first on."""
    lines = stage.lines()
    first = next(at for at, line in enumerate(lines) if "test % (95 %)" in line)
    return [line for line in lines[first + 1 :] if line.startswith("│")]


def numbers(stage: Stage) -> list[str]:
    return [row.replace("▸", " ")[1:].split()[0] for row in rows(stage)]


async def test_all_open_runs_stand_in_one_table(stage: Stage) -> None:
    first, second, third = rows(stage)
    assert "▸ " in first and "RNN" in first
    for text in ("85.0 @6", "84.0 82.0-86.0", "12.0 s", "12,345"):
        assert text in second
    assert "80.0 @6" in third and "to 80 %" in stage.text()
    assert "not a fair race" not in stage.text()


async def test_the_focus_moves_by_rows_and_numbers_and_enter_opens_its_tab(stage: Stage) -> None:
    await stage.press("j")
    assert "▸" in rows(stage)[1]
    await stage.press("k", "k", "3")
    assert "▸" in rows(stage)[2]
    await stage.press("9")  # there is none
    assert "▸" in rows(stage)[2]
    await stage.press("enter")
    await stage.until(lambda: stage.app.screen is stage.main, "back")
    await stage.until(lambda: stage.main._runs.shown is stage.state(2), "shown")


async def test_it_is_sorted_by_the_column_in_focus_and_back(stage: Stage) -> None:
    orders = []
    for _ in range(3):
        await stage.press("S")
        orders.append(numbers(stage))
    assert orders == [["2", "3", "1"], ["1", "3", "2"], ["1", "2", "3"]]
    await stage.press("l", "S")  # by test: the third has none
    assert numbers(stage) == ["2", "1", "3"]


async def test_what_comes_in_is_shown_and_moves_neither_focus_nor_cursor(stage: Stage) -> None:
    await stage.press("2", "less_than_sign", "less_than_sign")
    await stage.until_shown("epoch 4")
    stage.deliver(stage.makers[2].epoch(validation_accuracy=0.9))
    await stage.until_shown("90.0 @7")
    assert "▸" in rows(stage)[1]
    assert "epoch 4" in stage.text()


async def test_esc_is_live_again_first_and_then_back(stage: Stage) -> None:
    await stage.press("less_than_sign")
    await stage.until_shown("epoch 5")
    await stage.press("escape")
    await stage.until_gone("epoch 5")
    await stage.press("escape")
    await stage.until(lambda: stage.app.screen is stage.main, "back")


async def test_a_run_that_ended_earlier_has_no_value_of_a_later_epoch(stage: Stage) -> None:
    stage.deliver(*(stage.makers[2].epoch() for _ in range(3)))
    await stage.until(lambda: stage.state(2).epoch == 9, "trained")
    await stage.press("3", "x", "x", "x", "x", "less_than_sign")
    await stage.until_shown("epoch 8")
    await stage.press("x")  # over epochs
    await stage.until(lambda: "@6" in rows(stage)[0], "said")


async def test_how_it_was_looked_at_is_kept_for_the_next_time(stage: Stage) -> None:
    await stage.press("x", "pagedown", "S")
    await stage.until_shown("macro_f1", "epoch 1 ")
    await stage.press("c")
    await stage.until(lambda: stage.app.screen is stage.main, "back")
    await stage.press("c")
    await stage.until_shown("macro_f1", "▼best %")


async def test_charts_or_table_have_the_whole_screen(stage: Stage) -> None:
    await stage.press("z")
    await stage.until_gone("test % (95 %)")
    await stage.press("z")
    await stage.until_shown("test % (95 %)")
    await stage.until_gone("validation/accuracy")
    await stage.press("z")
    await stage.until_shown("test % (95 %)", "validation/accuracy")


async def test_the_run_in_focus_is_copied_or_what_the_charts_read(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    sent: list[str] = []
    monkeypatch.setattr(stage.app, "copy_to_clipboard", sent.append)
    await stage.press("j", "Y")
    await stage.until(lambda: sent, "copied")
    heading, row = (line.split("\t") for line in sent[0].split("\n"))
    cells = dict(zip(heading, row, strict=True))
    assert cells["id"] == stage.run_ids[1]
    assert (cells["best %"], cells["parameters"]) == ("85.0 @6", "12,345")
    await stage.press("z", "Y")
    await stage.until(lambda: len(sent) == 2, "copied")
    assert sent[1].startswith("validation/accuracy\tepoch\t6\t")


async def test_only_settings_that_differ_are_shown(stage: Stage) -> None:
    await stage.press("2")
    await stage.until_shown("model=lstm", "batch_size=128")
    assert "learning_rate" not in stage.text()


async def test_an_unfair_race_is_called_so(store: RunStore) -> None:
    async with on_stage(store, models=("rnn", "lstm"), size=NARROW) as stage:
        for index, split in enumerate(("grouped", "random")):
            start = stage.makers[index].run_started()
            config = msgspec.to_builtins(make_config("rnn", split=split))
            stage.deliver(msgspec.structs.replace(start, config=config), stage.makers[index].epoch())
        await stage.until(lambda: stage.state(1).epoch, "trained")
        await stage.press("c")
        await stage.until_shown("not a fair race: split grouped (1), random (2)")


async def test_one_run_alone_is_not_compared(store: RunStore) -> None:
    async with on_stage(store, models=("rnn",)) as stage:
        await stage.press("c")
        assert stage.app.screen is stage.main


async def test_the_mouse_focuses_sorts_and_scrolls(stage: Stage) -> None:
    table = stage.app.screen.query_one("#table")
    await stage.pilot.click(table, offset=(8, 3))
    assert "▸" in rows(stage)[1]
    heading = next(line for line in stage.lines() if "test % (95 %)" in line)
    await stage.pilot.click(table, offset=(heading.index("best %"), 1))
    assert numbers(stage) == ["2", "3", "1"]


async def test_twenty_runs_scroll_with_the_focus_in_view(store: RunStore) -> None:
    async with on_stage(store, models=("rnn",) * 20, size=NARROW) as stage:
        await stage.press("c")
        await stage.until_shown("20 runs · 1-8 of 20")
        await stage.press(*"j" * 19)
        await stage.until_shown("20 runs · 13-20 of 20")
        assert "▸ 20" in stage.text()


async def test_a_run_that_has_failed_before_its_first_epoch_has_a_row(store: RunStore) -> None:
    async with on_stage(store, models=("rnn", "lstm"), size=WIDE) as stage:
        stage.deliver(stage.makers[0].run_started(), stage.makers[0].state("failed", "no memory"))
        await stage.until(lambda: stage.state(0).state == "failed", "failed")
        await stage.press("c")
        await stage.until_shown("waiting for the first epoch", "1 RNN failed", "2 ◌  LSTM")


async def test_what_is_covered_is_not_painted(stage: Stage) -> None:
    """Textual paints what lies over a screen whenever that changes, seen or not."""
    await stage.press("3", "enter")
    await stage.until(lambda: stage.main._runs.shown is stage.state(2), "shown")
    await stage.press("c")
    await stage.until_shown("test % (95 %)", "validation/accuracy")

    async def came_in(batch: int) -> None:
        stage.deliver(progress := stage.makers[2].progress(batch))
        await stage.until(lambda: stage.state(2).progress is progress, "come in")
        await stage.until(lambda: not stage.main._comparison.is_stale, "drawn")
        await stage.pilot.pause()

    await came_in(2)  # all that opening it draws is drawn
    with patch.object(stage.app, "_display") as display:
        for batch in range(3, 6):
            await came_in(batch)
        assert display.call_count == 0
    await stage.press("c")
    await stage.until_shown("batch   5/113")


async def test_marked_runs_are_compared_without_tabs_and_the_wanted_one_gets_one(store: RunStore) -> None:
    made = [store.create(make_config(model)).id for model in ("gru", "bilstm", "ngram")]
    async with on_stage(store, models=("rnn",)) as stage:
        await stage.press("o")
        await stage.until_shown("4 of 4")
        await stage.press("j", "space", "space", "c")  # newest first: that with the tab stands above
        await stage.until_shown("2 runs", "n-gram", "BiLSTM")
        assert sorted(stage.engine.opened) == sorted(made[1:])
        stage.deliver(*trained(stage.engine.maker(made[1]), "bilstm", 0.8))  # type: ignore[arg-type]
        await stage.until_shown("80.0 @6")
        await stage.press("j" if "▸  1 ◌  n-gram" in stage.text() else "k", "enter")
        await stage.until(lambda: stage.app.screen is stage.main, "back")
        await stage.until(lambda: [state.run for state in stage.main._runs] == [stage.run_ids[0], made[1]], "a tab")
        await stage.until(lambda: stage.main._runs.shown and stage.main._runs.shown.epoch == 6, "shown as known")
        assert stage.engine.closed_runs == [made[2]]


def test_keys_of_the_users_file_hold_here_too(store: RunStore) -> None:
    keymap = keymap_of(parse('[keys]\nx_axis = "X"', Path("config.toml")))
    screen = CompareScreen(Comparison(store, FakeEngine(), OpenRuns()), keymap=keymap, glyphs=UNICODE)
    bound = screen._bindings.key_to_bindings
    assert [one.action for one in bound["X"]] == ["x_axis"]
    assert "x" not in bound
    assert [one.action for one in bound["j"]] == ["move(1)"]


async def test_a_loop_of_another_kind_is_compared_over_every_axis(store: RunStore) -> None:
    """One that counts no epochs lies over the axes that it has."""
    async with on_stage(store, models=("rnn", "lstm")) as stage:
        stage.deliver(*trained(stage.makers[0], "rnn", 0.8))  # type: ignore[arg-type]
        maker = stage.makers[1]
        head = RunHead(kind="loop", title="mine")
        start = msgspec.structs.replace(maker.run_started(), head=head, config={"optim": {"lr": 0.1}}, parameters=0)
        stage.deliver(start, *(maker.metrics(0, 100 * n, validation__accuracy=n / 10) for n in range(1, 8)))
        await stage.until(lambda: stage.state(1).series, "logged")
        await stage.press("c")
        await stage.until_shown("1 RNN", "2 mine", "70.0", "not recorded")
        await stage.press("x")  # epochs
        await stage.until(lambda: "2 mine" not in stage.lines()[0], "left out")
        await stage.press("x")  # steps
        await stage.until(lambda: "2 mine" in stage.lines()[0], "there again")
        await stage.press("x", "less_than_sign", "2", "l", "S")
        await stage.until_shown("epoch 5", "optim.lr=0.1")
