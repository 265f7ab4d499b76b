"""Which corpora there are: ``bundled``, or the user's own: a folder, a .csv or a .tsv."""

from __future__ import annotations

from pathlib import Path

from namestui.data.corpus import Corpus, load_corpus

BUNDLED = Path(__file__).parent / "names"


def resolve(corpus: str) -> str:
    """``corpus`` as a run's config keeps it: ``bundled`` or an absolute path."""
    return corpus if corpus == "bundled" else str(Path(corpus).expanduser().absolute())


def load(corpus: str) -> Corpus:
    """The corpus called ``bundled``, or the one at a path.

    Raises:
        CorpusError: it cannot be used; one line says why.
    """
    return load_corpus(BUNDLED if corpus == "bundled" else Path(corpus))
