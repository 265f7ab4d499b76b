"""The one epoch cursor: charts, matrix and classes show an epoch, whatever comes in meanwhile, until they are live."""

from __future__ import annotations

import threading

import pytest
from textual import events

from namestui.runs.confusion import ConfusionFile
from namestui.runs.store import RunStore
from namestui.tui.widgets.chart.chart import Chart
from tests.screen_stage import NARROW, WIDE, Stage, on_stage

SMALL = (60, 15)
SIZES = pytest.mark.parametrize("size", [WIDE, NARROW, SMALL], ids=["120x40", "80x24", "60x15"])


def matrix(epoch: int) -> list[list[int]]:
    return [[epoch, 30 - epoch, 0], [0, 30, 0], [0, 0, 30]]


def keep_matrices(stage: Stage, epochs: int, but: tuple[int, ...] = (), index: int = 0) -> None:
    """On the disk, as the worker leaves them."""
    file = stage.store.get(stage.run_ids[index]).confusion(3)
    for epoch in range(1, epochs + 1):
        if epoch not in but:
            file.put(epoch, matrix(epoch))


async def trained(stage: Stage, epochs: int = 9) -> None:
    keep_matrices(stage, epochs, but=(5,))
    stage.train(0, epochs)
    await stage.until_shown(f"epoch {epochs:2}/20")


@SIZES
async def test_the_matrix_is_that_of_the_epoch_until_live_again(store: RunStore, size: tuple[int, int]) -> None:
    async with on_stage(store, models=["rnn"], size=size) as stage:
        await trained(stage)
        await stage.press("m", "less_than_sign", "less_than_sign")
        await stage.until_shown("predicted Abban: 7 of 30")
        titled = "confusion · RNN · epoch 7 of 20 · counts" if size == WIDE else "epoch 7 of 20 · true"
        assert titled in stage.text()
        # WHEN epochs come in THEN nothing moves
        maker = stage.makers[0]
        for _ in range(3):
            stage.deliver(maker.epoch(), maker.confusion())
        await stage.until_shown("epoch 12/20")
        assert "predicted Abban: 7 of 30" in stage.text()
        # and an epoch without a matrix says so, and leaves the matrix' own cursor where it is
        await stage.press("down", "less_than_sign", "less_than_sign")
        await stage.until_shown("no matrix was kept of epoch 5")
        await stage.press("greater_than_sign")
        await stage.until_shown("true Kirik → predicted Abban: 0 of 30")
        await stage.press("escape")
        await stage.until_shown("true Kirik → predicted Abban: 3 of 30")
        assert stage.main._looks.view.cursor is None


async def test_charts_and_classes_follow_the_same_cursor(store: RunStore) -> None:
    async with on_stage(store, models=["rnn"]) as stage:
        await trained(stage)
        loss, accuracy = list(stage.main.query(Chart))[:2]
        newest = loss.reads()
        await stage.press("g", "left", "left")
        await stage.until(lambda: "\tepoch\t7\t" in loss.reads() and "\tepoch\t7\t" in accuracy.reads(), "read")
        await stage.press("t")
        await stage.until_shown("classes · epoch 7 of 20", "Abban   1.00  .233  .378     30")
        await stage.press("g", "home")
        await stage.until(lambda: "\tepoch\t1\t" in loss.reads(), "first")
        await stage.press("left")
        assert stage.main._looks.view.cursor == 1
        await stage.press("end")
        await stage.until(lambda: loss.reads() == newest, "live")


async def test_an_epoch_by_its_number(store: RunStore) -> None:
    async with on_stage(store, models=["rnn"]) as stage:
        await trained(stage)
        await stage.press("G")
        await stage.until_shown("epoch (1 to 9)")
        await stage.press("7", "enter")
        await stage.until_shown("confusion · RNN · epoch 7 of 20")
        await stage.press("G")
        await stage.until_shown("epoch (1 to 9)")
        await stage.press("x", "enter")
        await stage.until(lambda: "an epoch is a number" in stage.notices(), "said")
        assert stage.main._looks.view.cursor == 7


async def test_the_mouse_moves_it(store: RunStore) -> None:
    async with on_stage(store, models=["rnn"]) as stage:
        await trained(stage)
        loss = stage.main._view.curves.charts[0]
        loss.post_message(Chart.CursorMoved(loss, 4))
        await stage.until_shown("confusion · RNN · epoch 4 of 20", "predicted Abban: 4 of 30")


async def test_it_is_kept_from_run_to_run_where_one_is_shorter(store: RunStore) -> None:
    async with on_stage(store, models=["rnn", "lstm"]) as stage:
        await trained(stage)
        keep_matrices(stage, 3, index=1)
        stage.train(1, 3)
        await stage.press("less_than_sign")
        await stage.until_shown("confusion · RNN · epoch 8 of 20")
        await stage.press("2")
        await stage.until_shown("confusion · LSTM · epoch 8 of 20", "LSTM has trained 3 epochs, not 8")
        await stage.press("less_than_sign")
        await stage.until_shown("confusion · LSTM · epoch 3 of 20", "predicted Abban: 28 of 30")


async def test_no_key_waits_for_a_matrix_and_the_title_does_not_lie(
    store: RunStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with on_stage(store, models=["rnn"]) as stage:
        await trained(stage)
        await stage.press("less_than_sign")
        await stage.until_shown("epoch 8 of 20", "predicted Abban: 8 of 30")
        # GIVEN a file that is being read for a long time
        goes_on = threading.Event()
        original = ConfusionFile.of

        def slow(file: ConfusionFile, epoch: int) -> list[list[int]] | None:
            goes_on.wait(10)
            return original(file, epoch)

        monkeypatch.setattr(ConfusionFile, "of", slow)
        # WHEN the cursor goes on THEN the charts follow, and title and numbers stay together
        await stage.press(*["less_than_sign"] * 5)
        await stage.until(lambda: stage.main._looks.view.cursor == 3, "moved")
        await stage.until_shown("epoch 3  train")
        assert "confusion · RNN · epoch 8 of 20" in stage.text()
        assert "predicted Abban: 8 of 30" in stage.text()
        goes_on.set()
        await stage.until_shown("confusion · RNN · epoch 3 of 20", "predicted Abban: 3 of 30")


async def test_in_the_prompt_the_keys_are_letters(store: RunStore) -> None:
    async with on_stage(store, models=["rnn"]) as stage:
        await trained(stage)
        await stage.press("slash", "less_than_sign", "G", "z", "x", "end")
        assert stage.main._view.prompt.value == "<Gzx"
        assert stage.main._looks.view.cursor is None
        assert not stage.main._view.is_zoomed


async def test_a_key_that_is_held_is_drawn_once_for_all_that_wait(
    store: RunStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with on_stage(store, models=["rnn"]) as stage:
        await trained(stage)
        await stage.press("less_than_sign")
        await stage.until_shown("epoch 8 of 20")
        drawn: list[int | None] = []
        draw = stage.main._draw_looks

        def counted(*, is_kept: bool) -> None:
            drawn.append(stage.main._looks.view.cursor)
            draw(is_kept=is_kept)

        monkeypatch.setattr(stage.main, "_draw_looks", counted)
        for _ in range(7):
            stage.app.post_message(events.Key("less_than_sign", "<"))
        await stage.until_shown("epoch 1 of 20")
        assert drawn[-1] == 1
        assert len(drawn) < 7
