"""Alerts on the screen: marked on the tab until they are seen, listed under ``!``, also those of before it opened."""

from __future__ import annotations

import msgspec
import pytest

from namestui.runs.screen_session import ScreenSession
from namestui.runs.store import RunStore
from namestui.runs.text import inert
from namestui.tui.dialogs.alerts import AlertsScreen, line_of
from namestui.tui.state.alert_list import MAX_LISTED, Listed, list_alerts
from namestui.tui.state.config import Config, Notices
from namestui.tui.state.config_file import ConfigFile
from namestui.tui.state.notifications import MAX_TEXT, sequence, text_of
from namestui.tui.state.open_runs import OpenRuns
from namestui.tui.state.run_state import Alerted, RunState
from namestui.tui.words.event_lines import event_line
from tests.fake_engine import EventMaker
from tests.screen_stage import Stage, on_stage
from tests.steering import can_steer
from tests.watching import Create


async def test_alerts_of_the_whole_record_are_listed(store: RunStore) -> None:
    async with on_stage(store, models=["rnn"]) as stage:
        maker = stage.makers[0]
        stage.deliver(maker.run_started("rnn"), maker.alert("the disk is nearly full"), maker.epoch())
        stage.deliver(maker.epoch(), maker.alert("the loss is [b]rising[/b]\x1b[2J"))
        # THEN they are counted, and the newest is told
        await stage.until_shown("1 RNN ● 2!", "2 alerts (!)", r"the loss is [b]rising[/b]\x1b[2J")
        await stage.press("exclamation_mark")
        await stage.until(lambda: isinstance(stage.app.screen, AlertsScreen), "the alerts")
        await stage.until_shown("alerts: 2 new of 2", "after epoch 0  warning", "the disk is nearly full")
        lines = stage.lines()
        newest, oldest = (next(i for i, line in enumerate(lines) if f"after epoch {n}" in line) for n in (2, 0))
        assert newest < oldest
        await stage.press("escape")
        await stage.until(lambda: stage.app.screen is stage.main, "closed")


async def test_the_tab_has_a_mark_until_they_are_seen(store: RunStore) -> None:
    async with on_stage(store, models=["rnn", "lstm"]) as stage:
        for index, maker in enumerate(stage.makers):
            stage.deliver(maker.run_started(stage.state(index).model), maker.epoch())
        rnn, lstm = stage.makers
        stage.deliver(rnn.alert("flat", "info"), lstm.alert("rises"), lstm.alert("not finite", "error"))
        await stage.until_shown("1 RNN ● 1i", "2 LSTM ● 2!!")
        await open_list(stage)
        await stage.until_shown("alerts: 3 new of 3", "warning  -  LSTM")
        await stage.press("q")
        await stage.until_gone("1i")
        assert "2!!" not in stage.text()
        # WHEN another one comes
        stage.deliver(lstm.alert("rises again"))
        await stage.until_shown("2 LSTM ● 1!")
        assert "1 RNN ● 1" not in stage.text()
        await open_list(stage)
        await stage.until_shown("alerts: 1 new of 4")
        rows = [line.split() for line in stage.lines() if "after epoch" in line]
        assert ["new" in row for row in rows] == [True, False, False, False]


async def open_list(stage: Stage) -> None:
    await stage.press("exclamation_mark")
    await stage.until(lambda: isinstance(stage.app.screen, AlertsScreen), "the alerts")


async def test_what_was_seen_stays_seen(store: RunStore) -> None:
    async with on_stage(store, models=["rnn"]) as stage:
        [run_id] = stage.run_ids
        maker = stage.makers[0]
        stage.deliver(maker.run_started("rnn"), maker.alert("first"))
        await stage.until_shown("1 RNN ● 1!")
        await open_list(stage)
        await stage.press("escape")
        stage.deliver(maker.alert("second"))
        await stage.until_shown("1 RNN ● 1!")
    assert store.read_session().seen_alerts == {run_id: 1}
    # WHEN the next screen reads the record again
    async with on_stage(store) as stage:
        maker = EventMaker(run_id)
        stage.deliver(maker.run_started("rnn"), maker.alert("first"), maker.alert("second"))
        await stage.until_shown("1 RNN ● 1!")
        await open_list(stage)
        await stage.until_shown("alerts: 1 new of 2")


async def test_enter_goes_to_the_run_and_the_epoch(store: RunStore) -> None:
    async with on_stage(store, models=["rnn", "lstm"]) as stage:
        stage.train(0, 6)
        stage.train(1, 6)
        rnn, lstm = stage.makers
        stage.deliver(rnn.alert("older"), lstm.alert("rises", epoch=4))
        await stage.until_shown("2 LSTM ● 1!")
        await open_list(stage)
        await stage.press("enter")
        await stage.until(lambda: stage.main._runs.shown is stage.state(1), "the LSTM shown")
        assert stage.app.screen is stage.main
        assert stage.main._looks.view.cursor == 4
        await stage.until_shown("epoch 4 of 20")


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
        await open_list(stage)
        await stage.until_shown("after epoch 0  info", "after epoch 0  warning", "after epoch 0  error")


async def test_without_alerts_it_says_so(store: RunStore) -> None:
    async with on_stage(store, models=["rnn"]) as stage:
        stage.train(0)
        await stage.press("exclamation_mark")
        await stage.until_shown("no alerts", "─ alerts ─")
        assert "alert (" not in stage.text()


def test_a_line_steers_nothing() -> None:
    alert = Alerted(2e9, 3, inert("m"), "error", inert("\x1b[2J\n\u202e"))
    assert not can_steer(line_of(Listed("run", inert("\x1b"), alert, True), {}))


def test_a_time_of_no_calendar_is_a_question_mark() -> None:
    for time in (1e300, -1e300, float("nan")):
        alert = Alerted(time, 3, inert("m"), "error", inert("disk"))
        assert line_of(Listed("run", inert("LSTM"), alert, True), {}).startswith("?  after epoch 3")


def test_of_very_many_the_newest_are_listed(create: Create) -> None:
    runs, made = OpenRuns(), [create(3), create(3)]
    makers = [EventMaker(run.id) for run in made]
    for run in made:
        runs.add(run)
    for index in range(MAX_LISTED + 100):
        maker = makers[index % 2]
        runs.apply(maker.alert(f"{index}"))
    listed, count = list_alerts(runs)
    assert (len(listed), count) == (MAX_LISTED, MAX_LISTED + 100)
    times = [one.alert.time for one in listed]
    assert times == sorted(times, reverse=True)
    assert len({one.alert.message for one in listed}) == MAX_LISTED
    assert listed[0].alert.message in ("599", "598")
    assert len({one.title for one in listed}) == 2  # they can be told apart


# What the terminal is asked to tell


XTERM = {"TERM": "xterm-256color"}


@pytest.mark.parametrize(
    ("wanted", "environment", "expected"),
    [
        (Notices(), XTERM, ""),
        (Notices(bell=True), XTERM, "\a"),
        (Notices(desktop="osc9"), XTERM, "\x1b]9;namestui: RNN, it rises\a"),
        (Notices(desktop="osc777", bell=True), XTERM, "\a\x1b]777;notify;namestui;RNN, it rises\a"),
        (
            Notices(desktop="osc9", bell=True),
            {**XTERM, "TMUX": "/tmp/tmux"},
            "\a\x1bPtmux;\x1b\x1b]9;namestui: RNN, it rises\a\x1b\\",
        ),
        (Notices(desktop="osc9", bell=True), {"TERM": "dumb"}, ""),
        (Notices(desktop="osc9", bell=True), {}, ""),
        (Notices(desktop="osc9", bell=True), {"TERM": "linux"}, "\a"),
        (Notices(desktop="osc9", bell=True), {"TERM": "screen", "STY": "1.tty"}, "\a"),
    ],
)
def test_what_is_written_to_the_terminal(wanted: Notices, environment: dict[str, str], expected: str) -> None:
    assert sequence(wanted, inert("RNN; it rises"), environment) == expected


def test_a_notification_is_bounded_and_steers_nothing() -> None:
    state, maker = RunState("r"), EventMaker("r")
    for event in (maker.run_started(), maker.alert("\x1b]0;pwned\a" + "x" * 10_000)):
        state.apply(event)
    text = text_of(event, state)
    assert not can_steer(text)
    written = sequence(Notices(desktop="osc777"), text, XTERM)
    assert len(written) < MAX_TEXT + 50
    assert written.count("\x1b") == written.count("\a") == 1


def test_ends_failures_and_alerts_are_told_and_nothing_else() -> None:
    state, maker = RunState("r"), EventMaker("r")
    told = []
    for event in (
        *(maker.run_started(), maker.state("running"), maker.epoch(), maker.alert("it rises"), maker.state("paused")),
        *(maker.scored(0.75), maker.state("finished"), maker.state("stopped"), maker.state("failed", "no memory")),
    ):
        state.apply(event)
        told.append(text_of(event, state))
    assert list(filter(None, told)) == [
        "RNN: it rises",
        "RNN has finished after epoch 1, best 22.5%, test 75.0%",
        "RNN has failed: no memory",
    ]


WANTED = ConfigFile(None, config=Config(notifications=Notices(bell=True, desktop="osc9")))


async def test_the_terminal_is_told_of_what_happens_now_and_not_of_the_history(
    store: RunStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    for name in ("TMUX", "STY"):
        monkeypatch.delenv(name, raising=False)
    async with on_stage(store, models=["rnn"], config=WANTED) as stage:
        written: list[str] = []
        monkeypatch.setattr(stage.app._driver, "write", written.append)
        maker = stage.makers[0]
        old = [maker.run_started(), maker.alert("old"), maker.state("finished")]
        stage.deliver(*(msgspec.structs.replace(event, time=1e9) for event in old))
        await stage.until_shown("1!")
        assert not [text for text in written if "\a" in text]
        stage.deliver(maker.alert("it rises"))
        await stage.until(lambda: "\a\x1b]9;namestui: RNN: it rises\a" in written, "told")
        # AND nothing of a replay
        monkeypatch.setattr(stage.main, "_replay", "replay")
        stage.deliver(maker.alert("again"))
        await stage.until(lambda: "RNN: again" in stage.notices(), "said")
        assert len([text for text in written if "\a" in text]) == 1


def test_a_session_without_seen_alerts_is_read(store: RunStore) -> None:
    store.write_session(ScreenSession(runs=[]))
    session = store.session_file.read_text()
    store.session_file.write_text(session.replace(',"seen_alerts":{}', ""))
    assert "seen" not in store.session_file.read_text()
    assert store.read_session().seen_alerts == {}
