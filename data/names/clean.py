"""From an entry of a source list to a surname of the corpus, or to none."""

import re
from typing import TYPE_CHECKING

from namestui.data.alphabet import ALPHABET
from namestui.data.transliteration import transliterate

if TYPE_CHECKING:
    from .recipes import Recipe
else:
    from recipes import Recipe

SYMBOLS = frozenset(ALPHABET)
"""The corpus's 57 symbols. Full stop, comma and semicolon mark abbreviations and the like, so no surname has them."""

_SURNAME = re.compile(r"[A-Za-z' ]*[A-Za-z]")
_PREFIX = re.compile(r"\b(O'|D'|L'|Mc|Dall'|Dell')([a-z])")


def clean(entry: str, recipe: Recipe) -> str | None:
    """The surname in `entry` in the corpus's symbols, or None if it isn't one plain surname.

    Dropped are double-barrelled names and notes (hyphens, brackets, question marks), letters that have no Latin
    form, single letters, and several words of which the first ones aren't `recipe.particles`.
    """
    text = " ".join(entry.split())
    if recipe.romanise is not None:
        text = recipe.romanise(text)
    text = transliterate(text)
    if len(text) < 2 or not _SURNAME.fullmatch(text):
        return None
    *particles, name = text.split(" ")
    if any(word.lower() not in recipe.particles for word in particles) or name.lower() in recipe.particles:
        return None
    return capitalise(text)


def capitalise(name: str) -> str:
    """`name` with the usual capitals: CHEN is Chen, Mcbride is McBride and O'brien is O'Brien; van Dijk stays."""
    if name.isupper():
        name = name.title()
    name = _PREFIX.sub(lambda match: match[1] + match[2].upper(), name)
    *particles, last = name.split(" ")
    return " ".join([*particles, last[:1].upper() + last[1:]])


def wanted(name: str, recipe: Recipe) -> bool:
    """Whether the recipe's patterns let this name of a package through."""
    if recipe.drop is not None and recipe.drop.search(name):
        return False
    return recipe.keep is None or recipe.keep.search(name) is not None
