"""Orders to a worker are accepted by id once they have taken effect; what is so already is no error."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from namestui.engine.recording.requests import Request
from namestui.engine.worker import idle
from namestui.runs import commands
from namestui.runs.events import Alert, StateChanged
from namestui.runs.store import RunDirectory
from tests.scripted import Answer, Scripted
from tests.watching import Create, epochs_of, record_of, states_of


@pytest.fixture
def scripted(create: Create, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Scripted]:
    monkeypatch.setattr(idle, "IDLE_ALONE", -1.0)

    def make(script: dict[int, list[commands.AnyCommand]], run: RunDirectory | None = None) -> Scripted:
        return Scripted(run or create(6), script)

    return make


Make = Callable[..., Scripted]


def test_orders_are_accepted_once_they_have_taken_effect(scripted: Make) -> None:
    session = scripted(
        {
            1: [commands.Checkpoint(request="save")],
            2: [commands.Extend(request="extend", epochs=2)],
            3: [commands.Pause(request="pause"), commands.Resume(request="resume")],
            4: [commands.Stop(request="stop")],
        }
    )
    session.train()
    assert session.answers == {
        "save": Answer("Accepted", "", "CheckpointSaved"),
        "extend": Answer("Accepted", "", "EpochsPlanned"),
        "pause": Answer("Accepted", "", "CheckpointSaved"),
        "resume": Answer("Accepted", "", "running"),
        "stop": Answer("Accepted", "", "stopping"),
    }
    assert states_of(session.run) == ["running", "paused", "running", "stopping", "stopped"]
    assert session.exit_status == 0


def test_what_is_so_already_is_no_error(scripted: Make) -> None:
    session = scripted(
        {
            1: [commands.Resume(request="running")],
            2: [commands.Pause(request="1"), commands.Pause(request="paused"), commands.Resume(request="2")],
        }
    )
    session.train()
    assert {answer.kind for answer in session.answers.values()} == {"Accepted"}
    assert states_of(session.run) == ["running", "paused", "running", "finished"]


def test_an_order_that_cannot_be_carried_out_is_refused(scripted: Make) -> None:
    session = scripted({1: [commands.Extend(request="0", epochs=0), commands.Extend(request="-1", epochs=-1)]})
    session.train()
    assert {answer.kind for answer in session.answers.values()} == {"Refused"}
    assert all("extend takes 1 to" in answer.reason for answer in session.answers.values())
    assert len(epochs_of(session.run)) == 6


def test_an_ended_run_is_extended_and_trains_again(scripted: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    session = scripted({6: [], 8: []})
    change = session.journal.change

    def order_at_the_end(state: Any, *rest: Any, **more: Any) -> None:
        change(state, *rest, **more)
        if state == "finished" and not session.answers:
            session.order(commands.Pause(request="pause"), commands.Checkpoint(request="save"))
            session.order(commands.Extend(request="extend", epochs=2))
        elif state == "finished":
            session.order(commands.Stop(request="stop"))

    monkeypatch.setattr(session.journal, "change", order_at_the_end)
    monkeypatch.setattr(idle, "IDLE_ALONE", 30.0)
    session.train()
    assert session.answers == {
        "pause": Answer("Refused", "it has ended", "finished"),
        "save": Answer("Refused", "it has ended", "finished"),
        "extend": Answer("Accepted", "", "running"),
        "stop": Answer("Accepted", "", "finished"),
    }
    assert [event.epoch for event in epochs_of(session.run)] == list(range(1, 9))


def test_no_more_than_a_few_questions_hold_up_a_batch(scripted: Make) -> None:
    asked = [commands.Predict(request=f"ask {number}", name="Abban") for number in range(40)]
    session = scripted({1: [*asked, commands.Stop(request="stop")]})
    session.train()
    # THEN the stop did not wait for a single one of them
    assert list(session.answers) == ["stop"]
    resumed = scripted({2: list(asked)}, session.run)
    batches: list[int] = []
    answer = resumed._answer

    def count(question: Request) -> None:
        assert resumed._trainer is not None
        batches.append(resumed._trainer.epoch * 100 + resumed._trainer.batch)
        answer(question)

    resumed._answer = count  # type: ignore[method-assign]
    resumed.train()
    assert len(resumed.answers) >= 10
    assert max(map(batches.count, batches)) <= 4


def test_a_loss_that_is_not_finite_is_an_alert_that_programs_understand(scripted: Make, create: Create) -> None:
    run = create(6, learning_rate=1000.0, weight_decay=1000.0)
    session = scripted({}, run)
    report = session.journal.report_not_finite

    def report_and_stop(place: str) -> None:
        report(place)
        session.order(commands.Stop(request="stop"))

    session.journal.report_not_finite = report_and_stop  # type: ignore[method-assign]
    session.train()
    alerts = [event for event in record_of(run) if isinstance(event, Alert)]
    assert (alerts[0].topic, alerts[0].level) == ("not-finite", "error")
    assert "the run paused itself" in alerts[0].message
    paused = [event for event in record_of(run) if isinstance(event, StateChanged) and event.state == "paused"]
    assert "not finite" in paused[0].reason
    assert states_of(run)[-1] == "stopped"
