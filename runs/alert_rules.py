"""What the epochs of a run warn of: rules that are pure folds over them, so that the same epochs give the same alerts.

Each rule is a frozen value; ``after`` gives the one with the next epoch, in constant time and room. A rule speaks once
an occurrence: it is silent until what it warned of is over, and has come again.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from namestui.runs.events import AlertLevel
from namestui.runs.text import inert

RISE_FOR = 5
"""Epochs in a row whose validation loss is above the best before a run counts as over-fitted. Noise does that too, for
one or two: the recipes' one-cycle schedules throw single epochs back by a tenth and more at their highest rates."""
RISE = 0.05
"""By how much of the best (Prechelt, Early stopping - but when?, 1998: generalisation loss, here 5 %)."""
LEAST_RISE = 0.01
"""In nats a name at least: 5 % of a loss near 0 is nothing."""

FLAT_FOR = 15
"""Epochs without improvement that are a plateau: the recipes stand still for up to 10 of their 20 as the learning rate
falls, which is how they are meant to end."""
LESS_LOSS = 0.01
"""An improvement is a validation loss that is lower by more than this share ..."""
NOISE = 0.5
"""... or an accuracy that is higher by more than so many standard errors of a share of that many names. Not by a whole
one: all epochs are scored on the same names, so their differences vary less."""

UNPREDICTED_FOR = 10
"""Epochs in a row after which a class counts as never predicted: ordinary runs take up to 7 to find a rare one."""
MAX_NAMED = 5
"""Classes that a message names."""


class EpochFacts(NamedTuple):
    """What the rules see of an epoch; losses in nats a name, None where not finite; accuracy from 0 to 1."""

    epoch: int
    train_loss: float | None
    validation_loss: float | None
    validation_accuracy: float


class Finding(NamedTuple):
    """An alert to be: its topic is one word."""

    topic: str
    level: AlertLevel
    message: str


@dataclass(frozen=True, slots=True)
class NotFinite:
    """The validation loss is not finite, though the training loss is (else the run pauses itself, and says why)."""

    is_so: bool = False

    def after(self, epoch: EpochFacts) -> NotFinite:
        """With the next epoch."""
        return NotFinite(epoch.validation_loss is None and epoch.train_loss is not None)

    def finding(self, epoch: EpochFacts) -> Finding:
        """What to say of the epoch in which it came to be."""
        return Finding("not-finite", "error", f"the validation loss is not finite after epoch {epoch.epoch}")


@dataclass(frozen=True, slots=True)
class OverFitting:
    """The last `RISE_FOR` epochs all have a validation loss well above the best one, and the mean of their training
    losses is below the training loss of that best epoch. A new best ends it."""

    best: EpochFacts | None = None
    since: tuple[EpochFacts, ...] = ()
    """The last epochs after the best, at most `RISE_FOR`."""
    is_so: bool = False

    def after(self, epoch: EpochFacts) -> OverFitting:
        """With the next epoch; one with a loss that is not finite says nothing, and the counting begins again."""
        loss, best = epoch.validation_loss, self.best
        if loss is None or epoch.train_loss is None:
            return replace(self, since=())
        if best is None or loss < _loss(best):
            return OverFitting(epoch)
        since = (*self.since, epoch)[-RISE_FOR:]
        return OverFitting(best, since, self.is_so or _has_risen(best, since))

    def finding(self, epoch: EpochFacts) -> Finding:
        """What to say of the epoch in which it came to be."""
        assert self.best is not None, "nothing rises from no best"
        best = self.best
        message = (
            f"over-fitting since epoch {best.epoch}: the validation loss has risen from {_loss(best):.4f} to "
            f"{epoch.validation_loss:.4f}, the training loss has fallen from {best.train_loss:.4f} to "
            f"{epoch.train_loss:.4f}; stop it, or train a new run with more dropout"
        )
        return Finding("over-fitting", "warning", message)


@dataclass(frozen=True, slots=True)
class Plateau:
    """For `FLAT_FOR` epochs neither the validation loss nor the accuracy was better than at the last improvement, by
    more than noise. An improvement ends it."""

    rows: int
    """Validation names."""
    loss: float = math.inf
    accuracy: float = -1.0
    improved: int = 0
    """The epoch of the last improvement."""
    is_so: bool = False

    def after(self, epoch: EpochFacts) -> Plateau:
        """With the next epoch; one whose loss is not finite says nothing."""
        loss, accuracy = epoch.validation_loss, epoch.validation_accuracy
        if loss is None:
            return self
        if loss < self.loss * (1 - LESS_LOSS) or accuracy > self.accuracy + self._noise():
            return Plateau(self.rows, min(loss, self.loss), max(accuracy, self.accuracy), epoch.epoch)
        return replace(self, is_so=epoch.epoch - self.improved >= FLAT_FOR)

    def _noise(self) -> float:
        share = min(max(self.accuracy, 0.0), 1.0)
        return NOISE * math.sqrt(share * (1 - share) / self.rows) if self.rows else 0.0

    def finding(self, epoch: EpochFacts) -> Finding:
        """What to say of the epoch in which it came to be."""
        message = (
            f"plateau: no improvement since epoch {self.improved}, {epoch.epoch - self.improved} epochs ago "
            f"(validation loss {self.loss:.4f}, accuracy {self.accuracy:.1%})"
        )
        return Finding("plateau", "info", message)


@dataclass(frozen=True, slots=True)
class EpochRules:
    """All rules over losses and accuracies, after the epochs so far, of a run with that many validation names."""

    plateau: Plateau
    over_fitting: OverFitting = OverFitting()
    not_finite: NotFinite = NotFinite()

    @classmethod
    def of(cls, rows: int) -> EpochRules:
        """Before the first epoch."""
        return cls(Plateau(rows))

    def after(self, epoch: EpochFacts) -> EpochRules:
        """With the next epoch."""
        return EpochRules(self.plateau.after(epoch), self.over_fitting.after(epoch), self.not_finite.after(epoch))

    def findings(self, before: EpochRules, epoch: EpochFacts) -> list[Finding]:
        """What ``epoch``, the last of them, has brought about; ``before``: these rules without it.

        That an over-fitted run stands still is nothing to add.
        """
        pairs = (
            (before.not_finite, self.not_finite),
            (before.over_fitting, self.over_fitting),
            *(() if self.over_fitting.is_so else ((before.plateau, self.plateau),)),
        )
        return [now.finding(epoch) for then, now in pairs if now.is_so and not then.is_so]


class Columns(NamedTuple):
    """Of an epoch's confusion matrix: rows by true class, and by predicted class."""

    support: Sequence[int]
    predicted: Sequence[int]


def never_predicted(epoch: int, recent: Sequence[Columns | None]) -> list[int]:
    """The classes for which ``epoch`` is the `UNPREDICTED_FOR`-th in a row in which no validation name of any class
    was taken for them, though there are such names.

    ``recent`` ends with ``epoch``; one more than `UNPREDICTED_FOR` is enough. None where the matrix is not known: then
    nothing is said, rather than twice.
    """
    known = [one for one in recent[-UNPREDICTED_FOR:] if one is not None]
    if len(known) < UNPREDICTED_FOR:
        return []
    before = recent[-UNPREDICTED_FOR - 1] if len(recent) > UNPREDICTED_FOR else None
    if before is None and epoch != UNPREDICTED_FOR:
        return []
    return [
        index
        for index, rows in enumerate(known[-1].support)
        if rows
        and not any(one.predicted[index] for one in known)
        and (epoch == UNPREDICTED_FOR or (before is not None and before.predicted[index] > 0))
    ]


def never_predicted_finding(classes: Sequence[int], labels: Sequence[str], support: Sequence[int]) -> Finding:
    """What to say of ``classes``, which `never_predicted` has found."""
    named = ", ".join(f"{inert(labels[one])[:40]} ({_names(support[one])})" for one in classes[:MAX_NAMED])
    more = f" and {len(classes) - MAX_NAMED} more classes" if len(classes) > MAX_NAMED else ""
    return Finding("never-predicted", "warning", f"not predicted once in {UNPREDICTED_FOR} epochs: {named}{more}")


def _names(count: int) -> str:
    return f"{count} validation name" + ("" if count == 1 else "s")


def _loss(epoch: EpochFacts) -> float:
    """Of an epoch whose validation loss is finite."""
    return math.inf if epoch.validation_loss is None else epoch.validation_loss


def _has_risen(best: EpochFacts, since: Sequence[EpochFacts]) -> bool:
    lowest = _loss(best)
    limit = lowest + max(RISE * abs(lowest), LEAST_RISE)
    trained = [one.train_loss for one in since if one.train_loss is not None]
    return (
        len(since) == RISE_FOR
        and all(_loss(one) > limit for one in since)
        and best.train_loss is not None
        and sum(trained) / len(trained) < best.train_loss
    )
