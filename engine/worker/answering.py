"""Answering questions about a run: with the trainer that trains it, or with what it has kept."""

from __future__ import annotations

from collections.abc import Callable

from namestui.engine.nets.weights import load_best
from namestui.engine.recording.requests import Request
from namestui.engine.recording.worker_log import note
from namestui.engine.training.trainer import Trainer
from namestui.engine.worker.failures import EXPECTED
from namestui.engine.worker.questions import answer_examples, answer_predict
from namestui.runs import commands
from namestui.runs.config import reading_of_names
from namestui.runs.events import Event
from namestui.runs.store import RunDirectory


class Answerer:
    """``build`` makes the trainer of a run that has ended, the first time that a question needs one."""

    def __init__(self, run: RunDirectory, build: Callable[[], Trainer]) -> None:
        self._run = run
        self._build = build
        self._built: Trainer | None = None

    def answer(self, request: Request, trainer: Trainer | None) -> None:
        """Answer a question, or refuse it with the reason; whatever goes wrong with it does not end the run."""
        try:
            if (answer := self._find(request.command, trainer)) is not None:
                request.answer(answer)
        except EXPECTED as error:
            request.refuse(str(error))
        except Exception as error:  # a question is no part of training
            note(error)
            first = str(error).partition("\n")[0][:200]
            request.refuse(f"{type(error).__name__}: {first}; see worker.log")

    def _find(self, command: commands.AnyCommand, trainer: Trainer | None) -> Event | None:
        match command:
            case commands.ListExamples():
                self._built = trainer or self._built or self._build()
                return answer_examples(self._run.id, command, self._built)
            case commands.Predict():
                reading = reading_of_names(self._run.config() if trainer is None else trainer.config)
                if trainer is not None:
                    return answer_predict(
                        self._run.id, command, trainer.validated_model, trainer.corpus.labels, reading
                    )
                model, classes = load_best(self._run)
                return answer_predict(self._run.id, command, model, classes, reading)
        return None
