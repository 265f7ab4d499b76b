"""Letters outside the 26 in those of the 26 that are usually written for them.

One table, for the bundled names as they were built, for the user's corpora and for names that are asked: a letter that
one of them lost would be another name there. Sources: ICAO Doc 9303 part 3, section 6, where a letter has no
decomposition in Unicode, but with one letter where that is the usual spelling (ø is o); Unicode's NFKD for the others.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

LETTERS = (
    {"ß": "ss", "ẞ": "SS", "æ": "ae", "Æ": "Ae", "œ": "oe", "Œ": "Oe", "ð": "d", "Ð": "D", "þ": "th", "Þ": "Th"}
    | {"ı": "i", "ȷ": "j", "ŋ": "n", "Ŋ": "N", "ĸ": "q", "ə": "e", "Ə": "E", "ɛ": "e", "Ɛ": "E", "ɔ": "o", "Ɔ": "O"}
    | {"ɩ": "i", "Ɩ": "I", "ʊ": "u", "Ʊ": "U", "ʉ": "u", "Ʉ": "U", "ɵ": "o", "Ɵ": "O", "ɣ": "g", "Ɣ": "G", "Ɖ": "D"}
    | dict.fromkeys("’‘‛ʼʻʽʾʿʹˊˋ`´′ꞌ", "'")
)
"""Letters without a decomposition, and the signs that are typed for an apostrophe."""

_MARKED = re.compile(r"LATIN (SMALL|CAPITAL) LETTER ([A-Z]) WITH ")
"""Unicode's name of one letter with a stroke, hook or tail, none of which NFKD takes off: ł ø đ ħ ŧ ɓ."""
_HYPHENS = "\u2010-\u2015\u2212\u2043\u058a\u05be\u1806\u2e3a\u2e3b\ufe31\ufe32\ufe58\ufe63\uff0d-"
_HYPHENATED = re.compile(rf"\s*[{_HYPHENS}][\s{_HYPHENS}]*")


def transliterate(text: str) -> str:
    """``text`` without accents, in plain Latin letters; what is neither comes out as it is, or decomposed."""
    return "".join(map(plain, text))


def join_by_spaces(text: str) -> str:
    """``text`` with a space for every hyphen or dash and the spaces around it."""
    return _HYPHENATED.sub(" ", text)


@lru_cache(maxsize=4096)
def plain(character: str) -> str:
    """What stands for one character: nothing for an accent, one letter or more, or the character itself."""
    if character.isascii() and character not in LETTERS:
        return character
    if character in LETTERS or unicodedata.category(character) == "Sk":  # NFKD makes a space of an accent alone
        return LETTERS.get(character, character)
    return "".join(map(_plain_part, unicodedata.normalize("NFKD", character)))


def _plain_part(character: str) -> str:
    if character in LETTERS:
        return LETTERS[character]
    category = unicodedata.category(character)
    if category == "Mn":
        return ""
    if category in ("Zs", "Zl", "Zp"):
        return " "
    marked = _MARKED.match(unicodedata.name(character, ""))
    if marked is None:
        return character
    return marked[2] if marked[1] == "CAPITAL" else marked[2].lower()
