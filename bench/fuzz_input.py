"""What a terminal might send, and what it never should: keys, sequences whole and broken, pastes, mouse, sizes."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass

SIZES = (
    (1, 1),
    (2, 2),
    (3, 1),
    (1, 40),
    (20, 5),
    (60, 15),
    (160, 40),
    (80, 24),
    (80, 24),
    (120, 40),
    (120, 40),
    (200, 60),
)
KEYS = "psrRmneovyd:?/i[]123456789 kjhl%,.+-0zcwSDE!<>xbgXYZ{}ft=GMY<<>>zg"
CONTROLS = "\r\r\r\t\t\x7f\x1b\x1b\x01\x03\x04\x05\x08\x0b\x0e\x10\x11\x10\x12\x15\x16\x17\x18\x1a\x1c\x00"
NAMED = [*"ABCDHFZIO", "5~", "6~", "5~", "6~", "3~", "2~", "15~", "1;5A", "1;2B", "1;3C", "24~", "200~", "201~"]
FINALS = "ABCDFHIMORSZ[]^`abcdhmnprtuxy{|}~@$"
STARTS = (
    "o",
    "n",
    ":",
    "?",
    "/",
    "e",
    "v",
    "q",
    "m",
    "d",
    "f",
    "G",
    "gz",
    "\x10",
    "ot",
    "on",
    "o/",
    "od",
    "\x10\x11\x10",
)
ENDINGS = ("\x1b", "\x1b\x1b", "c", "\r", "")
REPLIES = (
    "\x1b]11;rgb:1c/1c/1c\x07", "\x1b]11;rgb:1c/1c/1c\x1b\\", "\x1b]52;c;QQ==\x07", "\x1b[?62;22c", "\x1b[>1;10;0c",
    "\x1bP>|xterm(370)\x1b\\", "\x1bP1$r0m\x1b\\", "\x1b_Gi=1;OK\x1b\\", "\x1b[24;80R", "\x1b[?1u", "\x1b[?2026;2$y",
    "\x1b[?2048;2$y", "\x1b[48;24;80;480;800t", "\x1b[48;0;0;0;0t", "\x1b[8;24;80t", "\x1b[?997;1n", "\x1b[0n",
)  # fmt: skip
NUMBERS = (
    0,
    1,
    2,
    3,
    9,
    13,
    27,
    48,
    97,
    127,
    155,
    255,
    57344,
    57399,
    57441,
    55296,
    65535,
    1114111,
    1114112,
    2**31,
    2**64,
)


@dataclass(frozen=True)
class Resize:
    """The terminal gets another size."""

    columns: int
    rows: int


def steps(seed: int) -> Iterator[bytes | Resize]:
    """For ever: what is written at once, or a new size."""
    draw = random.Random(seed)
    columns, rows = 120, 40
    while True:
        if draw.random() < 0.08:
            columns, rows = draw.choice(SIZES)
            yield Resize(columns, rows)
        yield b"".join(_token(draw, columns, rows) for _ in range(draw.choice((1, 1, 1, 2, 3, 8))))


def _token(draw: random.Random, columns: int, rows: int) -> bytes:
    kind = draw.choices(
        ("key", "control", "named", "start", "text", "kitty", "csi", "reply", "mouse", "paste", "cut", "noise"),
        (20, 10, 10, 8, 6, 5, 5, 4, 10, 4, 3, 3),
    )[0]
    match kind:
        case "key":
            return draw.choice(KEYS).encode()
        case "control":
            return draw.choice(CONTROLS).encode()
        case "named":
            return f"\x1b[{draw.choice(NAMED)}".encode()
        case "start":
            return (draw.choice(STARTS) + draw.choice(("", "a", "\x1b[6~", "\r", "\t")) + draw.choice(ENDINGS)).encode()
        case "text":
            return draw.choice(("Satoshi", "Müller\r", "漢字", "e\u0301", "a b c", "🙂", "[b]x[/b]", "%s {0}")).encode()
        case "kitty":
            return _kitty(draw).encode()
        case "csi":
            parameters = "".join(draw.choice("0123456789;;::<=>?$ !") for _ in range(draw.randrange(8)))
            return f"\x1b[{parameters}{draw.choice(FINALS)}".encode()
        case "reply":
            return draw.choice(REPLIES).encode()
        case "mouse":
            return _mouse(draw, columns, rows)
        case "paste":
            return _paste(draw)
        case "cut":
            whole = draw.choice(REPLIES) if draw.random() < 0.5 else _kitty(draw)
            return whole[: draw.randrange(1, len(whole))].encode()
        case _:
            return draw.randbytes(draw.randrange(1, 12))


def _kitty(draw: random.Random) -> str:
    """A key of the kitty protocol: sub-parameters, presses and releases, numbers of any size."""
    fields = [":".join(str(draw.choice(NUMBERS)) for _ in range(draw.choice((1, 1, 1, 2, 3)))) for _ in range(3)]
    return "\x1b[" + ";".join(fields[: draw.randrange(1, 4)]) + draw.choice("uuuuu~ABCDEFHPQRS")


def _mouse(draw: random.Random, columns: int, rows: int) -> bytes:
    """Mostly a press and release at a place that exists; else any button anywhere, or the old form of it."""
    x, y = draw.randint(1, columns), draw.randint(1, rows)
    chance = draw.random()
    if chance < 0.6:
        return f"\x1b[<0;{x};{y}M\x1b[<0;{x};{y}m".encode()
    if chance < 0.9:
        x, y = (draw.choice((x, -x, 0, *NUMBERS)) for _ in range(2))
        button = draw.choice((0, 2, 32, 35, 64, 65, 66, 67, 68, 128, *NUMBERS))
        return f"\x1b[<{button};{x};{y}{draw.choice('Mm')}".encode()
    return b"\x1b[M" + bytes(draw.randrange(32, 256) for _ in range(3))


def _paste(draw: random.Random) -> bytes:
    """Names, lines, nothing, bytes that are no text, escape sequences; now and then without an end."""
    text = draw.choice(
        (b"", b"\n", b"Satoshi", b"A\nB\r\nC", b"\xe9\xff\x00", b"\x1b[31m\x1b]0;x\x07", draw.randbytes(40))
    )
    return b"\x1b[200~" + text * draw.choice((1, 1, 1, 50)) + (b"\x1b[201~" if draw.random() < 0.9 else b"")
