"""The runs in the tabs: their states, which is shown, and the name that all were asked about."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator

from namestui.engine.link.client import Engine, Told
from namestui.runs import commands, events
from namestui.runs.notes import read_notes
from namestui.runs.store import RunDirectory
from namestui.runs.text import inert
from namestui.tui.state.name_question import Answer
from namestui.tui.state.reading import reading_note
from namestui.tui.state.run_state import RunState

LONGEST_NAME = 20
"""Letters of a run's name on its tab."""


class OpenRuns:
    """Folds events into states and asks all runs about one name; draws nothing."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._states: dict[str, RunState] = {}
        self._shown = 0
        self._opened_at = time.time()
        self._name = ""
        self._requests: dict[str, str] = {}
        self._asked_at_epoch: dict[str, int] = {}

    def __len__(self) -> int:
        return len(self._states)

    def __iter__(self) -> Iterator[RunState]:
        return iter(self._states.values())

    def __contains__(self, run_id: object) -> bool:
        return run_id in self._states

    def number(self, run_id: str) -> int:
        """The number of a run's tab, from 1."""
        return list(self._states).index(run_id) + 1

    def __getitem__(self, run_id: str) -> RunState:
        return self._states[run_id]

    @property
    def shown(self) -> RunState | None:
        """The run whose tab is in front; None while there is none."""
        states = list(self._states.values())
        return states[self._shown] if states else None

    @property
    def beside(self) -> RunState | None:
        """The run of the tab before the shown one, or after it where that is the first; None where it is alone."""
        states = list(self._states.values())
        if len(states) < 2:
            return None
        return states[self._shown - 1] if self._shown else states[1]

    def add(self, run: RunDirectory) -> None:
        """Give ``run`` a tab.

        Raises:
            RunError: its config cannot be read.
        """
        self._states.setdefault(run.id, RunState(run.id, model=run.config().model))
        self.name_anew(run)

    def name_anew(self, run: RunDirectory) -> None:
        """Read the name that its user has given a run."""
        self._states[run.id].name = inert(read_notes(run).name)[:LONGEST_NAME]

    def remove(self, run_id: str) -> None:
        """Take the tab of a run away; the one after it, or the last, comes to the front."""
        del self._states[run_id]
        self._shown = max(0, min(self._shown, len(self._states) - 1))

    def show(self, index: int) -> None:
        """Bring the tab with this index (from 0) to the front."""
        self._shown = index

    def apply(self, told: Told) -> None:
        """Fold in one event of an open run."""
        if told.run in self._states:
            self._states[told.run].apply(told)

    def titles(self) -> list[str]:
        """Names, or models; the end of the run's id is added where two would be the same."""
        titles = [state.title for state in self]
        return [state.title if titles.count(state.title) == 1 else f"{state.title} {state.run[-4:]}" for state in self]

    def is_news(self, alert: events.Alert) -> bool:
        """Whether an alert came while this screen was open, rather than out of the history."""
        return alert.run in self._states and alert.time >= self._opened_at

    # One name, all runs

    def ask(self, name: str) -> None:
        """Ask every open run what it takes ``name`` for."""
        self._name = name
        for state in self:
            self._ask(state)

    def ask_again(self) -> None:
        """Ask those that have trained on since: the bars move as they learn."""
        for state in self:
            if self._name and state.is_live and self._asked_at_epoch.get(state.run) != state.epoch:
                answered = state.prediction is not None and state.prediction.request == self._requests.get(state.run)
                if answered:
                    self._ask(state)

    def is_prediction(self, request: str) -> bool:
        """Whether a request was the question about the name."""
        return request in self._requests.values()

    def answers(self) -> list[Answer]:
        """What each run has answered; empty where nothing was asked."""
        return (
            [self._answer(state, title) for state, title in zip(self, self.titles(), strict=True)] if self._name else []
        )

    def warning(self) -> str:
        """How the networks read the name, runs of the report otherwise than others; empty where they read it all."""
        found = [state.prediction for state in self if state.prediction is not None]
        notes = [reading_note(one.name, one.read, one.dropped) for one in found if one.name == self._name]
        return " / ".join(dict.fromkeys(filter(None, notes)))

    def _ask(self, state: RunState) -> None:
        self._requests[state.run] = self._engine.send(state.run, commands.Predict, name=self._name)
        self._asked_at_epoch[state.run] = state.epoch

    def _answer(self, state: RunState, title: str) -> Answer:
        found, request = state.prediction, self._requests.get(state.run)
        if state.refused is not None and state.refused.request == request:
            return Answer(title, remark=state.refused.reason)
        if found is not None and found.name == self._name:
            return Answer(title, tuple(found.predictions))
        return Answer(title, remark="asking…" if request else "not asked")

    # The end

    async def stop_all(self) -> None:
        """Stop every live run and wait until each says that it has saved and stopped, or will not; 30 s at most."""
        requests = []
        for state in self:
            if state.is_live:
                requests.append(self._engine.send(state.run, commands.Stop))
                state.expect("stopping", requests[-1])

        def is_awaited(state: RunState) -> bool:
            return state.is_live and (state.refused is None or state.refused.request not in requests)

        deadline = time.monotonic() + 30
        while any(map(is_awaited, self)) and time.monotonic() < deadline:
            await asyncio.sleep(0.05)

    def whereabouts(self) -> list[str]:
        """The shown run's device, and how many runs live."""
        state = self.shown
        device = state.started.device if state is not None and state.started is not None else ""
        return [inert(device), f"{sum(one.is_live for one in self)} live"]
