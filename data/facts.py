"""What a corpus and its split allow and give away, whatever is trained on them."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from namestui.data.corpus import Corpus
from namestui.data.splits import Parts


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
    classes = _classes_of_names(corpus, range(len(corpus.names)))
    trained = {corpus.names[row].casefold() for row in parts.train}
    leaked = sum(corpus.names[row].casefold() in trained for row in parts.validation)
    best = sum(max(counts.values()) for counts in _classes_of_names(corpus, parts.validation).values())
    commonest = Counter(corpus.targets[row] for row in parts.train).most_common(1)[0][0]
    hits = sum(corpus.targets[row] == commonest for row in parts.validation)
    return Facts(
        rows=len(corpus.names),
        distinct=len(classes),
        ambiguous=sum(len(counts) > 1 for counts in classes.values()),
        leak=leaked / len(parts.validation),
        ceiling=best / len(parts.validation),
        majority=hits / len(parts.validation),
    )


def _classes_of_names(corpus: Corpus, rows: Sequence[int]) -> dict[str, Counter[int]]:
    """How often each case-folded name stands in each class."""
    found: dict[str, Counter[int]] = defaultdict(Counter)
    for row in rows:
        found[corpus.names[row].casefold()][corpus.targets[row]] += 1
    return found
