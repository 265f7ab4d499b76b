"""Alerts: counted on the tab and in the progress line, listed under ``!``, also those of before the screen opened."""

from __future__ import annotations

from namestui.runs.store import RunStore
from namestui.runs.text import inert
from namestui.tui.dialogs.alerts import AlertsScreen, line_of
from namestui.tui.state.run_state import Alerted
from namestui.tui.words.event_lines import event_line
from tests.screen_stage import on_stage
from tests.steering import can_steer


async def test_alerts_of_the_whole_record_are_listed(store: RunStore) -> None:
    async with on_stage(store, models=["rnn"]) as stage:
        maker = stage.makers[0]
        stage.deliver(maker.run_started("rnn"), maker.alert("the disk is nearly full"), maker.epoch())
        stage.deliver(maker.epoch(), maker.alert("the loss is [b]rising[/b]\x1b[2J"))
        # THEN they are counted, and the newest is told
        await stage.until_shown("1 RNN ● 2!", "2 alerts (!)", r"the loss is [b]rising[/b]\x1b[2J")
        await stage.press("exclamation_mark")
        await stage.until(lambda: isinstance(stage.app.screen, AlertsScreen), "the alerts")
        await stage.until_shown(
            "alerts of RNN", "after epoch 0  warning: the disk is nearly full", "after epoch 2  warning: the"
        )
        lines = stage.lines()
        newest, oldest = (next(i for i, line in enumerate(lines) if f"after epoch {n}" in line) for n in (2, 0))
        assert newest < oldest
        await stage.press("escape")
        await stage.until(lambda: stage.app.screen is stage.main, "closed")


async def test_how_grave_an_alert_is_can_be_seen(store: RunStore) -> None:
    async with on_stage(store, models=["rnn"]) as stage:
        maker = stage.makers[0]
        stage.deliver(maker.run_started("rnn"))
        for level, severity, word in (
            ("info", "information", "info"),
            ("warning", "warning", "alert"),
            ("error", "error", "error"),
        ):
            stage.app.clear_notifications()
            alert = maker.alert("something", level)
            stage.deliver(alert)
            await stage.until(lambda: "RNN: something" in stage.notices(), "said")
            assert [notice.severity for notice in stage.app._notifications] == [severity]
            assert event_line(alert, stage.state()) == f"{word}: something"
        await stage.press("exclamation_mark")
        await stage.until_shown("info: something", "warning: something", "error: something")


async def test_without_alerts_it_says_so(store: RunStore) -> None:
    async with on_stage(store, models=["rnn"]) as stage:
        stage.train(0)
        await stage.press("exclamation_mark")
        await stage.until_shown("no alerts")
        assert "alert (" not in stage.text()


def test_a_line_steers_nothing() -> None:
    assert not can_steer(line_of(Alerted(2e9, 3, inert("\x1b[2J\n\u202e"), "error")))
