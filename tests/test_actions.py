"""The one table of actions: what it offers when, and that README's keys are the same."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from namestui.runs.events import LIVE_STATES, State
from namestui.runs.recipes import make_config
from namestui.runs.store import RunStore
from namestui.tui.screen.actions import ACTIONS, is_offered
from namestui.tui.screen.main import MainScreen
from namestui.tui.screen.offered import Now
from namestui.tui.state.open_runs import OpenRuns
from namestui.tui.state.run_state import RESUMABLE
from tests.any_events import STATES
from tests.fake_engine import EventMaker

README = Path(__file__).resolve().parents[1] / "README.md"
SHOWN = {
    "slash": "/",
    "exclamation_mark": "!",
    "colon": ":",
    "question_mark": "?",
    "escape": "esc",
    "left_square_bracket": "[",
    "right_square_bracket": "]",
    "less_than_sign": "<",
    "greater_than_sign": ">",
    "plus": "+",
    "equals_sign": "=",
    "minus": "-",
    "left_curly_bracket": "{",
    "right_curly_bracket": "}",
    "comma": ",",
    "full_stop": ".",
}
"""How README calls keys that Textual calls otherwise."""


def runs_in(store: RunStore, *states: State) -> OpenRuns:
    runs = OpenRuns()
    for state in states:
        run = store.create(make_config("rnn"))
        runs.add(run)
        maker = EventMaker(run.id)
        runs.apply(maker.run_started())
        if state == "finished":
            runs.apply(maker.scored())
        runs.apply(maker.state(state))
    return runs


@pytest.mark.parametrize("state", STATES)
def test_what_is_offered_in_each_state(store: RunStore, state: State) -> None:
    now = Now(runs=runs_in(store, state))
    offered = {action.name for action in ACTIONS if is_offered(action.name, now)}
    assert ("stop" in offered) == (state in LIVE_STATES)
    assert ("resume" in offered) == (state in RESUMABLE)
    assert ("resume_paused" in offered) == (state == "paused")
    assert ("resume_all" in offered) == (state == "interrupted")
    assert len({"pause", "resume_paused", "extend"} & offered) == 1, "p means one thing"


@pytest.mark.parametrize("state", STATES)
def test_a_replay_offers_nothing_that_needs_a_worker(store: RunStore, state: State) -> None:
    now = Now(runs=runs_in(store, state), is_replay=True)
    assert not {name for name in ("stop", "resume", "resume_all") if is_offered(name, now)}


def test_without_a_run_nothing_of_a_run_is_offered() -> None:
    now = Now(runs=OpenRuns())
    assert not {
        name
        for name in ("stop", "resume", "resume_paused", "resume_all", "extend", "console", "alerts", "close_tab")
        if is_offered(name, now)
    }


def test_tabs_are_changed_and_closed_where_there_are_several(store: RunStore) -> None:
    for count in (1, 2):
        now = Now(runs=runs_in(store, *["running"] * count))  # type: ignore[list-item]
        assert is_offered("close_tab", now) == is_offered("next_tab", now) == (count > 1)


def test_every_action_has_a_method_and_a_name_of_its_own() -> None:
    names = [action.name for action in ACTIONS]
    assert len(set(names)) == len(names)
    for name in names:
        method = name.partition("(")[0]
        assert name.startswith("app.") or hasattr(MainScreen, f"action_{method}"), name


def test_every_key_stands_in_the_readme() -> None:
    table = README.read_text(encoding="utf-8").partition("| key | |")[2].partition("\n\n")[0]
    named = set(re.findall(r"`([^`]+)`", table))
    keys = {SHOWN.get(key, key) for action in ACTIONS for key in action.keys.split(",")}
    assert {key for key in keys if not key.isdigit()} <= named
    assert "`1`…`9`" in table
