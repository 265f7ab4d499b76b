"""The progress line: what it says in every state, and that its numbers do not jitter."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from textual.geometry import Size

from namestui.engine.link.updates import Update
from namestui.tui.state.run_state import RunState
from namestui.tui.widgets.glyphs import ASCII, UNICODE, Glyphs
from namestui.tui.widgets.progress_line import ProgressLine, seconds_left, share_done, speed_of
from tests.any_events import RUN, STATES, any_update
from tests.fake_engine import EventMaker
from tests.steering import can_steer

WIDE, NARROW = 118, 78


class Line(ProgressLine):
    """Of a given width, on no screen."""

    def __init__(self, width: int, glyphs: Glyphs = UNICODE) -> None:
        super().__init__(glyphs=glyphs)
        self._width = width

    @property
    def size(self) -> Size:
        return Size(self._width, 1)


def told(*events: Update) -> RunState:
    state = RunState(RUN)
    for event in events:
        state.apply(event)
    return state


def text_of(state: RunState, width: int = WIDE, glyphs: Glyphs = UNICODE) -> str:
    return Line(width, glyphs).text_of(state)


def test_a_run_as_it_goes() -> None:
    maker = EventMaker(RUN)
    state = told(maker.run_started())
    assert text_of(state) == "░░░░░░░░░░░░ running · epoch  0/20"

    state = told(maker.run_started(), *(maker.epoch() for _ in range(6)), maker.progress(81))
    assert text_of(state) == (
        "▓▓▓▓░░░░░░░░ running · epoch  6/20 · batch  81/113 · 14.8k names/s · ETA 0:01 · best 60.0 % (epoch  6)"
    )
    assert text_of(state, NARROW) == "running · epoch  6/20 · batch  81/113 · ETA 0:01 · best 60.0 % (epoch  6)"
    assert text_of(state, glyphs=ASCII).startswith("####........ running - epoch  6/20 - batch")


def test_at_80_columns_nothing_is_cut() -> None:
    """With as many epochs and batches as a long run has, and an ETA of hours."""
    maker = EventMaker(RUN)
    start = maker.run_started(epochs=200)
    state = told(start, maker.epoch(100, validation_accuracy=0.9), maker.progress(100, 999, rate=4.0))
    text = text_of(state, NARROW)
    assert "ETA 5:33:" in text
    assert "batch 100/999" in text
    assert text.endswith("best 90.0 %")
    assert len(text) <= NARROW


@pytest.mark.parametrize("state", STATES)
def test_the_word_of_every_state_comes_first(state: str) -> None:
    maker = EventMaker(RUN)
    folded = told(maker.run_started(), maker.epoch(), maker.state(state))  # type: ignore[arg-type]
    assert text_of(folded, NARROW).split(" · ")[0] == state
    assert text_of(folded, WIDE).split(" · ")[0].split()[1] == state
    # A time of arrival is for what is on its way.
    assert ("ETA" in text_of(folded)) == (state == "running")


@pytest.mark.parametrize("state", ["failed", "interrupted", "paused"])
def test_why_it_does_not_train_is_shown(state: str) -> None:
    maker = EventMaker(RUN)
    folded = told(maker.run_started(), maker.epoch(), maker.state(state, "loss is [b]NaN[/b]\x1b[2J"))  # type: ignore[arg-type]
    assert rf"{state}: loss is [b]NaN[/b]\x1b[2J · epoch" in text_of(folded)


def test_a_finished_run_tells_its_test_score_once_more_training_makes_it_old() -> None:
    maker = EventMaker(RUN)
    events: list[Update] = [maker.run_started(epochs=1), maker.epoch(), maker.scored(0.7664), maker.state("finished")]
    assert text_of(told(*events)).endswith("best 22.5 % (epoch 1) · test 76.6 % (74.6-78.6) (epoch 1) · macro-F1 0.500")
    assert text_of(told(*events)).startswith("▓▓▓▓▓▓▓▓▓▓▓▓ finished · epoch 1/1")
    assert "test" not in text_of(told(*events, maker.planned_epochs(3), maker.state("running")))


def test_trouble_that_cannot_be_logged_is_shown_while_it_lasts() -> None:
    maker = EventMaker(RUN)
    assert text_of(told(maker.notice("[red]disk[/] full\x1b[2J"))).endswith(r" · [red]disk[/] full\x1b[2J")
    assert "disk" not in text_of(told(maker.notice("disk full"), maker.notice("")))


@given(st.integers(1, 10_000), st.integers(1, 10_000), st.floats(0, 1), st.floats(0, 1), st.floats(0, 1e6))
def test_nothing_jitters(epochs: int, batches: int, done: float, share: float, rate: float) -> None:
    """Whatever the epoch, the batch, the rate and the accuracy: every number ends in the same column."""
    epoch, batch = int(done * (epochs - 1)), int(share * batches)

    def line(epoch: int, batch: int, rate: float, accuracy: float) -> str:
        maker = EventMaker(RUN)
        start = maker.run_started(epochs=epochs)
        epoch_done = maker.epoch(epoch, validation_accuracy=accuracy)
        return text_of(told(start, epoch_done, maker.progress(batch, batches, rate)))

    here, there = line(epoch, batch, rate or 1.0, 0.99 * share), line(epochs - 1, batches, 150_000.0, 0.5)
    cut = [re.sub(r"ETA [\d:-]+", "ETA", text) for text in (here, there)]
    assert len(cut[0]) == len(cut[1])
    for sign in ("/", " · ", "%", "k names"):
        assert [at.start() for at in re.finditer(sign, cut[0])] == [at.start() for at in re.finditer(sign, cut[1])]


@given(st.lists(any_update, max_size=15), st.integers(1, 300), st.sampled_from([ASCII, UNICODE]))
def test_any_state_is_one_line_that_steers_nothing(events: list[Update], width: int, glyphs: Glyphs) -> None:
    state = told(*events)
    text = text_of(state, width, glyphs)
    assert not can_steer(text)
    assert state.state in text or width < len("interrupted")
    assert cell_len(text) <= width
    assert 0 <= share_done(state) <= 1
    if speed := speed_of(state):
        assert seconds_left(state, speed) >= 0


def test_the_bar_fills_with_the_batches() -> None:
    maker = EventMaker(RUN)
    start = maker.run_started(epochs=1)
    full = [text_of(told(start, maker.progress(batch, 12))).count("▓") for batch in range(13)]
    assert full == list(range(13))


def test_the_time_left_is_that_of_the_names_left() -> None:
    # GIVEN 800 training names an epoch, 20 epochs, 5 of them done at 100 names/s
    maker = EventMaker(RUN)
    state = told(maker.run_started(), maker.epoch(5, names_per_second=100.0))
    assert seconds_left(state, speed_of(state)) == 15 * 800 / 100
    # WHEN half of the next is done, at a rate measured just now
    state.apply(maker.progress(50, 100, rate=200.0))
    assert seconds_left(state, speed_of(state)) == 14.5 * 800 / 200
    # a rate that is not known yet is the last one that was
    state.apply(maker.progress(0, 100, rate=0.0))
    assert speed_of(state) == 100.0


def test_the_render_is_plain_text() -> None:
    line = Line(WIDE)
    line.show(told(EventMaker(RUN).notice("[red]x[/]")))
    assert line.render().plain.endswith("[red]x[/]")
    assert line.render().spans == []
    assert line.has_class("starting")
    line.show(None)
    assert line.render().plain == ""


def test_a_paused_run_says_why_at_80_columns_too() -> None:
    maker = EventMaker(RUN)
    reason = "the loss is not finite at epoch 3, batch 7"
    state = told(maker.run_started(), maker.epoch(), maker.epoch(), maker.state("paused", reason))
    assert text_of(state, NARROW).startswith(f"paused: {reason} · epoch  2/20")
    assert len(text_of(state, NARROW)) <= NARROW
    # resumed, it says so no more
    state.apply(maker.state("running"))
    assert reason not in text_of(state)


def test_an_alert_that_was_seen_leaves_the_room_to_the_scores() -> None:
    maker = EventMaker(RUN)
    state = told(maker.run_started(), maker.epoch(), maker.state("finished"), maker.alert("the hook failed"))
    assert text_of(state, NARROW).endswith("the hook failed")
    state.seen_alerts = 1
    assert "the hook failed" not in text_of(state, NARROW)
    assert "best" in text_of(state, NARROW)
    state.apply(maker.alert("the disk is full"))
    assert text_of(state, NARROW).endswith("the disk is full")


def test_alerts_are_counted_and_the_latest_is_shown_until_an_epoch_comes_after_it() -> None:
    maker = EventMaker(RUN)
    state = told(maker.run_started(), maker.epoch(), maker.alert("the loss is \x1b[2J rising"))
    for width in (WIDE, NARROW):
        assert text_of(state, width).endswith(r"1 alert (!) · the loss is \x1b[2J rising")
    state.apply(maker.alert("the disk is full"))
    assert text_of(state).endswith("2 alerts (!) · the disk is full")
    state.apply(maker.epoch())
    assert text_of(state).endswith("2 alerts (!)")
