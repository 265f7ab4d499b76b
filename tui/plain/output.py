"""All that is written to standard output and standard error where there is no screen."""

from __future__ import annotations

import contextlib
import io
import json
import os
import re
import sys
from typing import Any

import msgspec

from namestui.runs.text import inert

# Characters that a terminal acts upon, and halves of characters, which no encoding has.
_UNSAFE = re.compile("[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


class OutputError(Exception):
    """Standard output does not take what is written to it; the text says why, and is empty where its reader left."""


def prepare_streams() -> None:
    """Make standard input, output and error fit for use, whatever they were started with.

    A letter that an encoding lacks is written as an escape, a byte that is none is kept. A stream that was closed
    leads nowhere, so that no file that is opened later takes its place.

    Raises:
        OutputError: standard output is closed or full: then nothing should be started.
    """
    is_closed = [not _is_open(descriptor) for descriptor in range(3)]
    for descriptor in range(3):
        if is_closed[descriptor]:
            _lead_nowhere(descriptor)
    if sys.stdin is None:
        sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115 - for as long as we run
    if sys.stderr is None:
        sys.stderr = open(2, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
    if sys.stdout is None or is_closed[1]:
        raise OutputError("standard output is closed: send it to a terminal, a file or a pipe")
    for stream, errors in ((sys.stdin, "surrogateescape"), (sys.stdout, "backslashreplace")):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors=errors)
    with contextlib.suppress(io.UnsupportedOperation):
        descriptor = sys.stdout.fileno()
        try:
            os.write(descriptor, b"")  # a device that is always full says so
        except OSError as error:
            raise OutputError(_unwritable(error)) from None


def say(text: str) -> None:
    """Print ``text``, already inert, and a newline at once.

    Raises:
        OutputError: it cannot be written.
    """
    try:
        sys.stdout.write(f"{text}\n")
        sys.stdout.flush()
    except BrokenPipeError:
        raise OutputError from None
    except OSError as error:
        raise OutputError(_unwritable(error)) from None


def say_json(thing: Any) -> None:
    """Print a struct as one line of JSON that is safe to print in a terminal, whatever its encoding.

    Raises:
        OutputError: it cannot be written.
    """
    try:
        text = msgspec.json.encode(thing).decode()
    except UnicodeEncodeError:  # a file name that is no text
        text = json.dumps(msgspec.to_builtins(thing), separators=(",", ":"))
    say(escaped(text, sys.stdout.encoding or "utf-8"))


def escaped(text: str, encoding: str) -> str:
    """JSON with what a terminal would act upon, or ``encoding`` lacks, as ``\\u`` escapes; it means the same."""
    if text.isascii():
        return text.replace("\x7f", "\\u007f")
    text = _UNSAFE.sub(lambda found: f"\\u{ord(found[0]):04x}", text)
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return "".join(letter if letter.isascii() else json.dumps(letter)[1:-1] for letter in text)
    return text


def _unwritable(error: OSError) -> str:
    return f"standard output cannot be written: {error.strerror or error}"


def warn(message: str) -> None:
    """One line on standard error, in our name; where that leads nowhere, so be it."""
    with contextlib.suppress(OSError, ValueError):
        sys.stderr.write(f"namestui: {inert(message)}\n")
        sys.stderr.flush()


def give_up_output() -> None:
    """Let standard output lead nowhere: Python would complain of it once more when it ends."""
    if sys.stdout is not None:
        with contextlib.suppress(OSError, ValueError):
            _lead_nowhere(sys.stdout.fileno())


def _is_open(descriptor: int) -> bool:
    try:
        os.fstat(descriptor)
    except OSError:
        return False
    return True


def _lead_nowhere(descriptor: int) -> None:
    nowhere = os.open(os.devnull, os.O_RDWR)
    if nowhere != descriptor:
        os.dup2(nowhere, descriptor)
        os.close(nowhere)
    else:
        os.set_inheritable(nowhere, True)
