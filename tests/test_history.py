"""The one fold of a record: from its start, from its end, and whatever a damaged file holds."""

from __future__ import annotations

import tracemalloc
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from namestui.runs.eventlog import EventLog
from namestui.runs.events import EpochFinished, Logged, RunHead, RunStarted
from namestui.runs.history import MAX_COUNT, MAX_LOSSES, History, Latest, started_of
from namestui.runs.started import NamesSettings, head_of, settings_of
from tests.any_events import RUN, logged_event
from tests.fake_engine import EventMaker
from tests.watching import Create

ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)
FIELDS = [field.name for field in msgspec.structs.fields(NamesSettings)]


def folded(*events: Logged) -> History:
    history = History()
    for event in events:
        history.apply(event)
    return history


def both(*events: Logged) -> list[Any]:
    """What the fold from the start and that from the end say, which must be one."""
    forward, backward = folded(*events), Latest(reversed(events))
    found = [(one.time, one.state, one.epoch, one.planned, one.best_accuracy) for one in (forward, backward)]
    assert found[0] == found[1]
    return list(found[0])


@pytest.fixture
def maker() -> EventMaker:
    return EventMaker(RUN)


def saved(maker: EventMaker, history: History) -> Logged:
    """A checkpoint as a worker logs it: with the plan, and what was best."""
    return msgspec.structs.replace(maker.saved(), epochs=history.planned, best_accuracy=history.best_accuracy)


def test_an_epoch_after_the_last_change_of_state_means_running(maker: EventMaker) -> None:
    start = [maker.run_started(epochs=9), maker.state("paused")]
    assert both(*start)[1] == "paused"
    assert both(*start, maker.epoch())[1:4] == ["running", 1, 9]
    assert both(*start, maker.epoch(), maker.state("stopped", "enough"))[1] == "stopped"


def test_an_extended_run_is_scored_anew(maker: EventMaker) -> None:
    events = [maker.run_started(epochs=2), maker.epoch(), maker.epoch(), maker.scored(), maker.state("finished")]
    finished = folded(*events)
    assert (finished.planned, finished.replanned, finished.test) == (2, False, events[3])
    extended = folded(*events, maker.planned_epochs(5), maker.state("running"))
    assert (extended.planned, extended.replanned, extended.test) == (5, True, None)
    assert folded(*events, maker.planned_epochs(5), again := maker.scored()).test == again


def test_the_best_epoch_is_the_first_of_the_best_whose_loss_is_finite(maker: EventMaker) -> None:
    accuracies = [(0.5, 1.0), (0.7, 1.0), (0.9, None), (0.7, 1.0), (0.6, 1.0)]
    epochs = [maker.epoch(validation_accuracy=accuracy, validation_loss=loss) for accuracy, loss in accuracies]
    found = folded(*epochs)
    assert (found.best_accuracy, found.best_epoch) == (0.7, 2)
    assert both(*epochs)[4] == 0.7


def test_epochs_may_come_out_of_order(maker: EventMaker) -> None:
    """Where a damaged record was completed."""
    epochs = [maker.epoch(number, validation_accuracy=0.5) for number in (1, 4, 5, 2, 3)]
    found = folded(maker.run_started(), *epochs)
    assert found.epoch == 5
    assert found.last_epoch == epochs[2]
    assert found.best_epoch == 1
    assert [number for number in range(8) if number in found.losses] == [1, 2, 3, 4, 5]
    assert both(*epochs)[2] == 5


def test_losses_are_kept_exactly(maker: EventMaker) -> None:
    found = folded(maker.epoch(2, train_loss=None, validation_loss=0.1 + 0.2), maker.epoch(3, train_loss=1e300))
    assert found.losses.of(2) == (None, 0.1 + 0.2)
    assert found.losses.of(3)[0] == 1e300
    for absent in (-1, 0, 1, 4):
        with pytest.raises(KeyError):
            found.losses.of(absent)


def test_a_damaged_epoch_number_takes_no_memory(maker: EventMaker) -> None:
    numbers = [-(2**63), 0, MAX_LOSSES + 1, 2**63 - 1]
    found = folded(*(maker.epoch(number) for number in numbers))
    assert found.epoch == 2**63 - 1
    assert not any(number in found.losses for number in numbers)


def test_a_long_run_takes_no_more_than_its_losses(maker: EventMaker) -> None:
    history, epoch = History(), maker.epoch(1)
    tracemalloc.start()
    for number in range(1, 20_001):
        history.apply(msgspec.structs.replace(epoch, epoch=number, seq=number))
    taken, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert taken < 20_000 * 30


@given(st.lists(logged_event, max_size=25), st.booleans())
def test_both_folds_agree_on_every_record(events: list[Logged], with_checkpoints: bool) -> None:
    """Any events, in any order; checkpoints say what a worker would have them say."""
    record: list[Logged] = []
    history, maker = History(), EventMaker(RUN)
    for event in events:
        if isinstance(event, EpochFinished) and not event.epoch:
            continue
        if with_checkpoints:
            maker.epochs = history.epoch
            checkpoint = saved(maker, history)
            history.apply(checkpoint)
            record.append(checkpoint)
        if event.__class__.__name__ == "CheckpointSaved":
            continue
        history.apply(event)
        record.append(event)
    both(*record)


@given(st.dictionaries(st.sampled_from(FIELDS) | st.text(), ANY))
def test_whatever_a_config_holds_its_settings_are_typed(config: dict[str, Any]) -> None:
    started = msgspec.structs.replace(EventMaker(RUN).run_started(), config=config)
    found = settings_of(started)
    for field in msgspec.structs.fields(NamesSettings):
        value, default = getattr(found, field.name), getattr(NamesSettings(), field.name)
        assert type(value) is type(default)
        assert value in (config.get(field.name), default)
    assert head_of(started).epochs == found.epochs >= 0


@pytest.mark.parametrize("wrong", ["", [], None, -1, 1.5, True, 10**30, {"epochs": 3}])
def test_epochs_of_a_wrong_type_are_none_planned(maker: EventMaker, wrong: Any) -> None:
    started = maker.run_started()
    started.config["epochs"] = wrong
    assert both(started)[3] == 0


def test_the_head_is_what_the_record_says_else_what_the_settings_say(maker: EventMaker) -> None:
    old = maker.run_started("wide-lstm", 7)
    assert head_of(old) == RunHead(kind="names", title="wide LSTM", epochs=7)
    assert head_of(None) == RunHead()
    new = msgspec.structs.replace(old, head=RunHead(kind="other", title="mine", epochs=3))
    assert head_of(new) == new.head
    assert folded(new).planned == 3


def test_a_record_is_read_from_its_file(create: Create, maker: EventMaker) -> None:
    run = create(3)
    assert started_of(run) is None
    assert History.read(run).next_seq == 0
    log = EventLog(run.events_file)
    events = [maker.run_started(epochs=3), maker.epoch(), maker.alert("odd")]
    for event in events:
        log.append(event)
    log.close()
    found = History.read(run)
    assert (found.next_seq, found.epoch, found.alerts) == (3, 1, events[2:])
    started = started_of(run)
    assert isinstance(started, RunStarted)
    assert started == found.started
    assert Latest.read(run).epoch == 1


def test_numbers_beyond_64_bits_are_cut(maker: EventMaker) -> None:
    huge = [msgspec.structs.replace(maker.epoch(), epoch=epoch) for epoch in (10**400, -(10**400))]
    planned = msgspec.structs.replace(maker.saved(), epochs=-(10**400))
    assert both(maker.run_started(epochs=9), *huge, planned)[2:4] == [MAX_COUNT, 9]
    assert float(MAX_COUNT) < 1e19
