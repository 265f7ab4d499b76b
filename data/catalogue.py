"""Which corpora there are: ``bundled``, or the user's own: a folder, a .csv or a .tsv."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from namestui.data.alphabet import Reading
from namestui.data.corpus import Corpus, load_corpus

BUNDLED = Path(__file__).parent / "names"


def load_by_name(
    corpus: str,
    reading: Reading,
    on_progress: Callable[[int, int], None] | None = None,
    *,
    cache: Path | None = None,
) -> Corpus:
    """The corpus called ``bundled``, or the one at a path; the rest is as `load_corpus` has it.

    Raises:
        CorpusError: it cannot be used; one line says why.
    """
    return load_corpus(BUNDLED if corpus == "bundled" else Path(corpus), on_progress, reading=reading, cache=cache)
