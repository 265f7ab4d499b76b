"""The screen on a stage: a Pilot's terminal, a fake engine, and ways to wait for what should be seen."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from unittest.mock import patch

from textual import _wait
from textual.pilot import Pilot

from namestui.engine.link.updates import Reply, Update
from namestui.runs.events import Refused
from namestui.runs.recipes import make_config
from namestui.runs.store import RunStore
from namestui.tui.screen import main
from namestui.tui.screen.app import NamesApp
from namestui.tui.screen.main import MainScreen
from namestui.tui.state import name_question
from namestui.tui.state.config_file import ConfigFile
from namestui.tui.state.run_state import RunState
from tests.fake_engine import EventMaker, FakeEngine

PATIENCE = 10.0
"""Seconds until a test gives up on what should be seen."""
WIDE, NARROW = (120, 40), (80, 24)
IDLE = 0.005
"""Seconds without work after which a key counts as dealt with; Pilot's own 0.02 twice a key would add up."""
REDRAW_EVERY = 0.1
"""Seconds between two redraws of what streams in: the screen's own 0.5 would add up, too."""


@dataclass
class Stage:
    """One app in a Pilot, and what tests do with it."""

    app: NamesApp
    pilot: Pilot[int]
    engine: FakeEngine
    store: RunStore
    run_ids: list[str] = field(default_factory=list)

    @property
    def main(self) -> MainScreen:
        assert self.app.main is not None
        return self.app.main

    @property
    def makers(self) -> list[EventMaker]:
        """Of each run, the maker of its events."""
        return [self.engine.maker(run_id) for run_id in self.run_ids]

    def state(self, index: int = 0) -> RunState:
        """What the screen knows of a run."""
        return self.main._runs[self.run_ids[index]]

    def deliver(self, *arrivals: Update | Reply | Refused) -> None:
        self.engine.deliver(*arrivals)

    async def until(self, condition: Callable[[], object], what: str = "") -> None:
        """Poll until ``condition`` holds."""
        try:
            async with asyncio.timeout(PATIENCE):
                while not condition():
                    await asyncio.sleep(0.01)
        except TimeoutError:
            raise AssertionError(f"never {what or 'so'}; the screen:\n{self.text()}") from None

    async def until_shown(self, *texts: str) -> None:
        """Poll until all ``texts`` stand on the screen."""
        await self.until(lambda: all(text in self.text() for text in texts), f"shown: {texts}")

    async def until_gone(self, text: str) -> None:
        await self.until(lambda: text not in self.text(), f"gone: {text}")

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)

    async def type(self, text: str) -> None:
        """Into whatever has the focus."""
        await self.pilot.press(*("space" if letter == " " else letter for letter in text))

    def lines(self) -> list[str]:
        """The terminal's rows as text."""
        screen = self.app.screen
        strips = screen._compositor.render_strips(self.app.size)
        return ["".join(segment.text for segment in strip) for strip in strips]

    def text(self) -> str:
        return "\n".join(self.lines())

    def notices(self) -> str:
        """All toasts, each as one line."""
        return "\n".join(" ".join(notice.message.split()) for notice in self.app._notifications)

    async def left(self) -> int | None:
        """Wait for the end of the app; its exit status."""
        await self.until(lambda: self.app._exit, "left")
        return self.app.return_value

    def train(self, index: int, epochs: int = 3, *, planned: int = 20, labels: Sequence[str] | None = None) -> None:
        """Tell the beginning of a run: started, so many epochs, and one matrix."""
        maker = self.makers[index]
        model = self.state(index).model
        start = maker.run_started(model, planned, *([labels] if labels else []))
        self.deliver(start, *(maker.epoch() for _ in range(epochs)), maker.confusion())


@asynccontextmanager
async def on_stage(
    store: RunStore,
    *,
    models: Sequence[str] = (),
    size: tuple[int, int] = WIDE,
    expect_runs: bool = True,
    config: ConfigFile | None = None,
) -> AsyncIterator[Stage]:
    """The screen on new runs of ``models``; without any, on what it opens by itself."""
    engine = FakeEngine()
    created = [store.create(make_config(model, device="cpu")).id for model in models]
    app = NamesApp(store, created, engine=engine, config=config)
    async with _hurried(), app.run_test(size=size, notifications=True) as pilot:
        stage = Stage(app, pilot, engine, store, created)
        if expect_runs:
            await stage.until(lambda: len(engine.started + engine.opened) >= max(len(models), 1), "begun")
            await stage.until(lambda: not created or len(stage.main._runs) == len(created), "begun")
        stage.run_ids = [state.run for state in stage.main._runs] if app.main is not None else []
        yield stage


@asynccontextmanager
async def _hurried() -> AsyncIterator[None]:
    """Wait as Pilot and the screen do, in shorter steps."""
    with (
        patch.object(_wait, "SLEEP_GRANULARITY", IDLE),
        patch.object(_wait, "SLEEP_IDLE", IDLE / 10),
        patch.object(main, "REDRAW_EVERY", REDRAW_EVERY),
        patch.object(name_question, "AGAIN_EVERY", REDRAW_EVERY),
    ):
        yield
