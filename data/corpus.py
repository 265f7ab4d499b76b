"""Loading a corpus: a folder of ``Label.txt`` files, one name a line, UTF-8."""

from __future__ import annotations

import hashlib
import unicodedata
from dataclasses import dataclass, field
from pathlib import Path

from namestui.data.alphabet import fold, is_clean

LONGEST = 200
"""Letters that a name may have."""


class CorpusError(ValueError):
    """Bad input; its text is one line that names the file and, where there is one, the line."""


@dataclass(slots=True)
class Cleaning:
    """What loading changed or dropped, in names."""

    blank: int = 0
    changed: int = 0
    dropped_letters: int = 0
    vanished: int = 0
    letters: dict[str, int] = field(default_factory=dict)

    def summary(self) -> list[str]:
        """One sentence a finding, none where nothing was changed."""
        lines: list[str] = []
        if self.changed:
            lines.append(f"{self.changed:,} names had accents or edge spaces removed")
        if self.dropped_letters:
            commonest = sorted(self.letters.items(), key=lambda item: (-item[1], item[0]))[:8]
            shown = " ".join(character for character, _ in commonest)
            lines.append(f"{self.dropped_letters:,} names lost characters outside the alphabet: {shown}")
        if self.vanished:
            lines.append(f"{self.vanished:,} names had no letter of the alphabet and were dropped")
        if self.blank:
            lines.append(f"{self.blank:,} blank lines were skipped")
        return lines


@dataclass(frozen=True, slots=True)
class Corpus:
    """Cleaned names with their labels; ``targets[i]`` indexes ``labels``. Repeated rows are kept."""

    labels: tuple[str, ...]
    names: tuple[str, ...]
    targets: tuple[int, ...]
    cleaning: Cleaning

    def fingerprint(self) -> str:
        """SHA-256 over labels and rows: equal for equal corpora, whatever their folder is called."""
        digest = hashlib.sha256("\0".join(self.labels).encode())
        for name, target in zip(self.names, self.targets, strict=True):
            digest.update(f"\n{target}\t{name}".encode())
        return digest.hexdigest()


def load_corpus(folder: Path) -> Corpus:
    """Read and clean every ``Label.txt`` of ``folder``; labels in alphabetical order.

    Raises:
        CorpusError: no such folder, fewer than two labels, or a file that cannot be used.
    """
    try:
        if not folder.is_dir():
            kind = "not a folder" if folder.exists() else "no such folder"
            raise CorpusError(f"{_shown(folder)}: {kind}; a corpus is a folder of Label.txt files, one name a line")
        files = sorted(path for path in folder.iterdir() if path.suffix == ".txt" and not path.name.startswith("."))
    except OSError as error:
        raise CorpusError(f"{_shown(folder)}: {error.strerror}") from None
    if not files:
        raise CorpusError(f"{_shown(folder)}: no .txt file in it; a corpus is a folder of Label.txt files")
    if len(files) == 1:
        raise CorpusError(f"{_shown(folder)}: only one label ({_shown(files[0].name)}); a classifier needs two or more")
    cleaning = Cleaning()
    names: list[str] = []
    targets: list[int] = []
    for target, file in enumerate(files):
        if not file.stem.isprintable():
            raise CorpusError(f"{_shown(file)}: the label holds a control character; rename the file")
        found = _read_label(file, cleaning)
        names.extend(found)
        targets.extend([target] * len(found))
    return Corpus(
        labels=tuple(file.stem for file in files), names=tuple(names), targets=tuple(targets), cleaning=cleaning
    )


def _read_label(file: Path, cleaning: Cleaning) -> list[str]:
    """The cleaned names of one file, repeated ones included."""
    try:
        text = file.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise CorpusError(f"{_shown(file)}:{line}: not UTF-8; save the file as UTF-8") from None
    except OSError as error:
        raise CorpusError(f"{_shown(file)}: {error.strerror}") from None
    if not text.strip():
        raise CorpusError(f"{_shown(file)}: empty; give it a name a line or remove it")
    names: list[str] = []
    shown = _shown(file)
    for number, raw in enumerate(text.removesuffix("\n").split("\n"), 1):
        name = _clean(raw.removesuffix("\r"), f"{shown}:{number}", cleaning)
        if name:
            names.append(name)
    if not names:
        raise CorpusError(f"{_shown(file)}: no name is left after cleaning; are its letters outside the alphabet?")
    return names


def _clean(line: str, place: str, cleaning: Cleaning) -> str:
    """One line's name, empty where nothing is left; what was done is counted in ``cleaning``."""
    if line and is_clean(line):
        return line
    if not line.strip():
        cleaning.blank += 1
        return ""
    for character in line:
        if unicodedata.category(character) == "Cc":
            raise CorpusError(f"{place}: control character U+{ord(character):04X}; remove it")
    if len(line.strip()) > LONGEST:
        raise CorpusError(f"{place}: {len(line.strip())} letters; a name may have {LONGEST}")
    name, dropped = fold(line)
    if dropped:
        for character in set(dropped):
            shown = character if character.isprintable() else f"U+{ord(character):04X}"
            cleaning.letters[shown] = cleaning.letters.get(shown, 0) + 1
    if not name:
        cleaning.vanished += 1
    elif dropped:
        cleaning.dropped_letters += 1
    elif name != line:
        cleaning.changed += 1
    return name


def _shown(path: Path | str) -> str:
    """A path as it may be printed: control and escape characters cannot reach the terminal."""
    text = str(path)
    return text if text.isprintable() else ascii(text)[1:-1]
