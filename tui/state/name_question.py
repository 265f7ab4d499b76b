"""One name that all open runs are asked about, and what each answers as it trains on."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from namestui.engine.link.asking import NoAnswerError
from namestui.engine.link.engine import Engine
from namestui.runs import commands
from namestui.runs.events import Predicted, Prediction
from namestui.tui.state.reading import reading_note
from namestui.tui.state.run_state import RunState

AGAIN_EVERY = 0.5
"""Seconds between two questions to one run, at least: the bars move as it learns, and it has better things to do."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One run's answer; without predictions ``remark`` says why there is none (yet)."""

    title: str
    predictions: tuple[Prediction, ...] = ()
    remark: str = ""


@dataclass(slots=True)
class _Asked:
    """What one run was asked, by a task of its own, and its newest answer."""

    task: asyncio.Task[None] | None = None
    found: Predicted | None = None
    remark: str = "asking…"


class NameQuestion:
    """Asks about the newest name only, and each run one thing at a time."""

    def __init__(self, engine: Engine, on_answer: Callable[[bool], None] = lambda _first: None) -> None:
        """``on_answer`` is called when there is something new to show; whether it is a run's first answer."""
        self._engine = engine
        self._on_answer = on_answer
        self._name = ""
        self._asked: dict[str, _Asked] = {}

    def ask(self, name: str, states: Iterable[RunState]) -> None:
        """Ask these runs what they take ``name`` for; what was asked before is forgotten."""
        self.forget()
        self._name = name
        for state in states:
            asked = self._asked[state.run] = _Asked()
            asked.task = asyncio.create_task(self._keep_asking(state, name, asked), name=f"ask {state.run}")

    def forget(self, *run_ids: str) -> None:
        """Ask these runs no longer, or none at all."""
        for run_id in run_ids or list(self._asked):
            asked = self._asked.pop(run_id, None)
            if asked is not None and asked.task is not None:
                asked.task.cancel()

    def answers(self, states: Iterable[RunState], titles: Sequence[str]) -> list[Answer]:
        """What each run has answered; empty where nothing was asked."""
        if not self._name:
            return []
        return [self._answer(self._asked.get(state.run), title) for state, title in zip(states, titles, strict=True)]

    def warning(self) -> str:
        """How the networks read the name, runs of the report otherwise than others; empty where they read it all."""
        found = [asked.found for asked in self._asked.values() if asked.found is not None]
        notes = [reading_note(one.name, one.read, one.dropped) for one in found]
        return " / ".join(dict.fromkeys(filter(None, notes)))

    @staticmethod
    def _answer(asked: _Asked | None, title: str) -> Answer:
        if asked is None:
            return Answer(title, remark="not asked")
        if asked.found is None:
            return Answer(title, remark=asked.remark)
        return Answer(title, tuple(asked.found.predictions))

    async def _keep_asking(self, state: RunState, name: str, asked: _Asked) -> None:
        """Ask, and again whenever the run has trained on, until the question is forgotten."""
        is_first = True
        while True:
            epoch = state.epoch
            try:
                asked.found = await self._engine.ask(state.run, commands.Predict(name=name))
            except NoAnswerError as error:
                asked.found, asked.remark = None, str(error)
            self._on_answer(is_first)
            is_first = False
            await asyncio.sleep(AGAIN_EVERY)
            while state.epoch == epoch or not state.is_live:
                await asyncio.sleep(AGAIN_EVERY)
