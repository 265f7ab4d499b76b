"""Russian and Greek letters in the 26 letters of the corpus; data/transliteration.py has the Latin ones.

Sources of the tables:

* Russian: the BGN/PCGN 1947 system. Its apostrophes for the hard and soft signs are left out and its ``ë`` loses the
  diaeresis, as on maps and in the press: Горбачёв is Gorbachev, Соловьёв is Solovyev.
* Greek: ELOT 743 (1982), the same as ISO 843 type 2: ``αυ ευ ηυ`` by the sound that follows, ``γγ γξ γχ`` with n,
  ``μπ`` as b at either end of a word and mp within it.
"""

import unicodedata
from collections.abc import Callable, Sequence


def _table(script: str, latin: str) -> dict[str, str]:
    return dict(zip(script, latin.split(" "), strict=True))


RUSSIAN = _table(
    "абвгдежзийклмнопрстуфхцчшщъыьэюя",
    "a b v g d e zh z i y k l m n o p r s t u f kh ts ch sh shch  y  e yu ya",  # nothing for ъ and ь
)
YE_AFTER = frozenset("аеёиоуыэюяйъь")
"""Letters after which, as at the start of a word, BGN/PCGN writes е as ye."""

GREEK = _table("αβγδεζηθικλμνξοπρστυφχψως", "a v g d e z i th i k l m n x o p r s t y f ch ps o s")
VOICELESS = frozenset("θκξπστφχψς")
"""Letters before which, as at the end of a word, υ after α, ε or η is f; it is v before all others."""

ACUTE, DIAERESIS = "\u0301", "\u0308"


def romanise_russian(name: str) -> str:
    """A Russian name in Latin letters (BGN/PCGN); what isn't a Russian letter stays."""
    return _by_words(name, _russian_word)


def romanise_greek(name: str) -> str:
    """A Greek name in Latin letters (ELOT 743); what isn't a Greek letter stays."""
    return _by_words(name, _greek_word)


def _by_words(name: str, romanise_word: Callable[[str], str]) -> str:
    words = []
    for word in name.split():
        latin = romanise_word(word.lower())
        words.append(latin[:1].upper() + latin[1:] if word[:1].isupper() else latin)
    return " ".join(words)


def _russian_word(word: str) -> str:
    word = unicodedata.normalize("NFC", word)
    out = []
    for previous, letter in zip(" " + word, word, strict=False):
        if letter in "её":
            out.append("ye" if previous == " " or previous in YE_AFTER else "e")
        else:
            out.append(RUSSIAN.get(letter, letter))
    return "".join(out)


def _greek_word(word: str) -> str:
    letters: list[tuple[str, str]] = []  # each base letter with the marks it bears
    for character in unicodedata.normalize("NFD", word):
        if unicodedata.combining(character) and letters:
            letters[-1] = (letters[-1][0], letters[-1][1] + character)
        else:
            letters.append((character, ""))
    out, at = [], 0
    while at < len(letters):
        latin, taken = _greek_sound(letters, at)
        out.append(latin)
        at += taken
    return "".join(out)


def _greek_sound(letters: Sequence[tuple[str, str]], at: int) -> tuple[str, int]:
    """The Latin letters for what stands at `at`, and how many Greek letters they stand for (1 or 2)."""
    base, marks = letters[at]
    following, following_marks = letters[at + 1] if at + 1 < len(letters) else ("", "")
    # An accent on the first vowel, or a diaeresis on the second, says that the two are spoken apart.
    together = ACUTE not in marks and DIAERESIS not in following_marks
    if base in "αεη" and following == "υ" and together:
        after = letters[at + 2][0] if at + 2 < len(letters) else ""
        return GREEK[base] + ("f" if not after or after in VOICELESS else "v"), 2
    match base + following:
        case "ου" if together:
            return "ou", 2
        case "γγ" | "γξ" | "γχ":
            return {"γ": "ng", "ξ": "nx", "χ": "nch"}[following], 2
        case "μπ":
            return "b" if at == 0 or at + 2 == len(letters) else "mp", 2
    return GREEK.get(base, base), 1
