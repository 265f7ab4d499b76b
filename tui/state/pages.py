"""Which charts are shown where there are more than fit: pages of them, and a filter by words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from namestui.runs.text import Inert, inert


class Page(NamedTuple):
    """Part of a list: its names, its number (from 1) and how many pages there are; number 0 where there is none."""

    names: tuple[str, ...] = ()
    number: int = 0
    pages: int = 0
    words: str = ""
    """The filter, which left out other names."""

    @property
    def label(self) -> Inert:
        """What is not shown: where others are filtered out the words, where there are other pages which one it is."""
        parts = [f"only {self.words}" if self.words else "", f"{self.number} of {self.pages}" if self.pages > 1 else ""]
        return inert(" ".join(filter(None, parts)))


@dataclass(frozen=True)
class Pages:
    """A place in a list that may grow: the page is that of a name, so that nothing moves as other names come."""

    first: str = ""
    """The name that the page was turned to; the first page where there is no such name."""
    words: str = ""
    """Only names that have all these words are listed; empty: all."""

    def page(self, names: Sequence[str], size: int) -> Page:
        """What is shown of ``names``, ``size`` (at least 1) at once."""
        count = -(-len(names) // size)
        at = names.index(self.first) // size if self.first in names else 0
        return Page(tuple(names[at * size : (at + 1) * size]), min(at + 1, count), count, self.words)

    def turned(self, names: Sequence[str], size: int, step: int) -> Pages:
        """So many pages further; no further than the first and the last."""
        page = self.page(names, size)
        to = min(max(page.number - 1 + step, 0), max(page.pages - 1, 0))
        return replace(self, first=names[to * size] if to else "")

    def filtered(self, words: str) -> Pages:
        """Only names that have these words, from the first page on."""
        return Pages(words=" ".join(words.split()))


def has_words(name: str, words: str) -> bool:
    """Whether all ``words`` occur in it, whatever their case; a blank in the name may be an underscore."""
    searched = f"{name} {name.replace('_', ' ')}".casefold()
    return all(word in searched for word in words.casefold().split())


FIRST_PAGE = Pages()
"""Of all names."""
