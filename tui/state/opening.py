"""Which runs the screen opens and starts, and what it remembers of them for the next time."""

from __future__ import annotations

from collections.abc import Sequence

from namestui.engine.link.asking import NoAnswerError
from namestui.engine.link.engine import Engine
from namestui.engine.planning.plan import create, plan
from namestui.engine.planning.wanted import Wanted
from namestui.runs.screen_session import ChartsSession, ScreenSession
from namestui.runs.store import RunDirectory, RunError, RunStore
from namestui.runs.summary import Summary, live_runs, runs_to_reopen, summarise
from namestui.runs.text import Inert, inert
from namestui.tui.state.config_file import ConfigFile
from namestui.tui.state.new_defaults import refuse_doubtful, with_defaults
from namestui.tui.state.open_runs import OpenRuns


class Opening:
    """Gives runs their tabs."""

    def __init__(
        self, store: RunStore, engine: Engine, runs: OpenRuns, *, jobs: int = 0, config: ConfigFile | None = None
    ) -> None:
        """Of the runs that are started together ``jobs`` train at once, the others wait for their turn; 0: all.

        ``config`` says what the very first ones are like.
        """
        self._config = config or ConfigFile(None)
        self._store = store
        self._engine = engine
        self._runs = runs
        self._jobs = jobs
        self._unopened: list[str] = []
        """Runs of the last session that have no tab because they cannot be opened: the next time may do better."""

    def begin(self, wanted: Sequence[str], session: ScreenSession, *, only_open: bool) -> list[Inert] | None:
        """Open the runs asked for, starting them unless ``only_open``; else those that live, else the last session's.

        Why some cannot be opened; None where there is none to open.

        Raises:
            RunError: one cannot be started, or the runs cannot be listed.
        """
        self._runs.remember_seen(session.seen_alerts)
        self._unopened = list(session.runs)  # until they are open: whatever fails here, none is forgotten
        asked = [self._store.get(run_id) for run_id in wanted]
        problems: list[Inert] = []
        if asked and not only_open:
            self.start(asked)
            failed = set[str]()
        elif found := asked or runs_to_reopen(self._store, session):
            problems = self.open(found)
            failed = {run.id for run in found if run.id not in self._runs}
        else:
            return None
        self._unopened = [run_id for run_id in session.runs if run_id in failed]
        return problems

    def open(self, runs: Sequence[RunDirectory]) -> list[Inert]:
        """Give ``runs`` tabs; why some have none."""
        problems = []
        for run in runs:
            try:
                self._open(run)
            except RunError as error:
                problems.append(inert(str(error)))
        return problems

    def _open(self, run: RunDirectory) -> None:
        self._runs.add(run)
        self._engine.open(run)
        if run.id in self._unopened:
            self._unopened.remove(run.id)

    def start(self, runs: Sequence[RunDirectory]) -> None:
        """Train ``runs`` in tabs.

        Raises:
            RunError: one cannot be started.
        """
        try:
            self._engine.start(*runs, jobs=self._jobs or len(runs))
        except RunError:
            runs = [run for run in runs if run.is_locked()]  # those before it train
            raise
        finally:
            for run in runs:
                self._runs.add(run)

    async def fulfil(self, run_ids: Sequence[str], *, resume: bool) -> list[Inert]:
        """Give these runs tabs and, if wished, have them train on; why some cannot."""
        problems: list[Inert] = []
        for run in map(self._store.get, run_ids):
            try:
                self._open(run)
                if resume:
                    await self._engine.resume(run)
            except (RunError, NoAnswerError) as error:
                problems.append(inert(str(error)))
        return problems

    def remember(self, *, theme: str, percent: bool, charts: ChartsSession) -> None:
        """Keep for the next time which tabs are open, and which would be if their runs could be read.

        Raises:
            OSError: the home directory cannot be written.
        """
        runs = dict.fromkeys([*(state.run for state in self._runs), *self._unopened])
        kept = ScreenSession(
            runs=list(runs), theme=theme, percent=percent, charts=charts, seen_alerts=self._runs.seen_alerts()
        )
        self._store.write_session(kept)

    def first_runs(self) -> list[RunDirectory]:
        """What the very first start trains, to be started.

        Raises:
            UsageError: it cannot be trained here, or what the user's file says of new runs will not do.
            RunError: the home directory cannot be written.
        """
        refuse_doubtful(self._config)
        return create(self._store, plan(with_defaults(Wanted(), (), self._config)[0], self._store))

    def live_elsewhere(self) -> list[Summary]:
        """The runs that are trained on this machine without a tab."""
        try:
            return [summarise(run) for run in live_runs(self._store) if run.id not in self._runs]
        except (RunError, OSError):  # what lives on a disk that cannot be read is not known; it keeps nobody here
            return []
