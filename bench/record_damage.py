"""Everything that can be wrong with a file of a run: what it is, how large it is, and any field of its JSON."""

from __future__ import annotations

import errno
import fcntl
import json
import os
import random
import shutil
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

from namestui.runs.sockets import address

SPARSE = 20 << 30
LONG_LINE = 50 << 20
DEEP = 200_000

FILES = (
    *(
        "config.json",
        "events.jsonl",
        "confusion.bin",
        "last.pt",
        "previous.pt",
        "best.safetensors",
        "initial.safetensors",
    ),
    *("worker.json", "worker.log", "lock", "notes.json", "socket"),
)
JSON_FILES = ("config.json", "worker.json", "notes.json")
ERRNOS = (errno.EACCES, errno.EIO, errno.ESTALE, errno.ELOOP, errno.ENOTDIR, errno.ENAMETOOLONG, errno.EPERM)
NO_LOCKS = (errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP, errno.EIO)

VALUES: tuple[Any, ...] = (
    *(None, True, False, 0, -1, 1, 2, 10**6, 10**9, 10**18, 2**63 - 1, 2**64, -(2**63), 10**30),
    *(0.5, -0.0, 1e308, -1e308, 1e-320, "", "NaN", "Infinity", "-1", "0", "12", "rnn", "bundled", "ngram", "x" * 5000),
    *("\x1b[31mred\x1b]0;title\x07", "\u202eevil", "\x00", "\ud800", "../../etc/passwd", "/dev/zero", "-rf", "é" * 300),
    *([], {}, [[]], [None], [0] * 1000, [[1] * 3] * 3, [[-1, 2], [3]], {"a": {"b": []}}, {"kind": "alert"}),
)
"""What is put in the place of any value; a lone surrogate is written as its escape, which is JSON and no text."""

Damage = Callable[[random.Random, Path, Path], str]


def special_file(draw: random.Random, run: Path, outside: Path) -> str:
    """A file becomes a FIFO, a device, a directory, a socket, or a link to something."""
    path = run / draw.choice(FILES)
    kind = draw.choice(
        ("fifo", "directory", "full directory", "socket", "/dev/zero", "/dev/null", "outside", "dangling", "loop")
    )
    _remove(path)
    match kind:
        case "fifo":
            os.mkfifo(path)
        case "directory":
            path.mkdir()
        case "full directory":
            path.mkdir()
            (path / "x").write_bytes(b"x")
        case "socket":
            with socket.socket(socket.AF_UNIX) as unheard, address(path) as name:
                unheard.bind(name)
        case "outside":
            path.symlink_to(outside / "file")
        case "dangling":
            path.symlink_to(outside / "new")
        case "loop":
            path.symlink_to(path.name)
        case device:
            path.symlink_to(device)
    return f"{path.name} is a {kind}"


def bytes_of_a_file(draw: random.Random, run: Path, _outside: Path) -> str:
    """A file is empty, cut, random, zeros, a sparse giant, one endless line, not UTF-8, or nested for ever."""
    path = run / draw.choice(FILES)
    before = path.read_bytes() if path.is_file() else b""
    kind = draw.choice(
        ("empty", "cut", "random", "zeros", "sparse", "grown sparse", "line", "bytes", "deep", "newlines", "flip")
    )
    _remove(path)
    at = draw.randrange(len(before) + 1)
    deep = b'{"a":' * DEEP
    data = {
        "empty": b"",
        "cut": before[:at],
        "random": draw.randbytes(draw.randrange(1, 5000)),
        "zeros": bytes(len(before) + 10),
        "sparse": b"",
        "grown sparse": before,
        "line": before + b'{"kind":"' + b"x" * LONG_LINE + b"\n" + before[at:],
        "bytes": before[:at] + b"\xff\xfe\xed\xa0\x80" + before[at:],
        "deep": draw.choice((deep, before + deep + b"\n", b"[" * DEEP + b"]" * DEEP + b"\n" + before)),
        "newlines": before + draw.choice((b"\n", b"{}\n", b"null\n")) * 300_000,
        "flip": before[:at] + draw.randbytes(1) + before[at + 1 :],
    }[kind]
    path.write_bytes(data)
    if "sparse" in kind:
        os.truncate(path, SPARSE)
    return f"{path.name}: {kind}"


def field_of_a_file(draw: random.Random, run: Path, _outside: Path) -> str:
    """Any value of a JSON file has another type, is missing, huge, negative or nasty."""
    path = run / draw.choice(JSON_FILES)
    content = json.loads(path.read_bytes()) if path.exists() else {"name": "one", "tags": ["a"], "note": "b"}
    found, said = _changed(draw, content)
    path.write_text(_text(found))
    return f"{path.name}: {said}"


def field_of_the_log(draw: random.Random, run: Path, _outside: Path) -> str:
    """Any value of some lines of the log, first ones rather than others, is something else."""
    path = run / "events.jsonl"
    lines = _log(path)
    damages = []
    for _ in range(draw.choice((1, 1, 1, 3, 10))):
        at = draw.choice((0, min(1, len(lines) - 1), len(lines) - 1, draw.randrange(len(lines))))
        try:
            content, said = _changed(draw, json.loads(lines[at]))
        except ValueError:  # made no JSON already
            continue
        lines[at] = _text(content).encode()
        damages.append(f"line {at}: {said}")
    path.write_bytes(b"".join(line + b"\n" for line in lines))
    return f"events.jsonl: {'; '.join(damages)}"


def settings_in_the_log(draw: random.Random, run: Path, _outside: Path) -> str:
    """A setting, a class, a count or a number of epochs in ``run_started`` is something else."""
    path = run / "events.jsonl"
    first, *rest = [line + b"\n" for line in _log(path)]
    started = json.loads(first)
    key = draw.choice(("config", "classes", "train", "validation", "test", "head", "corpus_summary", "model_text"))
    if isinstance(started.get(key), dict) and started[key]:
        inner = draw.choice(sorted(started[key]))
        if draw.random() < 0.3:
            del started[key][inner]
        else:
            started[key][inner] = draw.choice(VALUES)
        key = f"{key}.{inner}"
    elif key == "classes":
        started[key] = draw.choice(([], ["a"], started[key] * 40, started[key][:-1], ["\x1b[2J"] * 3, ["x" * 9000] * 3))
    else:
        started[key] = draw.choice(VALUES)
    path.write_bytes(b"".join([_text(started).encode() + b"\n", *rest]))
    return f"run_started: {key}"


def order_of_the_log(draw: random.Random, run: Path, _outside: Path) -> str:
    """Lines are missing, twice, shuffled, or another's."""
    path = run / "events.jsonl"
    lines = [line + b"\n" for line in _log(path)]
    kind = draw.choice(("shuffled", "twice", "without the first", "thinned", "only the last", "seq anew"))
    if kind == "shuffled":
        draw.shuffle(lines)
    elif kind == "twice":
        lines += lines
    elif kind == "without the first":
        lines = lines[draw.randrange(1, 5) :]
    elif kind == "thinned":
        lines = [line for line in lines if draw.random() < 0.6]
    elif kind == "only the last":
        lines = lines[-1:]
    else:
        kinds = [json.loads(line) for line in lines]
        draw.shuffle(kinds)
        lines = [json.dumps({**event, "seq": seq}).encode() + b"\n" for seq, event in enumerate(kinds)]
    path.write_bytes(b"".join(lines))
    return f"events.jsonl: {kind}"


DAMAGES: tuple[Damage, ...] = (
    special_file,
    special_file,
    bytes_of_a_file,
    bytes_of_a_file,
    field_of_a_file,
    field_of_the_log,
    field_of_the_log,
    settings_in_the_log,
    order_of_the_log,
)


@contextmanager
def failing(draw: random.Random, run: Path) -> Iterator[str]:
    """Within the block the system refuses one file of the run, or its lock: what root cannot have by file modes."""
    name, number = draw.choice((*FILES, run.name)), draw.choice(ERRNOS)
    real_open, real_flock = os.open, fcntl.flock

    def refused(path: Any, flags: int, mode: int = 0o777, *, dir_fd: int | None = None) -> int:
        folder = Path(f"/proc/self/fd/{dir_fd}").readlink() if dir_fd is not None else Path(os.fsdecode(path)).parent
        if Path(os.fsdecode(path)).name == name and folder in (run, run.parent):
            raise OSError(number, os.strerror(number), os.fsdecode(path))
        return real_open(path, flags, mode, dir_fd=dir_fd)

    def unlockable(descriptor: int, operation: int) -> None:
        where = Path(f"/proc/self/fd/{descriptor}").readlink()
        if where.parent == run:
            raise OSError(number, os.strerror(number))
        real_flock(descriptor, operation)

    if draw.random() < 0.3:
        number = draw.choice(NO_LOCKS)
        with patch.object(fcntl, "flock", unlockable):
            yield f"flock: {errno.errorcode[number]}"
    else:
        with patch.object(os, "open", refused):
            yield f"{name}: {errno.errorcode[number]}"


def _log(path: Path) -> list[bytes]:
    """The lines of a log; of a run that was never started, one that starts nothing."""
    return path.read_bytes().splitlines() if path.exists() else [b'{"kind":"run_started","config":{},"classes":[]}']


def _text(content: Any) -> str:
    """JSON, but for infinity, which Python's own writer has as well."""
    return json.dumps(content).replace('"Infinity"', "Infinity")


def _changed(draw: random.Random, content: Any) -> tuple[Any, str]:
    """``content`` with one value in it replaced, or taken out; and which."""
    places = list(_places(content))
    if not places:
        return draw.choice(VALUES), "all of it"
    holder, key = draw.choice(places)
    if isinstance(holder, dict) and draw.random() < 0.2:
        del holder[key]
        return content, f"no {key}"
    value = draw.choice(VALUES)
    holder[key] = value
    return content, f"{key} is {str(value)[:30]!r}"


def _places(content: Any) -> Iterator[tuple[Any, Any]]:
    keys: Any = content if isinstance(content, dict) else range(len(content)) if isinstance(content, list) else ()
    for key in list(keys):
        yield content, key
        yield from _places(content[key])


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
