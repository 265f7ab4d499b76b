"""The runs in the tabs: their states, and which is shown."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping

from namestui.engine.link.updates import Update
from namestui.runs import events
from namestui.runs.notes import read_notes
from namestui.runs.store import RunDirectory
from namestui.runs.text import Inert, inert
from namestui.tui.state.run_state import RunState

MAX_TAB_NAME = 20
"""Letters of a run's name on its tab."""


class OpenRuns:
    """Folds updates into states; draws and sends nothing."""

    def __init__(self) -> None:
        self._states: dict[str, RunState] = {}
        self._shown = 0
        self._opened_at = time.time()
        self._seen_alerts: dict[str, int] = {}
        """Of runs without a tab too."""

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
        seen = max(0, self._seen_alerts.get(run.id, 0))
        self._states.setdefault(run.id, RunState(run.id, model=run.config().model, seen_alerts=seen))
        self.read_name_again(run)

    def read_name_again(self, run: RunDirectory) -> None:
        """Read the name that its user has given a run."""
        self._states[run.id].name = Inert(inert(read_notes(run).name)[:MAX_TAB_NAME])

    def adopt(self, state: RunState) -> None:
        """Give a run a tab of which something is known already."""
        self._states.setdefault(state.run, state)

    def remove(self, run_id: str) -> None:
        """Take the tab of a run away; the one after it, or the last, comes to the front."""
        self._seen_alerts[run_id] = self._states.pop(run_id).seen_alerts
        self._shown = max(0, min(self._shown, len(self._states) - 1))

    def see_all_alerts(self) -> None:
        """The user has seen what all runs warn of."""
        for state in self:
            state.seen_alerts = len(state.alerts)

    def remember_seen(self, seen: Mapping[str, int]) -> None:
        """Of these runs so many alerts were seen before this screen was opened."""
        self._seen_alerts.update(seen)

    def seen_alerts(self) -> dict[str, int]:
        """By run, how many of its alerts were seen."""
        counts = {**self._seen_alerts, **{state.run: state.seen_alerts for state in self}}
        return {run: count for run, count in counts.items() if count > 0}

    def show(self, index: int) -> None:
        """Bring the tab with this index (from 0) to the front."""
        self._shown = index

    def apply(self, update: Update) -> None:
        """Fold in one update of an open run."""
        if update.run in self._states:
            self._states[update.run].apply(update)

    def titles(self) -> list[Inert]:
        """Names, or models; the end of the run's id is added where two would be the same."""
        titles = [state.title for state in self]
        return [
            title if titles.count(title) == 1 else Inert(f"{title} {inert(state.run[-4:])}")
            for title, state in zip(titles, self, strict=True)
        ]

    def is_news(self, event: events.LoggedEvent) -> bool:
        """Whether it came while this screen was open, rather than out of the history."""
        return event.run in self._states and event.time >= self._opened_at

    def whereabouts(self) -> list[Inert]:
        """The shown run's device, and how many runs live."""
        state = self.shown
        device = state.started.device if state is not None and state.started is not None else ""
        return [inert(device), Inert(f"{sum(one.is_live for one in self)} live")]
