"""When a network is probed while it trains; that nothing of the training notices; and what the record keeps."""

from __future__ import annotations

import copy
import itertools
import os
import signal

import pytest
import torch

from namestui.engine.evidence import prober
from namestui.engine.evidence.prober import SHARE, Budget, Prober, fields
from namestui.engine.evidence.probes import SAMPLED, probe, sample
from namestui.engine.link.updates import WorkerGone
from namestui.engine.recording.recorder import Recorder
from namestui.engine.recording.server import Server
from namestui.engine.training.boundaries import EpochDone
from namestui.engine.worker import idle
from namestui.engine.worker.session import TrainingSession
from namestui.runs import commands, events
from namestui.runs.events import Alert, CheckpointSaved, EpochsPlanned, Probed, StateChanged, TestScored
from namestui.runs.history import History
from namestui.runs.models import MODELS
from namestui.runs.store import RunDirectory
from tests.test_trainer import equal_states, make_trainer
from tests.watching import Create, Watch, pid_of, record_of


def probed_of(run: RunDirectory) -> list[Probed]:
    return [event for event in record_of(run) if isinstance(event, Probed)]


def seen(epoch: int, seconds: float) -> Probed:
    return Probed(
        time=0.0, run="x", seq=epoch, epoch=epoch, names=1, accuracy=1.0, by_length=[], by_ending=[], gradients=[],
        last_gradient=None, spectral_radius=None, gates=[], contributions=[], seconds=seconds,
    )  # fmt: skip


# When


def test_a_probe_must_fit_into_two_percent_of_training() -> None:
    budget = Budget(trained=9.9)
    budget.spend(0.1)
    assert not budget.allows_one_more(100.0)  # .1 spent and .1 to come are 2 % of 10 s
    budget.trained = 10.0
    assert budget.allows_one_more(100.0)
    budget.spend(0.05)  # cheaper: .15 and .05 are 2 % of 10 s
    assert budget.allows_one_more(100.0)
    budget.spend(0.05)
    assert not budget.allows_one_more(100.0)


def test_a_probe_must_leave_room_for_those_at_the_end() -> None:
    budget = Budget(trained=10.0)
    budget.spend(0.1)
    assert not budget.allows_one_more(19.9)  # with the two at the end it is .4: 2 % of 20 s
    assert budget.allows_one_more(20.1)


@pytest.mark.parametrize("costs", [[0.1], [0.1, 0.25, 0.02], [0.02, 0.02, 0.3]])
def test_all_probes_together_take_two_percent_unless_the_required_ones_take_more(costs: list[float]) -> None:
    budget, cost = Budget(), itertools.cycle(costs)
    budget.spend(next(cost))
    probes = 0
    for epoch in range(1, 2001):  # of a second each
        budget.trained += 1.0
        if epoch == 1 or budget.allows_one_more(2000.0):
            budget.spend(next(cost))
            probes += 1
    budget.spend(next(cost))
    budget.spend(next(cost))
    assert 0.95 * SHARE * 2000 <= budget.spent <= SHARE * 2000 + 3 * max(costs)
    assert probes > 100


def test_the_record_says_what_was_seen_and_spent_by_workers_before() -> None:
    found = Prober([seen(0, 0.1), seen(1, 0.3)], trained=34.0)
    assert (found.budget.spent, found.budget.last) == (pytest.approx(0.4), 0.3)
    assert not found.is_due(1, 40, always=True)
    assert found.is_due(7, 40, always=True)
    assert not found.is_due(7, 40, always=False)  # .4 and .3 are 2 % of 35 s
    found.budget.trained = 36.0
    assert found.is_due(7, 40, always=False)


def test_what_a_probe_takes_is_counted_also_where_it_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    trainer = make_trainer("lstm")
    ticks = itertools.count(0.0, 2.0)
    found = Prober([], trained=1e6, clock=lambda: next(ticks))
    assert found.probe(trainer, 0)["seconds"] == 2.0
    assert not found.is_due(0, 40, always=True)
    monkeypatch.setattr(prober, "probe", lambda *_arguments, **_options: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        found.probe(trainer, 1)
    assert found.budget.spent == 4.0
    # and only what is required is tried again
    assert found.is_due(1, 40, always=True)
    assert not found.is_due(1, 40, always=False)


# On what


def test_the_sample_is_the_same_each_time_and_bounded() -> None:
    rows = range(10, 10 + 5 * SAMPLED)
    chosen = sample(rows)
    assert len(set(chosen.tolist())) == SAMPLED
    assert chosen.tolist() == sorted(sample(rows).tolist())
    assert chosen.max() > 10 + 4 * SAMPLED > SAMPLED > chosen.min() >= 10
    assert sample(range(3, 8)).tolist() == [3, 4, 5, 6, 7]
    assert sample(chosen).tolist() == chosen.tolist()


# That nothing notices


@pytest.mark.parametrize("model", MODELS)
def test_training_is_bit_identical_with_and_without_probes(model: str) -> None:
    settings = {"dropout": 0.4, "letter_dropout": 0.2, "ema": 0.9}
    alone, watched = make_trainer(model, **settings), make_trainer(model, **settings)
    torch.manual_seed(1)
    expected = [copy.deepcopy(alone.state()) for step in alone.run() if isinstance(step, EpochDone)]
    torch.manual_seed(1)
    own_prober = Prober([], 0.0)
    own_prober.probe(watched, 0)
    probes = 0
    for step in watched.run():  # in the middle of epochs too
        own_prober.probe(watched, probes, watched.best_weights if probes % 2 else None)
        if isinstance(step, EpochDone):
            state = watched.state()
            for sums in (expected[step.epoch - 1]["sums"], state["sums"]):
                sums.pop("seconds")
            assert equal_states(state, expected[step.epoch - 1])
        probes += 1
    assert probes > 2 * len(expected) > 0
    assert all(weights.requires_grad for weights in watched.model.parameters())


@pytest.mark.parametrize("model", MODELS)
def test_a_network_with_other_weights_has_the_weights_it_is_given_and_leaves_the_first_its_own(model: str) -> None:
    trainer, other = make_trainer(model), make_trainer(model, seed=6)
    before = copy.deepcopy(trainer.model.state_dict())
    seen_as = trainer.model.with_weights(other.model.state_dict())
    letters = torch.randint(57, (5, 6))
    torch.testing.assert_close(seen_as(letters), other.model.eval()(letters))
    assert equal_states(dict(trainer.model.state_dict()), dict(before))
    # nothing is copied where it lies on the CPU already
    for name, weights in seen_as.state_dict().items():
        assert weights.data_ptr() == other.model.state_dict()[name].data_ptr()


def test_what_is_probed_are_the_weights_that_were_validated() -> None:
    trainer = make_trainer("lstm", ema=0.5, epochs=4)
    own_prober = Prober([], 0.0)
    rows = sample(trainer.parts.validation)
    for done in trainer.run():
        if not isinstance(done, EpochDone):
            continue
        shown = own_prober.probe(trainer, done.epoch)
        assert shown["accuracy"] == pytest.approx(done.validation_accuracy, abs=1e-4)
        averaged = probe(trainer.model.with_weights(trainer.validated_model.state_dict()), trainer.corpus, rows)
        assert shown["gates"] == fields(averaged, trainer.corpus.names.lengths[rows])["gates"]
        # without the last validation at hand it finds out for itself
        trainer.validation = None
        again = own_prober.probe(trainer, done.epoch)
        assert {**again, "seconds": 0.0} == {**shown, "seconds": 0.0}
    # AND with other weights the last validation says nothing
    trainer.validated()
    other = make_trainer("lstm", seed=6, learning_rate=1.0).model.state_dict()
    expected = probe(trainer.model.with_weights(other), trainer.corpus, rows).accuracy
    assert expected != pytest.approx(shown["accuracy"], abs=1e-3)
    assert own_prober.probe(trainer, 9, other)["accuracy"] == pytest.approx(expected, abs=1e-4)


@pytest.mark.parametrize("model", MODELS)
def test_what_is_not_finite_is_none_in_the_record(model: str) -> None:
    trainer = make_trainer(model)
    with torch.no_grad():
        for weights in trainer.model.parameters():
            weights.fill_(torch.nan)
    event = Probed(time=0.0, run="x", seq=0, **Prober([], 0.0).probe(trainer, 0))
    assert events.decode(events.encode(event)) == event
    assert event.spectral_radius is None
    assert set(event.gradients) <= {None}


# In a run


async def test_first_best_and_last_each_once_over_kills_and_extensions(watch: Watch, create: Create) -> None:
    run = create(40, "lstm")

    async def kill_and_start_again() -> None:
        os.kill(pid_of(run), signal.SIGKILL)
        await watch.until(WorkerGone)
        watch.client.start(run)

    # GIVEN a worker that is killed before there is a checkpoint, so that the next begins again
    watch.client.start(run)
    await watch.until_epoch(3)
    await kill_and_start_again()
    # AND one that is killed some epochs after a checkpoint
    await watch.until(StateChanged, lambda event: event.state == "running")
    watch.client.send(run.id, commands.Checkpoint())
    saved = await watch.until(CheckpointSaved)
    await watch.until_epoch(saved.epoch + 3)
    await kill_and_start_again()
    await watch.until_state("finished")
    # WHEN the run is extended
    first_best = next(event.best_epoch for event in record_of(run) if isinstance(event, TestScored))
    watch.client.send(run.id, commands.Extend(epochs=5))
    await watch.until(EpochsPlanned)
    await watch.until_state("finished")
    # THEN all that is required was seen, and nothing twice
    best = [event.best_epoch for event in record_of(run) if isinstance(event, TestScored)][-1]
    epochs = [event.epoch for event in probed_of(run)]
    assert {0, 1, 40, first_best, 45, best} <= set(epochs)
    assert len(set(epochs)) == len(epochs)
    # the untrained network is probed before the first step
    kinds = [type(event).__name__ for event in record_of(run)]
    assert kinds.index("Probed") < kinds.index("EpochFinished")
    assert probed_of(run)[0].epoch == 0
    assert "probe" not in {event.topic for event in record_of(run) if isinstance(event, Alert)}


def test_a_probe_that_goes_wrong_does_not_end_the_run(
    create: Create, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    run = create(3)
    server = Server(run.path / "socket", run.id, 0, "starting")
    trainee = TrainingSession(run, Recorder(run, server, history := History.read(run)), server, history)
    monkeypatch.setattr(idle, "IDLE_ALONE", -1.0)
    monkeypatch.setattr(prober, "probe", lambda *_arguments, **_options: 1 / 0)
    trainee.train()
    record = record_of(run)
    assert [event.state for event in record if isinstance(event, events.StateChanged)] == ["running", "finished"]
    assert not probed_of(run)
    alerts = [event.message for event in record if isinstance(event, Alert)]
    assert all("could not be probed (ZeroDivisionError" in message for message in alerts)
    assert [message.split()[1] for message in alerts][:2] == ["0", "1"]
    assert 3 <= len(alerts) <= 4
    assert "Traceback" in capsys.readouterr().err
