"""What was asked of all open runs, and what each has answered."""

from __future__ import annotations

from dataclasses import dataclass

from namestui.runs.events import Prediction


@dataclass(frozen=True, slots=True)
class Answer:
    """One run's answer; without predictions ``remark`` says why there is none (yet)."""

    title: str
    predictions: tuple[Prediction, ...] = ()
    remark: str = ""
