"""Whose turn it is to train, where runs wait for others in their own workers."""

from __future__ import annotations

import pytest

from namestui.engine.worker.waiting import is_turn
from namestui.runs.eventlog import EventLog
from namestui.runs.events import State
from namestui.runs.store import RunLock
from tests.fake_engine import EventMaker
from tests.watching import Create


@pytest.mark.parametrize(
    ("state", "reason", "expected"),
    [
        ("running", "", False),
        ("paused", "", False),  # its user will have it train on
        ("paused", "the loss is not finite at epoch 3, batch 7", True),  # nobody may ever
        ("stopped", "", True),
    ],
)
def test_a_run_that_paused_itself_holds_nobody_up(create: Create, state: State, reason: str, expected: bool) -> None:
    run = create()
    maker, log = EventMaker(run.id), EventLog(run.events_file)
    for event in (maker.run_started(), maker.state("running"), maker.epoch(), maker.state(state, reason)):
        log.append(event)
    log.close()
    lock = RunLock(run)
    try:
        assert is_turn([run], 1) is expected
    finally:
        lock.release()
