"""Alerts and further metrics of the epochs in the record: each once, also where its epoch is trained again."""

from __future__ import annotations

import pytest

from namestui.engine.worker import epoch_alerts
from namestui.runs import alert_rules
from namestui.runs.events import Alert, EpochFinished, LoggedEvent, Metrics, RunStarted
from namestui.runs.store import RunDirectory
from tests.training_here import train_here
from tests.watching import Create, epochs_of, record_of

EPOCHS = 30


@pytest.fixture(autouse=True)
def quick_rules(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rules that find something in every small run."""
    monkeypatch.setattr(alert_rules, "FLAT_FOR", 3)
    monkeypatch.setattr(alert_rules, "LESS_LOSS", 0.2)
    monkeypatch.setattr(alert_rules, "NOISE", 3.0)
    monkeypatch.setattr(alert_rules, "RISE_FOR", 2)
    monkeypatch.setattr(alert_rules, "RISE", 0.001)
    monkeypatch.setattr(alert_rules, "LEAST_RISE", 0.0)


def alerts_of(run: RunDirectory) -> list[tuple[str, int | None, str]]:
    """Those about an epoch: others say what became of a checkpoint."""
    alerts = [event for event in record_of(run) if isinstance(event, Alert) and event.epoch is not None]
    return [(event.topic, event.epoch, event.message) for event in alerts]


def norms_of(run: RunDirectory) -> list[tuple[int, int, float | None]]:
    metrics = [event for event in record_of(run) if isinstance(event, Metrics)]
    return [(event.epoch, event.step, event.values["gradient_norm"]) for event in metrics]


def cut_after(run: RunDirectory, last: LoggedEvent) -> None:
    """As a kill would leave it that came after ``last`` was logged, and before the first checkpoint."""
    lines = run.events_file.read_bytes().splitlines(keepends=True)
    run.events_file.write_bytes(b"".join(lines[: last.seq + 1]))
    for path in (run.last_checkpoint, run.previous_checkpoint, run.best_weights):
        path.unlink(missing_ok=True)


def test_every_epoch_has_its_alerts_and_its_norm_once_whenever_a_kill_came(create: Create) -> None:
    run = create(EPOCHS)
    train_here(run)
    alerts, norms, record = alerts_of(run), norms_of(run), record_of(run)
    names = next(event.train.rows for event in record if isinstance(event, RunStarted))
    assert [(epoch, step) for epoch, step, _ in norms] == [(one, one * names) for one in range(1, EPOCHS + 1)]
    assert all(norm is not None and norm > 0 for _, _, norm in norms)
    assert {"over-fitting", "plateau"} & {topic for topic, _, _ in alerts}
    # WHEN it was killed between an epoch and its metrics, between those and an alert, or after that
    alert = next(event for event in record if isinstance(event, Alert) and event.epoch is not None)
    epoch = next(event for event in record if isinstance(event, EpochFinished) and event.epoch == alert.epoch)
    metrics = next(event for event in record if isinstance(event, Metrics) and event.epoch == alert.epoch)
    assert epoch.seq < metrics.seq < alert.seq
    for last in (alert, metrics, epoch):
        cut_after(run, last)
        train_here(run)
        # THEN nothing is missing, and nothing is there twice
        assert alerts_of(run) == alerts
        assert norms_of(run) == norms
        assert [one.epoch for one in epochs_of(run)] == list(range(1, EPOCHS + 1))


def test_a_run_that_resumes_from_a_checkpoint_remembers_what_it_was_warned_of(
    create: Create, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, whole = create(EPOCHS), create(EPOCHS)
    train_here(whole)
    monkeypatch.setattr("namestui.engine.worker.journal.SAVE_AFTER", 0.0)

    class Killed(BaseException):
        pass

    def kill(self: epoch_alerts.EpochAlerts, trainer: object, done: object) -> None:
        after(self, trainer, done)  # type: ignore[arg-type]
        if done.epoch in (7, 19):  # type: ignore[attr-defined]
            raise Killed

    after = epoch_alerts.EpochAlerts.after
    for _ in range(2):
        with monkeypatch.context() as patched:
            patched.setattr(epoch_alerts.EpochAlerts, "after", kill)
            with pytest.raises(Killed):
                train_here(run)
    train_here(run)
    assert alerts_of(run) == alerts_of(whole)
    assert norms_of(run) == norms_of(whole)


def test_an_extended_run_says_nothing_again(create: Create) -> None:
    run = create(EPOCHS)
    train_here(run)
    before = alerts_of(run)
    train_here(run, planned=EPOCHS + 10)
    after = alerts_of(run)
    assert after[: len(before)] == before
    assert all(epoch is not None and epoch > EPOCHS for _, epoch, _ in after[len(before) :])
    assert len({(topic, epoch) for topic, epoch, _ in after}) == len(after)


def test_a_class_that_is_never_predicted_is_named(create: Create) -> None:
    # GIVEN a network that learns nothing, so that it takes all names for one class
    run = create(14, learning_rate=1e-12)
    train_here(run)
    lost = [alert for alert in alerts_of(run) if alert[0] == "never-predicted"]
    # THEN that is said once, and not again where the run trains on
    assert [epoch for _, epoch, _ in lost] == [alert_rules.UNPREDICTED_FOR]
    last = run.confusion(3).last()
    assert last is not None
    labels = ("Abban", "Kirik", "Sumo")
    never = [index for index in range(3) if not any(row[index] for row in last[1])]
    named = ", ".join(f"{labels[index]} ({sum(last[1][index])} validation names)" for index in never)
    assert lost[0][2] == f"not predicted once in 10 epochs: {named}"
    train_here(run, planned=30)
    assert [alert for alert in alerts_of(run) if alert[0] == "never-predicted"] == lost
