"""A terminal of any size, changed at any moment."""

from __future__ import annotations

import random
from functools import partial

import pytest
from rich.cells import cell_len
from textual.widget import Widget

from namestui.runs.store import RunStore
from namestui.tui.screen.run_view import HIGH, WIDE
from tests.screen_stage import Stage, on_stage

PANES = ("curves", "matrix", "predict")


def visible(stage: Stage) -> set[str]:
    shown = {pane: stage.main.query_one(f"#{pane}").ancestors_with_self for pane in PANES}
    return {pane for pane, nodes in shown.items() if all(node.display for node in nodes)}


def shows(stage: Stage, panes: set[str]) -> bool:
    return visible(stage) == panes


def is_inside(stage: Stage, widget: Widget) -> bool:
    """Whether all of a widget is on the terminal."""
    region = widget.region
    return bool(region) and stage.app.screen.region.contains_region(region)


@pytest.mark.parametrize("seed", range(3))
async def test_any_size_while_events_stream_in(store: RunStore, seed: int) -> None:
    draw = random.Random(seed)
    async with on_stage(store, models=["rnn", "lstm"]) as stage:
        stage.train(0, 1, planned=1000)
        stage.train(1, 1, planned=1000)
        maker = stage.makers[0]
        pane = "curves"
        for _ in range(6):
            size = draw.randint(20, 200), draw.randint(5, 60)
            stage.deliver(maker.epoch(), maker.confusion(), maker.progress(3), maker.predicted("?", "x", {"y": 0.5}))
            if draw.random() < 0.3:
                stage.deliver(maker.gone("[b]gone[/b]" * 30, ["x" * 300] * 5))
            await stage.pilot.resize_terminal(*size)
            stage.deliver(maker.state("running"), maker.epoch(), maker.confusion())
            key, at = draw.choice([("m", "matrix"), ("slash", "predict"), ("2", ""), ("1", ""), ("j", ""), ("y", "")])
            if at == "matrix" and stage.app.focused is stage.main.query_one("#matrix"):
                at = ""  # it has the keys already: nothing comes to the front for that
            await stage.press(key)
            if key == "slash":
                await stage.press("escape")
            pane = at or pane
            narrow = size[0] < WIDE or size[1] < HIGH
            shown = {pane} if narrow else set(PANES)
            await stage.until(partial(shows, stage, shown), f"{shown} at {size}, seed {seed}")
            await stage.until(lambda: stage.main.query_one("#panes").display == narrow, "inner tabs")  # noqa: B023
            progress = stage.main.query_one("#progress")
            await stage.until(partial(is_inside, stage, progress), f"the progress line at {size}, seed {seed}")
            lines = stage.lines()
            assert len(lines) == size[1]
            assert {cell_len(line) for line in lines} == {size[0]}


@pytest.mark.parametrize(
    ("size", "narrow"),
    [
        ((118, 34), False),
        ((117, 34), True),
        ((118, 33), True),
        ((80, 24), True),
        ((120, 40), False),
        ((200, 60), False),
    ],
)
async def test_where_all_panes_fit(store: RunStore, size: tuple[int, int], narrow: bool) -> None:
    async with on_stage(store, models=["rnn"], size=size) as stage:
        stage.train(0)
        await stage.until_shown("epoch  3/20")
        assert visible(stage) == ({"curves"} if narrow else set(PANES))
        for pane in visible(stage):
            assert is_inside(stage, stage.main.query_one(f"#{pane}")), pane
        assert is_inside(stage, stage.main.query_one("#progress"))
        # Nothing lies over anything else.
        regions = [stage.main.query_one(f"#{pane}").region for pane in (*visible(stage), "progress")]
        overlaps = [(a, b) for i, a in enumerate(regions) for b in regions[:i] if a.overlaps(b)]
        assert overlaps == []
        assert ("Curves  Matrix  Classes  Predict" in stage.text()) == narrow


async def test_narrow_shows_one_pane_and_keys_lead_to_the_others(store: RunStore) -> None:
    async with on_stage(store, models=["rnn"], size=(80, 24)) as stage:
        stage.train(0)
        await stage.until_shown("loss", "accuracy")
        for key, pane in (("m", "matrix"), ("slash", "predict"), ("escape", None), ("escape", "curves")):
            await stage.press(key)
            if pane is not None:
                await stage.until(partial(shows, stage, {pane}), pane)
        # A click on an inner tab leads there too.
        await stage.pilot.click("#pane-matrix")
        await stage.until(lambda: visible(stage) == {"matrix"}, "matrix")
        # WHEN the terminal grows THEN all are there, and shrunk again the last one is
        await stage.pilot.resize_terminal(140, 50)
        await stage.until(lambda: visible(stage) == set(PANES), "all")
        await stage.pilot.resize_terminal(80, 24)
        await stage.until(lambda: visible(stage) == {"matrix"}, "matrix")


@pytest.mark.parametrize("size", [(120, 40), (80, 24), (40, 12), (30, 9), (20, 5)])
async def test_trouble_pushes_the_progress_line_off_no_terminal(store: RunStore, size: tuple[int, int]) -> None:
    async with on_stage(store, models=["rnn"], size=size) as stage:
        stage.train(0)
        stage.deliver(stage.makers[0].gone("[b]gone[/b] " * 30, ["x" * 300] * 5))
        await stage.until(lambda: stage.state().state == "interrupted", "interrupted")
        await stage.until(lambda: stage.main.query_one("#trouble").display, "the trouble")
        await stage.until(lambda: is_inside(stage, stage.main.query_one("#progress")), "the progress line")
        await stage.until_shown("interrupted")
