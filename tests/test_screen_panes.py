"""Panes: which has the focus, all of the screen, which charts are shown and how; what of it is remembered."""

from __future__ import annotations

import pytest

from namestui.runs.store import RunStore
from namestui.tui.widgets.chart.chart import Chart
from tests.screen_stage import NARROW, WIDE, Stage, on_stage

SMALL, HUGE = (60, 15), (200, 60)
SIZES = pytest.mark.parametrize(
    "size", [SMALL, NARROW, WIDE, (160, 40), HUGE], ids=["60x15", "80x24", "120x40", "160x40", "200x60"]
)
PANES = {"curves": "g", "matrix": "m", "classes": "t", "predict": "slash"}
SIGNS = {"curves": "loss ", "matrix": "predicted Abban", "classes": "class   prec", "predict": "name ▸"}


async def trained(stage: Stage, epochs: int = 3) -> None:
    file = stage.store.get(stage.run_ids[0]).confusion(3)
    for epoch in range(1, epochs + 1):
        file.put(epoch, [[epoch, 30 - epoch, 0], [0, 30, 0], [0, 0, 30]])
    stage.train(0, epochs)
    await stage.until_shown(f"epoch {epochs:2}/20")


def seen(stage: Stage) -> set[str]:
    return {pane for pane, sign in SIGNS.items() if sign in stage.text()}


def headings(stage: Stage) -> list[str]:
    return [str(chart.heading) for chart in stage.main.query(Chart) if chart.display]


@SIZES
async def test_every_pane_is_reached_zoomed_and_given_back(store: RunStore, size: tuple[int, int]) -> None:
    async with on_stage(store, models=["rnn"], size=size) as stage:
        await trained(stage)
        for pane, key in PANES.items():
            await stage.press(key)
            await stage.until_shown(SIGNS[pane])
            assert stage.main._focus_pane == pane
            if pane == "predict":
                continue  # z is a letter there
            before = seen(stage)
            await stage.press("z")
            # On a very wide terminal matrix and classes are one.
            both = {"matrix", "classes"} if size[0] >= 160 and pane in ("matrix", "classes") else {pane}
            others = [sign for other, sign in SIGNS.items() if other not in both]
            await stage.until(lambda o=others: not any(sign in stage.text() for sign in o), "alone")
            await stage.until_shown(SIGNS[pane])
            await stage.press("z" if pane != "matrix" else "escape")
            await stage.until(lambda b=before: seen(stage) == b, "given back as it was")


@SIZES
async def test_tab_goes_round(store: RunStore, size: tuple[int, int]) -> None:
    async with on_stage(store, models=["rnn"], size=size) as stage:
        await trained(stage)
        await stage.press("g")
        order = list(PANES)
        for pane in [*order[1:], *order]:
            await stage.press("tab")
            await stage.until(lambda p=pane: stage.main._focus_pane == p and stage.main.focused, pane)
        await stage.press("shift+tab")
        assert stage.main._focus_pane == order[-2]


async def test_pages_of_charts_stay_over_new_metrics_and_are_remembered(store: RunStore) -> None:
    async with on_stage(store, models=["rnn"]) as stage:
        await trained(stage)
        assert headings(stage) == ["loss", "accuracy"]
        await stage.until_shown("· 1 of 3")
        await stage.press("g", "pagedown")
        await stage.until(lambda: headings(stage) == ["learning rate", "macro f1"], "second")
        await stage.until_shown("· 2 of 3")
        stage.deliver(stage.makers[0].metrics(3, gradient_norm=2.0))
        await stage.until_shown("· 2 of 4")
        assert headings(stage) == ["learning rate", "macro f1"]
        await stage.press("pagedown")
        await stage.until(lambda: headings(stage) == ["names per second", "gradient_norm".replace("_", " ")], "third")
        await stage.press("x", "full_stop", "b", "y", "pageup", "f")
        await stage.until_shown("only charts with these words")
        await stage.type("f1")
        await stage.press("enter")
        await stage.until(lambda: headings(stage) == ["macro f1"], "filtered")
        kept = store.read_session().charts
        assert (kept.filter, kept.x_axis, kept.smoothing, kept.outliers, kept.log_y) == ("f1", "step", 0.5, False, True)
        run_ids = stage.run_ids
    async with on_stage(store) as stage:
        assert stage.run_ids == run_ids
        assert stage.main._looks.kept() == kept


async def test_a_filter_that_lets_nothing_through_says_so(store: RunStore) -> None:
    async with on_stage(store, models=["rnn"]) as stage:
        await trained(stage)
        await stage.press("g", "z", "slash")
        await stage.until_shown("only charts with these words")
        await stage.type("nonsense")
        await stage.press("enter")
        await stage.until_shown("no metric has these words")
        await stage.press("f")
        await stage.until_shown("only charts with these words")
        await stage.press(*["backspace"] * 8, "enter")
        await stage.until_shown("loss", "accuracy")


async def test_recall_by_class_is_a_chart(store: RunStore) -> None:
    async with on_stage(store, models=["rnn"]) as stage:
        await trained(stage, 9)
        await stage.press("g", "pagedown", "pagedown")
        await stage.until_shown("recall", "1 Abban", f"Abban {9 / 30:.4f}")


async def test_zoom_and_pan_survive_updates(store: RunStore) -> None:
    async with on_stage(store, models=["rnn"]) as stage:
        await trained(stage, 9)
        assert not stage.main.check_action("farther", ())
        await stage.press("plus", "plus", "right_curly_bracket")
        span = stage.main._looks.view.span
        assert span is not None
        assert span[1] - span[0] == pytest.approx(19 / 4)
        stage.deliver(stage.makers[0].epoch())
        await stage.until_shown("epoch 10/20")
        assert stage.main._looks.view.span == span
        await stage.press("left_curly_bracket", "minus", "0")
        assert stage.main._looks.view.span is None
        chart = stage.main._view.curves.charts[0]
        chart.post_message(Chart.Zoomed(chart, 2.0, 1.0))
        await stage.until(lambda: stage.main._looks.view.span == (1.0, pytest.approx(10.5)), "by the wheel")


async def test_the_foot_follows_the_focus(store: RunStore) -> None:
    async with on_stage(store, models=["rnn"]) as stage:
        await trained(stage)
        await stage.until_shown("% row %", "z zoom")
        await stage.until_gone("f filter")
        await stage.press("g")
        await stage.until_shown(". smooth", "f filter", "pgdn more charts")
        await stage.until_gone("row %")


@pytest.mark.parametrize("size", [(160, 40), HUGE])
async def test_classes_stand_beside_the_matrix(store: RunStore, size: tuple[int, int]) -> None:
    async with on_stage(store, models=["rnn"], size=size) as stage:
        await trained(stage)
        await stage.until_shown(
            "confusion · RNN · epoch 3", "classes · epoch 3", "prec", "most confused", "Kirik → Abban"
        )
