"""Which runs get tabs: those that can be opened, and of those that are to start those that do."""

from __future__ import annotations

import pytest

from namestui.engine.link.asking import NoAnswerError
from namestui.runs.recipes import make_config
from namestui.runs.screen_session import ChartsSession, ScreenSession
from namestui.runs.store import RunDirectory, RunError, RunLock, RunStore
from namestui.tui.state import opening
from namestui.tui.state.open_runs import OpenRuns
from namestui.tui.state.opening import Opening
from tests.fake_engine import FakeEngine


class Stubborn(FakeEngine):
    """Starts the first run only."""

    def start(self, *runs: RunDirectory, jobs: int = 0) -> None:
        super().start(runs[0], jobs=jobs)
        self.lock = RunLock(runs[0])
        raise RunError("run x: cannot start a worker: Resource temporarily unavailable")


def test_what_was_started_before_one_that_cannot_be_has_a_tab(store: RunStore) -> None:
    engine, runs = Stubborn(), OpenRuns()
    made = [store.create(make_config("rnn")) for _ in range(2)]
    with pytest.raises(RunError, match="cannot start"):
        Opening(store, engine, runs).start(made)
    engine.lock.release()
    assert [state.run for state in runs] == [made[0].id]


def test_so_many_train_at_once(store: RunStore) -> None:
    engine = FakeEngine()
    made = [store.create(make_config("rnn")) for _ in range(3)]
    Opening(store, engine, OpenRuns(), jobs=2).start(made)
    Opening(store, engine, OpenRuns()).start(made)
    assert engine.jobs == [2, 3]


def test_what_is_asked_for_is_started_or_only_opened(store: RunStore) -> None:
    made = [store.create(make_config(model)) for model in ("rnn", "lstm")]
    wanted = [run.id for run in made]
    engine = FakeEngine()
    assert Opening(store, engine, OpenRuns()).begin(wanted, ScreenSession(), only_open=False) == []
    assert (engine.started, engine.opened) == (wanted, [])
    assert Opening(store, engine, OpenRuns()).begin(wanted, ScreenSession(), only_open=True) == []
    assert engine.opened == wanted
    # nothing asked for: what was open last, else nothing at all
    assert Opening(store, engine, OpenRuns()).begin([], ScreenSession(runs=wanted[1:]), only_open=False) == []
    assert engine.opened == [*wanted, wanted[1]]
    assert Opening(store, engine, OpenRuns()).begin([], ScreenSession(), only_open=False) is None


async def test_one_that_cannot_be_resumed_holds_up_no_other(store: RunStore) -> None:
    class Refusing(FakeEngine):
        async def resume(self, run: RunDirectory) -> None:
            if run.id == made[0].id:
                raise NoAnswerError("not \x1b[2Jnow")
            await super().resume(run)

    made = [store.create(make_config("rnn")) for _ in range(2)]
    engine = Refusing()
    problems = await Opening(store, engine, OpenRuns()).fulfil([run.id for run in made], resume=True)
    assert problems == [r"not \x1b[2Jnow"]
    assert engine.resumed == [made[1].id]


def test_a_damaged_run_costs_no_other_its_tab_and_is_remembered(store: RunStore) -> None:
    made = [store.create(make_config(model)) for model in ("rnn", "lstm", "gru")]
    wanted = [run.id for run in made]
    whole = made[1].config_file.read_bytes()
    made[1].config_file.write_text("{")
    engine, runs = FakeEngine(), OpenRuns()
    opening = Opening(store, engine, runs)
    problems = opening.begin([], ScreenSession(runs=wanted), only_open=False)
    assert problems is not None
    assert [made[1].id in problem for problem in problems] == [True]
    assert [state.run for state in runs] == engine.opened == [wanted[0], wanted[2]]
    opening.remember(theme="x", percent=False, charts=ChartsSession())
    assert store.read_session().runs == [wanted[0], wanted[2], wanted[1]]
    # WHEN it is mended and opened THEN it is a tab as any other, and closing that forgets it
    made[1].config_file.write_bytes(whole)
    assert opening.open([made[1]]) == []
    runs.remove(wanted[1])
    opening.remember(theme="x", percent=False, charts=ChartsSession())
    assert store.read_session().runs == [wanted[0], wanted[2]]


def test_runs_that_cannot_be_listed_stay_remembered(store: RunStore) -> None:
    run = store.create(make_config("rnn"))
    store.write_session(ScreenSession(runs=[run.id], theme="x"))
    away = store.runs.rename(store.home / "away")
    store.runs.write_text("no folder")
    opening = Opening(store, FakeEngine(), OpenRuns())
    with pytest.raises(RunError, match="cannot read the runs"):
        opening.begin([], store.read_session(), only_open=False)
    opening.remember(theme="x", percent=False, charts=ChartsSession())
    store.runs.unlink()
    away.rename(store.runs)
    assert store.read_session() == ScreenSession(runs=[run.id], theme="x")


@pytest.mark.parametrize("error", [OSError(37, "No locks available"), RunError("cannot read the runs")])
def test_a_disk_that_cannot_be_read_keeps_nobody_here(
    store: RunStore, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def fails(_store: RunStore) -> list[RunDirectory]:
        raise error

    monkeypatch.setattr(opening, "live_runs", fails)
    assert Opening(store, FakeEngine(), OpenRuns()).live_elsewhere() == []
