"""What a corpus and its split allow and give away, whatever is trained on them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from namestui.data.corpus import Corpus
from namestui.data.groups import NameGroups, group_names
from namestui.data.splits import Parts

_Counts = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Facts:
    """Names are counted case-folded; shares are from 0 to 1, of the validation part.

    ``leak``: rows whose name occurs in the training part too. ``ceiling``: the accuracy that no classifier of the
    string alone can pass there, because equal names stand in several classes. ``majority``: the accuracy of always
    naming the training part's commonest class.
    """

    rows: int
    distinct: int
    ambiguous: int
    leak: float
    ceiling: float
    majority: float


def facts(corpus: Corpus, parts: Parts) -> Facts:
    """Count them; ``ambiguous`` names stand in two classes or more."""
    groups = group_names(corpus.names)
    train, validation = np.asarray(parts.train), np.asarray(parts.validation)
    trained = np.zeros(len(groups.first), dtype=np.bool_)
    trained[groups.of_row[train]] = True
    _, most = _classes_of_names(groups, corpus, validation)
    classes, _ = _classes_of_names(groups, corpus, np.arange(len(corpus.names)))
    commonest = np.bincount(corpus.targets[train]).argmax()
    return Facts(
        rows=len(corpus.names),
        distinct=len(groups.first),
        ambiguous=int((classes > 1).sum()),
        leak=float(trained[groups.of_row[validation]].mean()),
        ceiling=int(most.sum()) / len(validation),
        majority=float((corpus.targets[validation] == commonest).mean()),
    )


def _classes_of_names(groups: NameGroups, corpus: Corpus, rows: npt.NDArray[np.int64]) -> tuple[_Counts, _Counts]:
    """For each case-folded name in ``rows``, in how many classes it stands, and how often in its commonest."""
    pairs = groups.of_row[rows].astype(np.int64) << 32 | corpus.targets[rows]
    pairs, counts = np.unique(pairs, return_counts=True)
    begins = np.flatnonzero(np.diff(pairs >> 32, prepend=-1))
    return np.diff(begins, append=len(pairs)), np.maximum.reduceat(counts, begins)
