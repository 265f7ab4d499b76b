"""Questions while a run trains: by which weights they are answered, in what order, and that they leave no trace."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch

from namestui.data.corpus import load_corpus
from namestui.engine.evidence.predictor import classify
from namestui.engine.training.boundaries import BatchDone, EpochDone
from namestui.engine.training.trainer import Trainer
from namestui.engine.worker import questions
from namestui.engine.worker.questions import answer_examples
from namestui.runs.commands import ListExamples, Predict
from namestui.runs.events import Alert, EpochFinished, Examples, Predicted, Refused
from namestui.runs.store import RunDirectory
from tests.test_trainer import make_trainer
from tests.training_here import train_here
from tests.watching import Create, epochs_of, record_of

REGULARISED = {"dropout": 0.4, "letter_dropout": 0.1, "ema": 0.95}


def losses_of(events: list[EpochFinished]) -> list[tuple[float | None, float | None]]:
    return [(event.train_loss, event.validation_loss) for event in events]


def test_a_name_is_asked_of_the_weights_that_are_validated(create: Create) -> None:
    run = create(2, "lstm", **REGULARISED)
    (answer,) = train_here(run, Predict(request="1", name="Badban"))
    assert isinstance(answer, Predicted)
    trainer = Trainer(run.config(), load_corpus(Path(run.config().corpus)), torch.device("cpu"))
    assert isinstance(next(trainer.run()), BatchDone)
    averaged, raw = (
        classify(model, trainer.corpus.labels, "Badban", "strict").predictions
        for model in (trainer.validated_model, trainer.model)
    )
    assert answer.predictions == averaged != raw


def test_a_question_that_runs_out_of_memory_changes_nothing_of_the_training(
    create: Create, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    undisturbed, run = create(2, "lstm", **REGULARISED), create(2, "lstm", **REGULARISED)
    assert train_here(undisturbed) == []
    real, calls = torch.bincount, 0

    def bincount(*arguments: Any, **options: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == 1:
            raise torch.OutOfMemoryError("no memory for the names of this cell")
        return real(*arguments, **options)

    # GIVEN a worker that is asked before anything is validated, as after a resume, and cannot answer
    monkeypatch.setattr(torch, "bincount", bincount)
    (answer,) = train_here(run, ListExamples(request="1", true=0, predicted=0))
    # THEN it says so, and what it trains is what it would have trained
    assert isinstance(answer, Refused)
    assert "no memory" in answer.reason
    assert "Traceback" in capsys.readouterr().err
    assert losses_of(epochs_of(run)) == losses_of(epochs_of(undisturbed))


def test_examples_are_those_of_the_cell_the_surest_first(monkeypatch: pytest.MonkeyPatch) -> None:
    trainer = make_trainer("lstm", epochs=1)
    done = [step for step in trainer.run() if isinstance(step, EpochDone)][-1]
    answers = trainer.model.eval()
    ordered = 0
    for true, row in enumerate(done.matrix.tolist()):
        for predicted, count in enumerate(row):
            found = answer_examples("run", ListExamples(request="1", true=true, predicted=predicted), trainer)
            assert isinstance(found, Examples)
            assert (found.total, len(found.examples)) == (count, count)
            shares = [one.probability for one in found.examples]
            assert shares == sorted(shares, reverse=True)
            ordered += len(set(shares)) > 1
            for one in found.examples:
                best = classify(answers, trainer.corpus.labels, one.name, "strict").predictions[0]
                assert best.label == trainer.corpus.labels[predicted]
                assert one.probability == pytest.approx(best.probability, abs=1e-6)
            # AND where there are too many for an answer, the surest are in it
            with monkeypatch.context() as patched:
                patched.setattr(questions, "MAX_EXAMPLES", 1)
                few = answer_examples("run", ListExamples(request="1", true=true, predicted=predicted), trainer)
                assert isinstance(few, Examples)
                assert (few.total, few.examples) == (count, found.examples[:1])
    assert ordered


def test_a_renamed_run_resumes_and_says_so(create: Create) -> None:
    # GIVEN a run that has finished, in a directory that was renamed since, and is to train on
    run = create(2, "lstm", **REGULARISED)
    train_here(run)
    renamed = RunDirectory(run.path.rename(run.path.with_name("renamed")))
    train_here(renamed, planned=3)
    # THEN no epoch is trained again, and it says why it trusts the checkpoint
    assert [event.epoch for event in epochs_of(renamed)] == [1, 2, 3]
    alerts = [event.message for event in record_of(renamed) if isinstance(event, Alert)]
    assert alerts == [f"resumed from a checkpoint of run {run.id}: this directory was renamed, or is a copy"]
