"""Every screen and dialog as it looks: at named sizes, dark and light, in few colours, in ASCII.

To keep pictures as they are now: ``NAMESTUI_PICTURES=update python -m pytest tests/test_pictures.py``
"""

from __future__ import annotations

import locale
import os
from unittest.mock import patch

import pytest

from namestui.runs.store import RunStore
from namestui.tui.screen.themes import DARK, DARK_COLOUR_BLIND, LIGHT, LIGHT_COLOUR_BLIND
from tests.picture import check, drawn
from tests.scenes import SCENES, frozen, stop_blinking
from tests.screen_stage import NARROW, WIDE, Stage, on_stage

SMALL, HUGE = (60, 15), (200, 60)
TERMINALS = {
    "truecolor": {"TERM": "xterm-256color", "COLORTERM": "truecolor"},
    "256": {"TERM": "xterm-256color", "COLORTERM": ""},
    "16": {"TERM": "xterm", "COLORTERM": ""},
}
THEMES = {"light": LIGHT, "colour-blind": DARK_COLOUR_BLIND, "colour-blind-light": LIGHT_COLOUR_BLIND}
LOOKS = [
    *((name, "dark", "truecolor", (NARROW, WIDE)) for name in SCENES),
    *((name, "dark", "truecolor", (SMALL, HUGE)) for name in ("training", "past", "classes", "charts")),
    ("past", "dark", "truecolor", ((160, 40),)),
    *((name, "light", "16", (WIDE,)) for name in ("past", "classes")),
    *((name, "light", "truecolor", (NARROW, WIDE)) for name in ("training", "all-runs", "new-run")),
    *((name, "dark", "16", (NARROW, WIDE)) for name in ("training", "matrix", "new-run", "machine")),
    ("machine", "dark", "truecolor", ((60, 15),)),
    ("machine", "light", "truecolor", (WIDE,)),
    *((name, "light", "16", (WIDE,)) for name in ("training", "compare")),
    ("compare", "dark", "truecolor", (HUGE,)),
    ("compare", "ascii", "truecolor", (NARROW,)),
    ("training", "dark", "256", (WIDE,)),
    *(("training", "colour-blind", colours, (WIDE,)) for colours in ("truecolor", "256", "16")),
    ("training", "colour-blind-light", "256", (WIDE,)),
    *((name, "ascii", "truecolor", (NARROW, WIDE)) for name in ("training", "two-runs", "interrupted", "machine")),
]


@pytest.mark.parametrize(("name", "look", "colours", "sizes"), LOOKS, ids=[f"{n}-{k}-{c}" for n, k, c, _ in LOOKS])
async def test_it_looks_as_it_did(
    store: RunStore, name: str, look: str, colours: str, sizes: tuple[tuple[int, int], ...]
) -> None:
    scene = SCENES[name]
    encoding = "ascii" if look == "ascii" else "utf-8"
    with (
        frozen(),
        patch.dict(os.environ, {**TERMINALS[colours], "NO_COLOR": ""}),
        patch.object(locale, "getencoding", lambda: encoding),
    ):
        os.environ.pop("NO_COLOR", None)
        for size in sizes:
            async with on_stage(RunStore(store.home / str(size[0])), models=scene.models, size=size) as stage:
                stage.app.theme = THEMES.get(look, DARK).name
                await stage.until_shown("q leave")  # the foot comes last, and not once a dialog is open
                await scene.drive(stage)
                picture = await still(stage, colours)
            check(f"{name}-{look}-{colours}-{size[0]}x{size[1]}", picture)


async def still(stage: Stage, colours: str) -> str:
    """The picture once nothing moves any more; toasts are not part of it."""
    stage.app.clear_notifications()
    stop_blinking(stage)
    before = ""
    while True:
        stage.app.screen.refresh()  # what lies under a dialog is drawn only then
        await stage.pilot.pause()
        strips = stage.app.screen._compositor.render_strips(stage.app.size)
        # Under a dialog Textual may lay out the foot or not: no part of the picture.
        now = drawn(strips if stage.app.screen is stage.main else strips[:-1], colours)
        if now == before:
            return now
        before = now
