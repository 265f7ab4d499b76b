"""Rebuilds the bundled surname lists: ``python data/names/build.py``, or ``--check`` to compare only.

For development. It reads the surname lists of the pinned Faker and mimesis and the hand-written ones beside
it, and writes ``Label.txt`` (one surname a line, UTF-8, sorted without regard to case) and SOURCES.md. The result
depends on nothing else: where a label has more than `CAP` names, the SHA-256 of a name decides which of the last
source's names stay.

Exit status: 0 done, 1 ``--check`` found a difference, 2 a package is missing or has another version.
"""

import argparse
import hashlib
import importlib
import importlib.util
import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # mypy sees data.names as a package; a script finds its neighbours by bare name
    from .clean import SYMBOLS, clean, wanted
    from .recipes import PINNED, RECIPES, Recipe, Source
    from .sources_page import SourceCount, sources_page
else:
    from clean import SYMBOLS, clean, wanted
    from recipes import PINNED, RECIPES, Recipe, Source
    from sources_page import SourceCount, sources_page

HERE = Path(__file__).parent
CAP = 2_000
"""Most names a label may have."""


@dataclass(frozen=True)
class Listing:
    """One label's finished list and where it comes from."""

    names: tuple[str, ...]
    counts: tuple[SourceCount, ...]


def check_packages() -> str | None:
    """What to do if Faker and mimesis aren't there in the pinned versions, or None."""
    for package, version in PINNED.items():
        try:
            found = metadata.version(package)
        except metadata.PackageNotFoundError:
            found = "none"
        if found != version:
            wants = " ".join(f"{name}=={pinned}" for name, pinned in PINNED.items())
            return f"found {package} {found}, need {version}: python -m pip install {wants}"
    return None


@cache
def read(source: Source) -> tuple[str, ...]:
    """The entries of a list as they stand in its package or file."""
    if source.package == "handwritten":
        return _lines(HERE / "handwritten" / f"{source.locale}.txt")
    if source.package == "faker":
        provider = importlib.import_module(f"faker.providers.person.{source.locale}").Provider
        entries = tuple(getattr(provider, source.key))
    else:
        spec = importlib.util.find_spec("mimesis")
        assert spec is not None and spec.origin is not None, "check_packages has found it"
        person = Path(spec.origin).parent / "datasets" / source.locale / "person.json"
        surnames = json.loads(person.read_text("utf-8"))["surnames"]
        entries = tuple(surnames[source.key] if source.key else surnames)
    return entries[entries.index(source.start) :] if source.start else entries


def make(label: str, recipe: Recipe) -> Listing:
    """The list of `label`; a name counts for the first source that has it.

    Raises ValueError if a hand-written name isn't in the corpus's symbols already.
    """
    own = Source(package="handwritten", locale=label)
    for line in read(own):
        if not set(line) <= SYMBOLS or line != line.strip() or len(line) < 2:
            raise ValueError(f"handwritten/{label}.txt: write {line!r} in plain ASCII letters")
    hand = {name.casefold() for name in read(own)}
    excluded = {name.casefold() for name in _lines(HERE / "excluded" / f"{label}.txt")}
    chosen: dict[str, str] = {}
    counts = []
    for source in (own, *recipe.sources):
        found: Sequence[str] = read(source)
        if source.package != "handwritten":  # those are clean as they stand
            shared = {name.casefold() for other in source.drop_shared_with for name in read(other)} - hand
            barred = shared | excluded
            cleaned = [name for entry in found if (name := clean(entry, recipe)) is not None]
            found = [name for name in cleaned if name.casefold() not in barred and wanted(name, recipe)]
        fresh = {name.casefold(): name for name in reversed(found) if name.casefold() not in chosen}
        ranked = sorted(fresh.values(), key=lambda name: hashlib.sha256(name.encode()).digest())
        kept = ranked[: CAP - len(chosen)]
        chosen |= {name.casefold(): name for name in kept}
        counts.append(SourceCount(source, read=len(read(source)), usable=len(fresh), kept=len(kept)))
    names = sorted(chosen.values(), key=lambda name: (name.casefold(), name))
    return Listing(tuple(names), tuple(count for count in counts if count.read))


def build() -> dict[Path, str]:
    """The text of every file that the script owns."""
    listings = {label: make(label, recipe) for label, recipe in RECIPES.items()}
    texts = {HERE / f"{label}.txt": "\n".join(listing.names) + "\n" for label, listing in listings.items()}
    counts = {label: listing.counts for label, listing in listings.items()}
    return texts | {HERE / "SOURCES.md": sources_page(counts, CAP)}


def main(arguments: list[str] | None = None) -> int:
    """Runs the command line and returns the exit status."""
    parser = argparse.ArgumentParser(description="Rebuild the bundled surname lists.")
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 if a file differs")
    check = parser.parse_args(arguments).check
    if (problem := check_packages()) is not None:
        print(problem, file=sys.stderr)
        return 2
    texts = build()
    stale = [path for path, text in texts.items() if not path.exists() or path.read_bytes() != text.encode()]
    for path in stale:
        print(f"{path.name} differs" if check else f"wrote {path.name}")
        if not check:
            path.write_bytes(texts[path].encode())  # bytes: no CRLF on Windows
    return 1 if check and stale else 0


def _lines(path: Path) -> tuple[str, ...]:
    return tuple(path.read_text("utf-8").splitlines()) if path.exists() else ()


if __name__ == "__main__":
    sys.exit(main())
