"""The text of SOURCES.md, with the counts of the build that writes it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .recipes import PINNED, RECIPES, Source
else:
    from recipes import PINNED, RECIPES, Source

_HEAD = """# Sources of the bundled surnames

Written by `build.py`; edit `recipes.py`, `sources_page.py` or the lists in `handwritten/` and `excluded/`, and run
`python data/names/build.py` again.

{labels} labels, {total:,} surnames: one a line in `Label.txt`, distinct within a label, in ASCII letters, spaces and
apostrophes. The same surname may stand under several labels, as it does in life.

## Licences

* [Faker](https://github.com/joke2k/faker) {faker}, MIT licence: the surname lists of its person providers.
* [mimesis](https://github.com/lk-geimfari/mimesis) {mimesis}, MIT licence: the surname lists of its locales.
* `handwritten/`: written for this project from general knowledge of the languages, under the project's licence.

Nothing comes from other data sets of names.

## How a list is made

1. The hand-written names come first, then the packages' lists in the order given below.
2. Russian is romanised by BGN/PCGN 1947 (no apostrophes for the signs, ë without its dots), Greek by ELOT 743 /
   ISO 843. Latin letters lose their accents (NFD); before that ß becomes ss, ł l, ø o, đ d, ı i, æ ae, œ oe, ð d, þ th.
3. Entries that aren't one plain surname are dropped: hyphens, brackets, question marks, titles, two surnames in a row.
   Particles such as van der, de la, Le and Mac are kept.
4. One grammatical form is kept, the masculine, where a language has two: pairs such as Ivanov and Ivanova would
   land on both sides of a split.
5. Names of other languages are left out by the rules below and by hand (`excluded/Label.txt`). Most lists were
   read by eye, none was checked against a register; some foreign and rare names remain.
6. A label keeps at most {cap:,} names. The first sources are kept whole; of the source that overflows those with the
   smallest SHA-256 stay, a choice that doesn't depend on the alphabet.

In the tables, *entries* is the length of the list, *usable* counts the names that it adds to the lists above it after
cleaning, and *kept* those left by the cap.
"""


@dataclass(frozen=True)
class SourceCount:
    """How many names one source gave to a label."""

    source: Source
    read: int
    """Entries in the list."""
    usable: int
    """Names it adds to the sources before it."""
    kept: int
    """Names left by the cap."""


def sources_page(counts: Mapping[str, Sequence[SourceCount]], cap: int) -> str:
    """SOURCES.md as Markdown, from each label's counts and the cap in names."""
    totals = {label: sum(count.kept for count in sequence) for label, sequence in counts.items()}
    lines = [_HEAD.format(labels=len(totals), total=sum(totals.values()), cap=cap, **PINNED)]
    lines += ["## Totals", "", "| Label | Surnames | hand-written | Faker | mimesis |", "|---|---:|---:|---:|---:|"]
    for label, sequence in counts.items():
        by_package = {
            package: sum(count.kept for count in sequence if count.source.package == package)
            for package in ("handwritten", "faker", "mimesis")
        }
        lines.append(f"| {label} | {totals[label]} | " + " | ".join(map(str, by_package.values())) + " |")
    for label, sequence in counts.items():
        lines += ["", f"## {label}", "", f"{totals[label]} surnames. {RECIPES[label].note}", ""]
        lines += ["| Source | Entries | Usable | Kept |", "|---|---:|---:|---:|"]
        lines += [f"| {_title(c.source)} | {c.read} | {c.usable} | {c.kept} |" for c in sequence]
    return "\n".join(lines) + "\n"


def _title(source: Source) -> str:
    if source.package == "handwritten":
        return f"hand-written (`handwritten/{source.locale}.txt`)"
    key = source.key or "surnames"
    return f"{source.package} {PINNED[source.package]}, {source.locale}, `{key}`"
