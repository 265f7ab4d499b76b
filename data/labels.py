"""The labels of a corpus: brought to one form, and what may not be one."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

from namestui.data.alphabet import Reading
from namestui.data.cleaning import CorpusError, shown

MAX_LABELS = 2_000
"""Labels that a corpus may have: a confusion matrix of more is no picture any more, and 12 MB as JSON."""

_CONFUSABLE = str.maketrans(
    "АВЕКМНОРСТУХІЈЅаеорсухіјѕ" + "ΑΒΕΖΗΙΚΜΝΟΡΤΥΧο",
    "ABEKMHOPCTYXIJSaeopcyxijs" + "ABEZHIKMNOPTYXo",
)
"""Cyrillic and Greek letters that look like Latin ones."""


def normalise_label(label: str, reading: Reading) -> str:
    """NFC, edge spaces stripped, so that what looks equal is equal; ``legacy`` leaves it as it is."""
    return label if reading == "legacy" else unicodedata.normalize("NFC", label).strip()


def check_label(label: str, place: str, remedy: str = "") -> None:
    """Raise CorpusError, beginning with ``place`` and ending with ``remedy``, where ``label`` can be none."""
    if not label:
        raise CorpusError(f"{place}: the label is empty{remedy}")
    if not label.isprintable():
        raise CorpusError(f"{place}: the label {shown(label)} holds a control character{remedy}")


def look_alikes(labels: Iterable[str]) -> list[str]:
    """Labels that differ by case, by invisible characters or by letters that look the same, as ``Irish, irish``."""
    groups: dict[str, list[str]] = {}
    for label in labels:
        groups.setdefault(_skeleton(label), []).append(label)
    return [", ".join(_distinguish(group)) for group in groups.values() if len(group) > 1]


def _skeleton(label: str) -> str:
    visible = "".join(part for part in unicodedata.normalize("NFKC", label) if unicodedata.category(part) != "Cf")
    return " ".join(visible.translate(_CONFUSABLE).casefold().split())


def _distinguish(group: list[str]) -> list[str]:
    """As they are where case is the difference; else with the codes of all letters that are not ASCII."""
    by_case = len({label.casefold() for label in group}) == 1
    return [shown(label) if by_case else ascii(label)[1:-1] for label in group]
