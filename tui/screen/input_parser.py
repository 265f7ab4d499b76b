"""Bytes from the terminal as keys, mouse events and pastes; whatever is none of these is dropped, nothing raises."""

from __future__ import annotations

import re
import time
import unicodedata
from codecs import getincrementaldecoder
from collections.abc import Callable, Iterable, Iterator

from textual import events, messages
from textual._ansi_sequences import ANSI_SEQUENCES_KEYS
from textual._xterm_parser import XTermParser
from textual.constants import ESCAPE_DELAY
from textual.keys import Keys
from textual.message import Message

MAX_SEQUENCE = 64
"""Bytes of an escape sequence that can be a key or a mouse report."""
MAX_REPLY = 8192
"""Bytes of a terminal's reply to a question, of which none is ours."""
MAX_PASTE = 1 << 20
"""Bytes of one paste that are kept."""
REPLY_DELAY = 1.0
"""Seconds that the rest of a reply, or of a paste, may be late on a slow link."""
MAX_PLACE = 5000
"""Columns and rows of a mouse report, at most: there is no such terminal, but there are such reports."""

PASTE_START, PASTE_END = b"\x1b[200~", b"\x1b[201~"
_TOKEN = re.compile(
    rb"(?P<text>[^\x1b]+)"
    rb"|(?P<x10>\x1b\[M...)"  # three bytes of any kind, which need not be text
    rb"|(?P<console>\x1b\[\[[A-E])"  # F1 to F5 of the Linux console
    rb"|(?P<csi>\x1b\[[ -?]*[@-LN-Z\\-~]|\x1b\[[ -?]+[M\[])"
    rb"|(?P<broken>\x1b\[[ -?]*\[?(?=[^ -~]))"  # another sequence began before this one ended
    rb"|(?P<reply>\x1b(?:\][0-9]|P[0-9>!+=]|_G)[^\x07\x1b]*(?:\x07|\x1b\\|(?=\x1b[^\\])))"
    rb"|(?P<key>\x1bO[!-~])"
    rb"|(?P<alt>\x1b(?:[^\x1b\[\]OP_]|\][^0-9]|P[^0-9>!+=]|_[^G]))"
    rb"|(?P<escape>\x1b(?=\x1b))",
    re.DOTALL,
)
_REPLY = re.compile(rb"\x1b(?:\][0-9]|P[0-9>!+=]|_G)")
_KEY = re.compile(r"\x1b\[(\d*)(?::[\d:]*)?(?:;(\d*)(?::([\d:]*))?)?(?:;([\d:]*))?([u~A-FHP-S])")
_MOUSE = re.compile(r"\x1b\[<(\d{1,3});(-?\d{1,6});(-?\d{1,6})[Mm]")
_SYNCHRONISED = re.compile(r"\x1b\[\?2026;[1-9]\$y")
_RELEASE = "3"
_UNREADABLE = (ValueError, OverflowError, KeyError, IndexError)
"""What the library raises for the numbers and names in a sequence that it cannot read."""


class InputParser:
    """Takes bytes as they come, cut anywhere, and gives the messages that they are.

    Textual's own parser raises at sub-parameters, large numbers and bytes that are not UTF-8, and reads replies that
    it does not know as keys; here only its tables are used, on whole sequences.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._tables = XTermParser()
        self._decoder = getincrementaldecoder("utf-8")("replace")
        self._pending = b""
        self._pasted: bytearray | None = None
        self._came_at = 0.0

    def feed(self, data: bytes) -> Iterator[Message]:
        """What ``data`` completes."""
        if data:
            self._came_at = self._clock()
        self._pending += data
        while self._pending:
            if self._pasted is not None:
                if (paste := self._take_paste()) is None:
                    return
                yield paste
                continue
            found = _TOKEN.match(self._pending)
            if found is None:
                if len(self._pending) > (MAX_REPLY if _REPLY.match(self._pending) else MAX_SEQUENCE):
                    self._pending = b""
                return
            self._pending = self._pending[found.end() :]
            yield from self._read(found.lastgroup or "", found[0])

    def tick(self) -> Iterator[Message]:
        """What is complete only because nothing has followed for a while: a lone Esc, a paste without its end."""
        late = self._clock() - self._came_at
        if self._pasted is not None:
            if late >= REPLY_DELAY:
                yield self._paste()
            return
        if late < (REPLY_DELAY if _REPLY.match(self._pending) else ESCAPE_DELAY):
            return
        pending, self._pending = self._pending, b""
        yield from self._decoded(b"", final=True)
        if pending == b"\x1b":
            yield events.Key("escape", "\x1b")
        elif len(pending) == 2:
            yield from self._keys(pending[1:].decode("ascii"), alt=True)
        elif (sequence := pending.decode("ascii", "replace")) in ANSI_SEQUENCES_KEYS:
            yield from self._keys(sequence)

    def _read(self, kind: str, token: bytes) -> Iterator[Message]:
        if kind == "text":
            yield from self._decoded(token)
            return
        yield from self._decoded(b"", final=True)
        if token == PASTE_START:
            self._pasted = bytearray()
        elif len(token) > MAX_SEQUENCE or kind in ("x10", "broken", "reply"):
            return
        elif kind == "escape":
            yield events.Key("escape", "\x1b")
        elif kind == "alt":
            yield from self._alt(token[1:])
        elif kind == "csi":
            yield from self._csi(token.decode("ascii"))
        else:
            yield from self._keys(token.decode("ascii"))

    def _decoded(self, data: bytes, *, final: bool = False) -> Iterator[Message]:
        for character in self._decoder.decode(data, final):
            yield from self._keys(character)

    def _alt(self, data: bytes) -> Iterator[Message]:
        text = data.decode("utf-8", "replace")
        if data[0] >= 0x80:  # the first byte of more: what follows is text, and alt is not known with it
            yield from self._decoded(data)
        elif f"\x1b{text}" in ANSI_SEQUENCES_KEYS:
            yield from self._keys(f"\x1b{text}")
        else:
            yield from self._keys(text[0], alt=True)
            yield from self._decoded(data[1:])

    def _csi(self, sequence: str) -> Iterator[Message]:
        if sequence == "\x1b[I":
            yield events.AppFocus()
        elif sequence == "\x1b[O":
            yield events.AppBlur()
        elif _SYNCHRONISED.fullmatch(sequence):
            yield messages.TerminalSupportsSynchronizedOutput()
        elif mouse := _MOUSE.fullmatch(sequence):
            if max(int(mouse[2]), int(mouse[3])) <= MAX_PLACE and (event := self._mouse(sequence)) is not None:
                yield event
        elif sequence in ANSI_SEQUENCES_KEYS:
            yield from self._keys(sequence)
        elif key := _KEY.fullmatch(sequence):
            code, modifiers, kind, text, end = key.groups(default="")
            if kind != _RELEASE and (end in "u~" or code in ("", "1")):
                parts = [code, modifiers, text] if text else [code, modifiers] if modifiers else [code, ""]
                yield from self._keys("\x1b[" + ";".join(parts) + end)

    def _mouse(self, sequence: str) -> Message | None:
        try:
            return self._tables.parse_mouse_code(sequence)
        except _UNREADABLE:
            return None

    def _keys(self, sequence: str, *, alt: bool = False) -> Iterable[Message]:
        try:
            found = [*self._tables._sequence_to_key_events(sequence, alt=alt)]
        except _UNREADABLE:
            return []
        return [key for key in found if key.key != Keys.Ignore and key.key.isprintable() and is_text(key.character)]

    def _take_paste(self) -> Message | None:
        """The paste, once its end has come."""
        assert self._pasted is not None
        text, end, rest = self._pending.partition(PASTE_END)
        if not end:
            keep = next((n for n in range(len(PASTE_END) - 1, 0, -1) if text.endswith(PASTE_END[:n])), 0)
            text, rest = text[: len(text) - keep], text[len(text) - keep :]
        self._pasted += text[: MAX_PASTE - len(self._pasted)]
        self._pending = rest
        return self._paste() if end else None

    def _paste(self) -> Message:
        text = bytes(self._pasted or b"").decode("utf-8", "replace")
        self._pasted = None
        return events.Paste("".join(c for c in text if c in "\t\r\n" or unicodedata.category(c) != "Cc"))


def is_text(character: str | None) -> bool:
    """Whether it can be written, if it is anything: half a surrogate pair cannot."""
    return character is None or unicodedata.category(character[0]) != "Cs"
