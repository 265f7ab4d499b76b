"""The confusion matrix on the screen: its cursor, its numbers, and the names behind a cell."""

from __future__ import annotations

import pytest

from namestui.runs import commands
from namestui.runs.store import RunStore
from namestui.tui.dialogs.examples import ExamplesScreen
from tests.screen_stage import NARROW, WIDE, on_stage

SIZES = pytest.mark.parametrize("size", [WIDE, NARROW], ids=["120x40", "80x24"])


@SIZES
async def test_m_leads_to_the_matrix(store: RunStore, size: tuple[int, int]) -> None:
    async with on_stage(store, models=["rnn"], size=size) as stage:
        stage.train(0)
        await stage.until_shown("epoch  3/20")
        await stage.press("m")
        await stage.until_shown("Abban    28     1     1", "true Abban → predicted Abban: 28 of 30 (93.3 %)")
        assert stage.main._view.matrix.has_focus
        if size == NARROW:
            assert "loss" not in stage.text()
            await stage.press("escape")
            await stage.until_shown("loss")


@SIZES
async def test_the_cursor(store: RunStore, size: tuple[int, int]) -> None:
    async with on_stage(store, models=["rnn"], size=size) as stage:
        stage.train(0)
        await stage.press("m")
        await stage.until_shown("true Abban")
        labels = ("Abban", "Kirik", "Sumo")
        at = [0, 0]
        # WHEN arrows and hjkl are pressed, beyond the edges too THEN the cursor goes there and stays inside
        for key in ("down", "right", "j", "l", "l", "down", "up", "left", "k", "h", "h", "up"):
            axis, step = {"down": (0, 1), "up": (0, -1), "right": (1, 1), "left": (1, -1)}.get(
                key, {"j": (0, 1), "k": (0, -1), "l": (1, 1), "h": (1, -1)}.get(key, (0, 0))
            )
            at[axis] = min(max(at[axis] + step, 0), 2)
            await stage.press(key)
            await stage.until_shown(f"true {labels[at[0]]} → predicted {labels[at[1]]}:")
        # and it stays where it is when new counts come
        await stage.press("down")
        maker = stage.makers[0]
        stage.deliver(maker.epoch(), maker.confusion([[30, 0, 0], [9, 21, 0], [0, 0, 30]]))
        await stage.until_shown("true Kirik → predicted Abban: 9 of 30 (30.0 %)")


@SIZES
async def test_a_thousand_labels(store: RunStore, size: tuple[int, int]) -> None:
    labels = [f"Label{number:04}" for number in range(1000)]
    async with on_stage(store, models=["rnn"], size=size) as stage:
        stage.train(0, labels=labels)
        matrix = [[0] * 1000 for _ in labels]
        matrix[999][999], matrix[998][999] = 77, 5
        stage.deliver(stage.makers[0].confusion(matrix))
        await stage.press("m")
        place = ["rows 1-", "of 1000"] if size == WIDE else []  # in the border, which the small one lacks
        await stage.until_shown("true Label0000 → predicted Label0000", *place)
        # WHEN the cursor goes to the far end of a row, and down by pages THEN the window follows it
        await stage.press("end")
        await stage.until_shown("predicted Label0999")
        for _ in range(1000):
            if "true Label0999" in stage.text():
                break
            await stage.press(*["pagedown"] * 20)
        await stage.until_shown("true Label0999 → predicted Label0999: 77 of 77 (100.0 %)")
        await stage.press("up")
        await stage.until_shown("true Label0998 → predicted Label0999: 5 of 5 (100.0 %)")
        # AND new counts come through
        matrix = [list(row) for row in matrix]
        matrix[998][0] = 5
        stage.deliver(stage.makers[0].epoch(), stage.makers[0].confusion(matrix))
        await stage.until_shown("predicted Label0999: 5 of 10 (50.0 %)")


@SIZES
async def test_percent(store: RunStore, size: tuple[int, int]) -> None:
    async with on_stage(store, models=["rnn"], size=size) as stage:
        stage.train(0)
        await stage.press("m")
        await stage.until_shown("Sumo      ·     7    23")
        await stage.press("percent_sign")
        await stage.until_shown("Sumo      ·  23.3  76.7")
        await stage.press("percent_sign")
        await stage.until_shown("Sumo      ·     7    23")


@SIZES
async def test_the_names_behind_a_cell(store: RunStore, size: tuple[int, int]) -> None:
    async with on_stage(store, models=["rnn", "lstm"], size=size) as stage:
        stage.train(0)
        stage.train(1)
        await stage.until(lambda: stage.state(1).confusion, "trained")
        await stage.press("2", "m", "j", "l", "l")
        await stage.until_shown("true Kirik → predicted Sumo: 1 of 30")
        # WHEN Enter is pressed THEN this run is asked about this cell
        await stage.press("enter")
        await stage.until_shown("Kirik taken for Sumo", "asking the worker")
        assert stage.engine.kinds() == ["ListExamples"]
        asked = stage.engine.last(commands.ListExamples, stage.run_ids[1])
        assert (asked.true, asked.predicted) == (1, 2)
        # and the names are shown as soon as they come, inert
        told = stage.makers[1].examples(asked.request, ["Kirikil", "[b]Kik[/b]\x1b[2J"], total=1007)
        stage.deliver(told)
        await stage.until_shown("90.0 %  Kirikil", r"89.0 %  [b]Kik[/b]\x1b[2J", "… and 1,005 more")
        await stage.press("escape")
        await stage.until(lambda: stage.app.screen is stage.main, "closed")
        # A dialog that is closed before the answer comes waits for nothing more.
        await stage.press("enter")
        await stage.until(stage.engine.waiting, "asked again")
        await stage.press("escape")
        await stage.until(lambda: not stage.engine.waiting(), "given up")
        assert stage.app.screen is stage.main


async def test_a_cell_may_be_empty_and_a_worker_may_refuse(store: RunStore) -> None:
    async with on_stage(store, models=["rnn"]) as stage:
        stage.train(0)
        await stage.until_shown("true Abban")
        await stage.press("enter")
        await stage.until_shown("Abban taken for Abban")
        request = stage.engine.last(commands.ListExamples).request
        stage.deliver(stage.makers[0].refused(request, "no [b]validation[/b] yet\x1b[2J"))
        await stage.until_shown(r"no answer: no [b]validation[/b] yet\x1b[2J")
        await stage.until_gone("asking the worker")
        await stage.press("enter")
        await stage.until(lambda: stage.app.screen is stage.main, "closed")
        # WHEN the worker goes while it is asked THEN that is said too
        await stage.press("enter")
        await stage.until(stage.engine.waiting, "asked")
        stage.deliver(stage.makers[0].gone("its directory has vanished"))
        await stage.until_shown("no answer: its directory has vanished")
        await stage.press("enter")
        await stage.until(lambda: stage.app.screen is stage.main, "closed")
        await stage.press("enter")
        await stage.until(stage.engine.waiting, "asked")
        stage.deliver(stage.makers[0].examples(stage.engine.last(commands.ListExamples).request, []))
        await stage.until_shown("no validation name falls here any more")
        await stage.press("enter")
        await stage.until(lambda: stage.app.screen is stage.main, "closed")


async def test_labels_are_no_markup(store: RunStore) -> None:
    labels = ("[red]x[/]", "\x1b[2Jy", "z")
    async with on_stage(store, models=["rnn"]) as stage:
        stage.train(0, labels=labels)
        await stage.until_shown("[red]x[/]", r"\x1b[2Jy")
        await stage.press("j", "enter")
        await stage.until(lambda: isinstance(stage.app.screen, ExamplesScreen), "asked")
        await stage.until_shown(r"\x1b[2Jy taken for [red]x[/]")
        assert "\x1b" not in stage.text()
