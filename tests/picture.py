"""A picture of the screen as text that can be compared and reviewed: the rows, and below them their colours.

A picture is kept in ``tests/pictures/NAME.txt``: the rows; then of each row ``12a 3b`` for twelve cells of style a and
three of style b; then what the styles are, in the colours that a terminal of that many gets.
"""

from __future__ import annotations

import os
import string
from collections.abc import Iterable
from pathlib import Path

from rich.cells import cell_len
from rich.color import ColorSystem
from rich.style import Style
from textual.strip import Strip

FOLDER = Path(__file__).with_name("pictures")
UPDATE = "NAMESTUI_PICTURES"
"""Environment variable: ``update`` writes the pictures anew."""
_SYSTEMS = {"truecolor": ColorSystem.TRUECOLOR, "256": ColorSystem.EIGHT_BIT, "16": ColorSystem.STANDARD}
_LETTERS = string.ascii_letters + string.digits + string.punctuation


def drawn(strips: Iterable[Strip], colours: str = "truecolor") -> str:
    """The picture of these rows on a terminal of so many colours (``truecolor``, ``256``, ``16``)."""
    texts: list[str] = []
    maps: list[str] = []
    legend: dict[str, str] = {}
    for strip in strips:
        text, cells = "", ""
        for segment in strip:
            style = _described(segment.style or Style.null(), _SYSTEMS[colours])
            letter = legend.setdefault(style, _LETTERS[len(legend)])
            text += segment.text
            cells += letter * cell_len(segment.text)
        texts.append(text.rstrip())
        maps.append(_shortened(cells))
    return "\n".join([*texts, "---", *maps, "---", *(f"{letter} {style}" for style, letter in legend.items()), ""])


def check(name: str, picture: str) -> None:
    """Compare with the picture that is kept as ``name``; where it differs the new one is written beside it."""
    kept, new = FOLDER / f"{name}.txt", FOLDER / f"{name}.new.txt"
    if os.environ.get(UPDATE) == "update":
        FOLDER.mkdir(exist_ok=True)
        kept.write_text(picture, encoding="utf-8")
        new.unlink(missing_ok=True)
        return
    before = kept.read_text(encoding="utf-8") if kept.exists() else ""
    if picture == before:
        new.unlink(missing_ok=True)
        return
    new.write_text(picture, encoding="utf-8")
    raise AssertionError(
        f"the screen {name!r} looks otherwise than {kept.name}: compare it with {new.name} beside it, and if it is as"
        f" it should be run: {UPDATE}=update python -m pytest tests/test_pictures.py\n{_difference(before, picture)}"
    )


def _described(style: Style, system: ColorSystem) -> str:
    parts = [word for word in ("bold", "dim", "italic", "underline", "reverse") if getattr(style, word)]
    for before, colour in (("", style.color), ("on ", style.bgcolor)):
        if colour is not None and not colour.is_default:
            shown = colour.downgrade(system)
            parts.append(f"{before}{shown.name if system is ColorSystem.TRUECOLOR else shown.number}")
    return " ".join(parts) or "plain"


def _shortened(cells: str) -> str:
    """``aaaabb`` as ``4a2b``: rows of one style are short, and letters stay comparable."""
    runs: list[list[object]] = []
    for letter in cells:
        if runs and runs[-1][1] == letter:
            runs[-1][0] = int(str(runs[-1][0])) + 1
        else:
            runs.append([1, letter])
    return " ".join(f"{count}{letter}" for count, letter in runs)


def _difference(before: str, now: str) -> str:
    lines = zip(before.split("\n"), now.split("\n"), strict=False)
    changed = [(old, new) for old, new in lines if old != new]
    return "\n".join(f"- {old}\n+ {new}" for old, new in changed[:8])
