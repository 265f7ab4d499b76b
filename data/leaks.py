"""Which names of one corpus another has already been trained on."""

from __future__ import annotations

from collections.abc import Sequence

from namestui.data.corpus import Corpus
from namestui.data.splits import Parts


def held_out(corpus: Corpus, parts: Parts) -> set[str]:
    """The case-folded names of the validation and test parts."""
    return names_of(corpus, parts.validation) | names_of(corpus, parts.test)


def known_names(held: set[str], corpus: Corpus, rows: Sequence[int] | None = None) -> set[str]:
    """Those of ``held`` that stand in ``rows`` of ``corpus`` (None: anywhere in it), upper and lower case as one."""
    return held & names_of(corpus, range(len(corpus.names)) if rows is None else rows)


def names_of(corpus: Corpus, rows: Sequence[int]) -> set[str]:
    """The case-folded names of ``rows``."""
    return {corpus.names[row].lower() for row in rows}
