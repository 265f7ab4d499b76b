"""The pane of the machine: live, in every size, and honest where nothing is measured."""

from __future__ import annotations

import time

import pytest

from namestui.runs.store import RunStore
from namestui.tui.dialogs import machine
from namestui.tui.dialogs.machine import COMING, MachineScreen
from namestui.tui.widgets.machine import MachineFigures
from tests.fake_engine import NOW
from tests.scenes import hours
from tests.screen_stage import NARROW, WIDE, Stage, on_stage


@pytest.fixture(autouse=True)
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "REDRAW_EVERY", 0.05)


def pane(stage: Stage) -> MachineFigures:
    assert isinstance(stage.app.screen, MachineScreen)
    return stage.app.screen.query_one(MachineFigures)


async def opened(stage: Stage) -> None:
    stage.train(0)
    await stage.until(lambda: stage.state().state == "running" or stage.state().epoch, "trained")
    await stage.press("M")
    await stage.until(lambda: isinstance(stage.app.screen, MachineScreen), "opened")


async def test_figures_appear_as_they_are_measured(store: RunStore) -> None:
    async with on_stage(store, models=["rnn"], size=WIDE) as stage:
        # GIVEN a worker that has measured nothing yet
        await opened(stage)
        await stage.until_shown(COMING)
        # WHEN it has, the pane shows it
        maker = stage.makers[0]
        stage.deliver(maker.machine(2.0, cpu=0.25, use=0.9))
        await stage.until_shown("25 %", "of 16 cores", "NVIDIA RTX A5000")
        stage.deliver(maker.machine(4.0, cpu=0.75, use=0.9))
        await stage.until_shown("75 %", "50 %")
        # AND what it does not measure is not there
        assert "disk" not in stage.text()
        await stage.press("M")
        assert stage.app.screen is stage.main


@pytest.mark.parametrize("size", [(60, 15), NARROW, WIDE, (200, 60)])
async def test_every_figure_can_be_reached(store: RunStore, size: tuple[int, int]) -> None:
    async with on_stage(store, models=["rnn"], size=size) as stage:
        await opened(stage)
        stage.deliver(*hours(stage.makers[0]))
        await stage.until(lambda: len(pane(stage)._figures) == 11, "measured")
        await stage.until_shown("CPU", "60 %")
        await stage.press("end")
        await stage.until_shown("GPU 0 power", "310 W")
        assert max(map(len, stage.lines())) == size[0]


async def test_the_time_that_is_shown_can_be_chosen(store: RunStore) -> None:
    async with on_stage(store, models=["rnn"]) as stage:
        await opened(stage)
        stage.deliver(*hours(stage.makers[0]))
        await stage.until_shown("2:00:00 ago", "210 MB/s")
        await stage.press("plus")  # not the six hours that nobody measured
        await stage.until_shown("1:00:00 ago")
        await stage.until_gone("210 MB/s")  # that was before
        await stage.press("plus", "plus")
        await stage.until_shown("10:00 ago")
        await stage.press("minus")
        await stage.until_shown("1:00:00 ago")
        await stage.press("0")
        await stage.until_shown("2:00:00 ago", "210 MB/s")


async def test_a_worker_that_is_gone_leaves_its_figures_and_says_how_old_they_are(
    store: RunStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with on_stage(store, models=["rnn"]) as stage:
        await opened(stage)
        stage.deliver(stage.makers[0].machine(0.0, cpu=0.5))
        await stage.until_shown("50 %")
        assert "measured last" not in stage.text()
        stage.deliver(stage.makers[0].gone())
        monkeypatch.setattr(time, "time", lambda: NOW + 300.0)
        await stage.until_shown("measured last 5 min ago", "50 %")


async def test_without_a_worker_it_says_why_it_is_empty(store: RunStore) -> None:
    async with on_stage(store, models=["rnn"]) as stage:
        stage.train(0)
        stage.deliver(stage.makers[0].gone())
        await stage.until(lambda: stage.state().state == "interrupted", "interrupted")
        await stage.press("M")
        await stage.until_shown("no figures: a worker measures while it trains or answers")


async def test_no_more_is_drawn_than_there_is_to_see(store: RunStore) -> None:
    async with on_stage(store, models=["rnn"]) as stage:
        await opened(stage)
        stage.deliver(stage.makers[0].machine(0.0, cpu=0.5))
        await stage.until_shown("50 %")
        drawn = pane(stage)._rows
        for _ in range(5):
            await stage.pilot.pause(0.06)
        assert pane(stage)._rows is drawn
