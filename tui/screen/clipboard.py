"""Copying to the clipboard of the terminal that one sits at, also from another machine: OSC 52.

Nothing answers: whether the terminal has taken it nobody can know. ``tmux`` and GNU screen have to hand it on.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Protocol, runtime_checkable

from rich.cells import cell_len
from textual.dom import DOMNode

from namestui.runs.text import Inert
from namestui.tui.words.table import shorten

MAX_BYTES = 50_000
"""Of text: what terminals take ends at 74,994 bytes of base64 in some, and the rest would be lost in silence."""
_CHUNK = 240
"""Bytes of one sequence that GNU screen hands on: longer ones it drops."""
_WITHOUT = ("dumb", "linux")
"""Terminals that have no clipboard."""


@runtime_checkable
class Readable(Protocol):
    """A pane or a dialog with something under its cursor."""

    def reads(self) -> str:
        """The value or the row that is copied, as text; empty where there is none."""
        ...


def sequence(text: str, environment: Mapping[str, str]) -> str:
    """What to write to the terminal that ``environment`` describes so that it copies ``text``; empty: it cannot."""
    if (environment.get("TERM") or "dumb") in _WITHOUT:
        return ""
    copying = f"\x1b]52;c;{base64.b64encode(fitting(text).encode('utf-8', 'replace')).decode()}\a"
    if environment.get("TMUX"):
        # By itself for set-clipboard on, and passed through for allow-passthrough on: no one setting has both.
        return copying + "\x1bPtmux;" + copying.replace("\x1b", "\x1b\x1b") + "\x1b\\"
    if environment.get("STY"):
        return "".join(f"\x1bP{copying[i : i + _CHUNK]}\x1b\\" for i in range(0, len(copying), _CHUNK))
    return copying


def fitting(text: str) -> str:
    """The beginning of ``text``, in at most `MAX_BYTES` bytes of UTF-8, no letter of it cut."""
    return text.encode("utf-8", "replace")[:MAX_BYTES].decode("utf-8", "ignore")


def readable(focused: DOMNode | None, screen: DOMNode) -> str:
    """What the focused pane reads: it itself, all that stands with it in its pane, or the dialog as a whole."""
    for node in focused.ancestors_with_self if focused is not None else ():
        if node is screen:
            break
        if text := _text_of(node) or "\n".join(filter(None, map(_text_of, node.walk_children()))):
            return text
    return _text_of(screen)


def _text_of(node: DOMNode) -> str:
    return node.reads() if isinstance(node, Readable) and node.display else ""


def what_was_copied(text: str, environment: Mapping[str, str]) -> Inert:
    """What is said of it: no more than is known."""
    kept = fitting(text)
    lines = kept.count("\n") + 1
    shown = shorten(kept, 60) if lines == 1 and cell_len(kept) else f"{lines} lines"
    cut = f", cut to {MAX_BYTES:,} bytes" if kept != text else ""
    through = "; tmux hands it on where set-clipboard is on, or allow-passthrough" if environment.get("TMUX") else ""
    return Inert(f"sent to the terminal's clipboard: {shown}{cut}{through}")
