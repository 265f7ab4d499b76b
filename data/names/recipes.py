"""What each label's list is made of: hand-written names first, then lists of Faker and mimesis.

A `Recipe` says in which order the lists are read, how their letters become Latin ones and what is left out.
`build.py` carries the recipes out; the notes go into SOURCES.md.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .romanise import romanise_greek, romanise_russian
else:
    from romanise import romanise_greek, romanise_russian

PINNED = {"faker": "40.54.0", "mimesis": "22.2.0"}


@dataclass(frozen=True, kw_only=True)
class Source:
    """One list of surnames."""

    package: str
    """``faker``, ``mimesis`` or ``handwritten``."""
    locale: str
    """The package's locale; for ``handwritten`` the label."""
    key: str = ""
    """Faker: the provider's attribute. mimesis: the part of ``surnames`` to take, empty where it has no parts."""
    start: str = ""
    """Skip what comes before this name."""
    drop_shared_with: tuple["Source", ...] = ()
    """Lists whose names are left out of this one; the label's hand-written names stay."""

    def __str__(self) -> str:
        return f"{self.package} {self.locale} {self.key}".rstrip()


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """How to make one label's list."""

    sources: tuple[Source, ...] = ()
    """Read after the label's hand-written list. The first ones are kept whole when the cap bites."""
    romanise: Callable[[str], str] | None = None
    """Turns another script into Latin letters; accents are folded afterwards in any case."""
    particles: frozenset[str] = frozenset()
    """Words that may stand before the last one of a name, lower case. Other names of several words are dropped."""
    drop: re.Pattern[str] | None = None
    """Names of the packages, after romanisation, that match this are dropped."""
    keep: re.Pattern[str] | None = None
    """Names of the packages that don't match this are dropped."""
    note: str = ""
    """For SOURCES.md: why these sources, and what was filtered."""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


def _faker(locale: str, key: str = "last_names", *shared: Source) -> Source:
    return Source(package="faker", locale=locale, key=key, drop_shared_with=shared)


def _mimesis(locale: str, key: str = "", *shared: Source, start: str = "") -> Source:
    return Source(package="mimesis", locale=locale, key=key, start=start, drop_shared_with=shared)


def _hand(*labels: str) -> tuple[Source, ...]:
    return tuple(Source(package="handwritten", locale=label) for label in labels)


_CELTIC = _hand("Irish", "Scottish")
_BRITISH = (_faker("en_GB"), _faker("en_NZ"), _mimesis("en"), *_hand("English", "Scottish"))
_GERMAN = (_faker("de_DE"), _faker("de_AT"), _mimesis("de"), *_hand("German"))

RECIPES: dict[str, Recipe] = {
    "Arabic": Recipe(
        sources=(_faker("fr_DZ"),),
        particles=frozenset({"al", "el", "abu", "abou", "abdul", "bin", "ben"}),
        note="The packages' other Arabic lists are unvocalised Arabic script, which no table turns into the usual "
        "spellings; fr_DZ holds Algerian names in the French spelling of their bearers.",
    ),
    "Chinese": Recipe(
        sources=(_faker("zh_CN", "last_romanized_names"), _faker("zh_TW", "last_romanized_names")),
        note="zh_CN is Hanyu Pinyin without tones, zh_TW Wade-Giles without apostrophes. The hand-written list adds "
        "rarer and two-syllable names, Wade-Giles with apostrophes, and Cantonese, Hokkien, Teochew and Hakka "
        "spellings.",
    ),
    "Czech": Recipe(
        sources=(_faker("cs_CZ", "last_names_male"), _mimesis("cs")),
        drop=re.compile("ova$"),
        note="Masculine forms only. mimesis cs mixes in feminine forms (-ová, an adjective's -á) and Germanised or "
        "Polish spellings (Jedlitschka, Zawadzki), which are left out.",
    ),
    "Dutch": Recipe(
        sources=(_faker("nl_NL"), _mimesis("nl-be"), _faker("nl_BE"), _mimesis("nl", start="Aafjes")),
        particles=_words("van de den der ter ten te 't het in op aan uit 's"),
        note="Faker's nl_NL reads like a family tree with medieval, French and English kin, left out by hand "
        "(patronymics in -dr, lordships such as van Vermandois). Of mimesis nl only the second list is read: the first "
        "7,619 entries are mostly old spelling variants of one another (Roerdinck, Roerdink).",
    ),
    "English": Recipe(
        sources=(
            _faker("en_GB", "last_names", *_CELTIC),
            _faker("en_NZ", "last_names", *_CELTIC),
            _mimesis("en", "", *_CELTIC),
        ),
        drop=re.compile("^(O'|Ma?c[A-Z]|Mac)"),
        note="Spanish, German, Scandinavian, South and East Asian names of the British, New Zealand and American lists "
        "are left out by hand, and Irish and Scottish ones by rule: O', Mc and Mac, and what the hand-written Irish "
        "and Scottish lists have and the English one has not.",
    ),
    "French": Recipe(
        sources=(_faker("fr_FR"), _faker("fr_QC"), _faker("fr_CH"), _faker("fr_BE"), _mimesis("fr")),
        particles=frozenset({"le", "la", "du", "des"}),
        note="France, Quebec, Romandy and Wallonia. Portuguese, Spanish, Italian, Flemish, German, English and other "
        "names in these lists are left out by hand.",
    ),
    "German": Recipe(
        sources=(_faker("de_DE"), _faker("de_AT"), _mimesis("de")),
        particles=frozenset({"von", "zu"}),
        note="ä, ö and ü lose their dots, ß is ss. Slavic, Hungarian, Turkish, Anglicised and misread names are left "
        "out by hand. mimesis de-at and de-ch mix too many languages and aren't read.",
    ),
    "Greek": Recipe(
        sources=(_faker("el_GR", "last_names_male"), _mimesis("el", "male")),
        romanise=romanise_greek,
        drop=re.compile("(poulou|idou|iadou)$"),
        note="ELOT 743 (ISO 843). Masculine forms only; three feminine forms and two misspellings in "
        "mimesis's masculine list are left out.",
    ),
    "Irish": Recipe(
        sources=(_faker("en_IE", "last_names", *_BRITISH),),
        particles=frozenset({"mac", "de"}),
        note="Names that en_IE shares with British or American lists are kept only where the hand-written list has "
        "them. ga_IE holds the Gaelic forms of the same families and isn't read.",
    ),
    "Italian": Recipe(
        sources=(_faker("it_IT"), _mimesis("it")),
        particles=_words("de del della delle dei degli di da dal dalla la lo li le"),
        note="mimesis it is large and noisier (families abroad), so it only fills what it_IT leaves; names of other "
        "languages are left out by hand.",
    ),
    "Japanese": Recipe(
        sources=(_faker("ja_JP", "last_romanized_names"),),
        note="Hepburn without macrons, and a few passport spellings with h (Itoh, Ohno). mimesis ja is in characters, "
        "whose reading needs a dictionary.",
    ),
    "Korean": Recipe(
        note="Hand-written: Revised Romanisation, McCune-Reischauer without marks, and the spellings that bearers use "
        "(Lee, Yi, Rhee). The packages' lists are in Hangul and hold fewer names.",
    ),
    "Polish": Recipe(
        sources=(
            _faker("pl_PL", "male_last_names"),
            _mimesis("pl", "male"),
            _faker("pl_PL", "unisex_last_names", *_GERMAN),
        ),
        drop=re.compile("(ska|cka|dzka|owa|[^aeiouy]na|mann|schmidt|feld|hardt|stein)$"),
        note="Masculine forms only. The long list of names with one form fills what the first two leave; German names "
        "in it and feminine adjectives (Gumienna) are left out.",
    ),
    "Portuguese": Recipe(
        sources=(_faker("pt_PT"), _faker("pt_BR"), _mimesis("pt")),
        particles=frozenset({"da", "de", "do", "das", "dos"}),
        note="mimesis pt-br holds mostly Italian, Danish and German names and isn't read.",
    ),
    "Russian": Recipe(
        sources=(_faker("ru_RU", "last_names_male"), _mimesis("ru", "male")),
        romanise=romanise_russian,
        keep=re.compile("(ov|ev|in|yn|skiy|tskiy|oy|yy|[iy]kh)$"),
        note="BGN/PCGN. Masculine forms only, with Russian endings: Ukrainian (-enko, -chuk), Jewish, German and other "
        "names are left out, and so are misprints.",
    ),
    "Scottish": Recipe(note="Hand-written; neither package has a Scottish list. Mac and Mc stand for themselves."),
    "Spanish": Recipe(
        sources=(
            _faker("es_ES"),
            _faker("es_MX"),
            _faker("es_CO"),
            _faker("es_AR"),
            _faker("es_CL"),
            _mimesis("es"),
        ),
        particles=frozenset({"de", "del", "la", "las", "los", "san"}),
        note="Catalan, Galician and Basque names of Spain are in. Misprints (Rodrigez), a placeholder and Quechua, "
        "Aymara and French names are left out. mimesis es-mx is es_MX with foreign names added and isn't read.",
    ),
    "Vietnamese": Recipe(
        sources=(_faker("vi_VN"),),
        note="Without tone and vowel marks. The language has few surnames.",
    ),
}
