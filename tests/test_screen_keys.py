"""Every key of the screen, with an engine that only notes what it is asked for."""

from __future__ import annotations

from typing import cast

import pytest
from textual.command import CommandPalette

from namestui.runs.events import State
from namestui.runs.notes import Notes, write_notes
from namestui.runs.store import RunError, RunStore
from namestui.tui.dialogs.help import HelpScreen
from namestui.tui.widgets.chart.chart import Chart
from tests.screen_stage import NARROW, WIDE, Stage, on_stage

SIZES = pytest.mark.parametrize("size", [WIDE, NARROW], ids=["120x40", "80x24"])

OF_TEXTUAL = {"tab", "shift+tab", "ctrl+c", "super+c", "ctrl+q"}
"""Keys that every Textual program has."""


async def brought_to(stage: Stage, state: State, reason: str = "") -> None:
    """The first run has trained three epochs and is in ``state`` now."""
    stage.train(0)
    maker = stage.makers[0]
    stage.deliver(*([maker.scored()] if state == "finished" else []), maker.state(state, reason))
    await stage.until_shown(state, "epoch  3/20")


@SIZES
@pytest.mark.parametrize("key", ["p", "space"])
async def test_pause_and_resume(store: RunStore, key: str, size: tuple[int, int]) -> None:
    async with on_stage(store, models=["rnn", "lstm"], size=size) as stage:
        await brought_to(stage, "running")
        # WHEN it is paused THEN the screen says pausing, at once and for as long as the worker takes
        await stage.press(key)
        await stage.until_shown("pausing", "❚❚")
        assert stage.engine.asked[0][0] == stage.run_ids[0]
        assert stage.engine.kinds() == ["Pause"]
        maker = stage.makers[0]
        stage.deliver(maker.progress(5))
        await stage.until_shown("batch   5/113")
        assert "pausing" in stage.text()
        # and another press asks for nothing more
        await stage.press(key)
        assert stage.engine.kinds() == ["Pause"]
        stage.deliver(maker.state("paused"))
        await stage.until_shown("paused")
        await stage.press(key)
        assert stage.engine.kinds() == ["Pause", "Resume"]
        stage.deliver(maker.state("running"))
        await stage.until_shown("running", "1 RNN ●")
        # the other run was never asked
        assert stage.engine.kinds(stage.run_ids[1]) == []


async def test_pause_is_for_the_shown_run(store: RunStore) -> None:
    async with on_stage(store, models=["rnn", "lstm"]) as stage:
        stage.train(0)
        stage.train(1)
        await stage.until_shown("2 LSTM ●")
        await stage.press("2", "p")
        assert stage.engine.kinds(stage.run_ids[0]) == []
        assert stage.engine.kinds(stage.run_ids[1]) == ["Pause"]


async def test_pause_of_a_finished_run_says_how_to_extend_it(store: RunStore) -> None:
    async with on_stage(store, models=["rnn"]) as stage:
        await brought_to(stage, "finished")
        await stage.press("p")
        await stage.until(lambda: f"namestui extend {stage.run_ids[0]} EPOCHS" in stage.notices(), "said")
        assert stage.engine.asked == []


@pytest.mark.parametrize("state", ["stopped", "failed", "interrupted"])
async def test_what_has_ended_is_resumed_by_r_alone(store: RunStore, state: State) -> None:
    async with on_stage(store, models=["rnn"]) as stage:
        await brought_to(stage, state, "because")
        # WHEN p is pressed THEN it says which key it takes
        await stage.press("p", "s")
        await stage.until(lambda: f"RNN is {state}; r resumes it" in stage.notices(), "said")
        assert stage.engine.asked == []
        await stage.press("r")
        await stage.until_shown("starting")
        assert stage.engine.resumed == stage.run_ids
        stage.deliver(stage.makers[0].state("running"))
        await stage.until_shown("running")


async def test_r_where_it_cannot_be(store: RunStore) -> None:
    async with on_stage(store, models=["rnn"]) as stage:
        await brought_to(stage, "interrupted")
        stage.engine.refusal = RunError("run x: process 7 on [b]elsewhere[/b] holds it already")
        await stage.press("r")
        await stage.until(lambda: "[b]elsewhere[/b] holds it" in stage.notices(), "said")
        assert stage.state().state == "interrupted"
        await stage.until_shown("[b]elsewhere[/b]")


async def test_r_of_a_paused_run_resumes_and_of_others_does_nothing(store: RunStore) -> None:
    async with on_stage(store, models=["rnn"]) as stage:
        await brought_to(stage, "running")
        await stage.press("r")
        assert stage.engine.asked == []
        stage.deliver(stage.makers[0].scored(), stage.makers[0].state("finished"))
        await stage.until_shown("finished")
        await stage.press("r")
        assert stage.engine.resumed == []
        assert stage.engine.asked == []
        stage.deliver(stage.makers[0].state("paused"))
        await stage.until_shown("paused")
        await stage.press("r")
        assert stage.engine.kinds() == ["Resume"]
        assert stage.engine.resumed == []


@pytest.mark.parametrize("state", ["running", "paused"])
async def test_stop(store: RunStore, state: State) -> None:
    async with on_stage(store, models=["rnn"]) as stage:
        await brought_to(stage, state)
        await stage.press("s")
        await stage.until_shown("stopping", "■")
        assert stage.engine.kinds() == ["Stop"]
        stage.deliver(stage.makers[0].state("stopped"))
        await stage.until_shown("stopped")
        await stage.press("s")
        assert stage.engine.kinds() == ["Stop"]


@pytest.mark.parametrize("key", ["p", "s"])
async def test_what_is_refused_is_no_longer_shown_as_coming(store: RunStore, key: str) -> None:
    async with on_stage(store, models=["rnn"]) as stage:
        await brought_to(stage, "running")
        await stage.press(key)
        await stage.until_shown("pausing" if key == "p" else "stopping")
        stage.deliver(stage.makers[0].refused(stage.engine.asked[0][1].request, "this is a replay"))
        await stage.until_shown("this is a replay", "running", "1 RNN ●")


async def test_log_axis(store: RunStore) -> None:
    async with on_stage(store, models=["rnn"]) as stage:
        stage.train(0, 9)
        await stage.until_shown("epoch  9/20")
        loss = stage.main.query_one("#chart-0", Chart)
        before = loss.render_line(3), loss.render_line(7)
        await stage.press("y")
        await stage.until(lambda: (loss.render_line(3), loss.render_line(7)) != before, "another axis")
        await stage.press("y")
        await stage.until(lambda: (loss.render_line(3), loss.render_line(7)) == before, "the first axis")


async def test_dark_and_light(store: RunStore) -> None:
    async with on_stage(store, models=["rnn"]) as stage:
        for theme in ("namestui-light", "namestui-dark"):
            await stage.press("d")
            assert stage.app.theme == theme


@SIZES
@pytest.mark.parametrize("key", ["colon", "ctrl+p"])
async def test_palette(store: RunStore, key: str, size: tuple[int, int]) -> None:
    async with on_stage(store, models=["rnn"], size=size) as stage:
        await stage.press(key)
        await stage.until(lambda: isinstance(stage.app.screen, CommandPalette), "the palette")
        await stage.press("escape")
        await stage.until(lambda: stage.app.screen is stage.main, "closed")


@pytest.mark.parametrize(
    ("close", "size"),
    [("escape", WIDE), ("escape", NARROW), ("question_mark", WIDE), ("q", WIDE), ("enter", NARROW)],
)
async def test_help_lists_every_live_key(store: RunStore, close: str, size: tuple[int, int]) -> None:
    async with on_stage(store, models=["rnn"], size=size) as stage:
        stage.train(0)
        await stage.press("m")
        await stage.until_shown("running", "Abban")
        live = [
            active.binding
            for active in stage.main.active_bindings.values()
            if active.enabled and active.binding.key not in OF_TEXTUAL
        ]
        await stage.press("question_mark")
        await stage.until(lambda: isinstance(stage.app.screen, HelpScreen), "the help")
        help_screen = cast(HelpScreen, stage.app.screen)
        shown = {key for keys, _ in help_screen._keys for key in keys.split(" ")}
        for binding in live:
            key = stage.app.get_key_display(binding)
            assert key in shown or binding.key.isdigit(), f"{key} {binding.description}"
        # all that it does is told in words, on the screen itself
        await stage.until_shown("keys", "pause", "stop", "predict", "dark/light")
        assert ("log axis" in stage.text()) == (size == WIDE)  # where the charts can be seen
        await stage.until_shown("palette", "leave", "row %", "move", "help", "all runs")
        if size == NARROW:
            await stage.press("pagedown")  # what the run is comes after the keys
        await stage.until_shown("majority baseline 50.0 %")
        await stage.press(close)
        await stage.until(lambda: stage.app.screen is stage.main, "closed")


@SIZES
async def test_the_foot_names_keys(store: RunStore, size: tuple[int, int]) -> None:
    async with on_stage(store, models=["rnn"], size=size) as stage:
        await stage.until_shown("p pause", "/ predict", "? help", "q leave")
        # what has the focus is not offered
        await stage.until_shown(*(["t classes", "g curves"] if size == WIDE else ["m matrix"]))


async def test_no_key_that_terminals_take_is_the_only_one(store: RunStore) -> None:
    """tmux, screens and terminals keep ctrl+a, b, p, q, s and backslash for themselves."""
    taken = {f"ctrl+{key}" for key in ("a", "b", "p", "q", "s", "backslash")}
    async with on_stage(store, models=["rnn"]) as stage:
        keys: dict[str, set[str]] = {}
        for key, active in stage.main.active_bindings.items():
            keys.setdefault(active.binding.action.removeprefix("app."), set()).add(key)
        # ctrl+q is Textual's own; q does the same.
        assert {action for action, bound in keys.items() if bound <= taken} <= {"quit"}
        assert keys["leave"] == {"q"}


async def test_brackets_go_round_the_tabs(store: RunStore) -> None:
    async with on_stage(store, models=["rnn", "lstm", "gru"]) as stage:
        shown = []
        for key in ("]", "]", "]", "["):
            await stage.press({"]": "right_square_bracket", "[": "left_square_bracket"}[key])
            await stage.pilot.pause()
            assert stage.main._runs.shown is not None
            shown.append(stage.run_ids.index(stage.main._runs.shown.run))
        assert shown == [1, 2, 0, 2]


async def test_a_tab_is_closed_and_its_run_left_alone(store: RunStore) -> None:
    async with on_stage(store, models=["rnn", "lstm", "gru"]) as stage:
        for index in range(3):
            stage.train(index)
        await stage.until_shown("1 RNN", "2 LSTM", "3 GRU")
        # WHEN the second tab is closed
        await stage.press("2", "ctrl+w")
        # THEN the third takes its place, nobody follows the run any more, and it is not opened the next time
        await stage.until_shown("1 RNN", "2 GRU", "confusion · GRU")
        await stage.until_gone("LSTM")
        assert stage.engine.asked == []
        assert stage.engine.closed_runs == [stage.run_ids[1]]
        assert store.read_session().runs == [stage.run_ids[0], stage.run_ids[2]]
        # the last one stays
        await stage.press("ctrl+w")
        await stage.until_shown("1 RNN", "confusion · RNN")
        await stage.press("ctrl+w")
        await stage.pilot.pause()
        assert len(stage.main._runs) == 1


@SIZES
async def test_the_foot_offers_what_the_state_allows(store: RunStore, size: tuple[int, int]) -> None:
    async with on_stage(store, models=["rnn"], size=size) as stage:
        await brought_to(stage, "running")
        await stage.until_shown("p pause")
        maker = stage.makers[0]
        for state, shown, gone in (
            ("paused", "p resume", "p pause"),
            ("interrupted", "r resume", "p resume"),
            ("running", "p pause", "r resume"),
            ("finished", "q leave", "p pause"),
        ):
            stage.deliver(maker.state(state))  # type: ignore[arg-type]
            await stage.until_shown(state, shown, "q leave")
            await stage.until_gone(gone)


async def test_keys_do_not_reach_a_hidden_matrix(store: RunStore) -> None:
    async with on_stage(store, models=["rnn"], size=NARROW) as stage:
        stage.train(0)
        await stage.until_shown("running")
        await stage.press("enter")
        assert stage.app.screen is stage.main
        await stage.press("m")
        await stage.until(lambda: stage.main._view.matrix.has_focus, "focus")
        # WHEN one leaves it, for the curves or for the prompt and out of that THEN it has no focus
        await stage.press("escape")
        assert stage.main._view.curves.has_focus
        await stage.press("slash", "escape")
        assert stage.main.focused is None
        assert stage.main._view.pane == "predict"
        await stage.press("escape")
        assert stage.main._view.pane == "curves"


async def test_a_named_run_is_called_so(store: RunStore) -> None:
    async with on_stage(store, models=["rnn"]) as stage:
        stage.train(0)
        await stage.until_shown("1 RNN")
        write_notes(store.get(stage.run_ids[0]), Notes(name="[b]base\x1b[2J" + "x" * 30))
        await stage.press("o", "escape")
        await stage.until_shown(r"1 [b]base\x1b[2J")
