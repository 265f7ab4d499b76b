"""Bytes from a terminal as keys: cut anywhere, broken anyhow."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual import events
from textual.message import Message

from bench.fuzz_input import steps
from namestui.tui.screen.input_parser import InputParser


class Clock:
    """Stands still until a test moves it."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def read(*chunks: bytes) -> list[Message]:
    """What these chunks, one soon after the other, and the silence after them are."""
    clock = Clock()
    parser = InputParser(clock)
    found = [message for chunk in chunks for message in parser.feed(chunk)]
    clock.now += 10
    return [*found, *parser.tick()]


def names(*chunks: bytes) -> list[str]:
    """The same, keys as their names and pastes as their text."""
    return [_name(message) for message in read(*chunks)]


def _name(message: Message) -> str:
    match message:
        case events.Key():
            return message.key
        case events.Paste():
            return message.text
        case _:
            return str(message)


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"q", ["q"]),
        ("é漢".encode(), ["é", "漢"]),
        (b"\x1b[A\x1bOB\x1b[1;5C\x1b[Z", ["up", "down", "ctrl+right", "shift+tab"]),
        (b"\x1b", ["escape"]),
        (b"\x1b\x1b[A", ["escape", "up"]),
        (b"\x1bq", ["alt+q"]),
        (b"\x1b]", ["right_square_bracket"]),
        (b"\x1b[[A\x1b[23$", ["f1", "f23"]),
        (b"\x1b[97u\x1b[97:65;2u\x1b[13;2u", ["a", "shift+a", "shift+enter"]),
    ],
)
def test_keys(data: bytes, expected: list[str]) -> None:
    assert names(data) == expected


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        pytest.param(b"a\xff\xe9b", ["a", "replacement_character", "replacement_character", "b"], id="not UTF-8"),
        pytest.param(b"\x1b[M \xff\xc3q", ["q"], id="old mouse report beyond column 95"),
        pytest.param(b"\x1b[97;1:1ux", ["a", "x"], id="press with sub-parameters"),
        pytest.param(b"\x1b[97;1:3u\x1b[1;1:3Ax", ["x"], id="release"),
        pytest.param(b"\x1b[99999999999999999999u\x1b[1114112ux", ["x"], id="too large"),
        pytest.param(b"\x1b[55296ux", ["x"], id="half a surrogate pair"),
        pytest.param(b"\x1b[0u\x1b[12;5Rx", ["x"], id="no key"),
        pytest.param(b"\x1b]11;rgb:1c/1c/1c\x07q", ["q"], id="colour, BEL"),
        pytest.param(b"\x1b]11;rgb:1c/1c/1c\x1b\\q", ["q"], id="colour, ST"),
        pytest.param(b"\x1bP>|xterm(370)\x1b\\\x1b_Gi=1;OK\x1b\\q", ["q"], id="name of the terminal"),
        pytest.param(b"\x1b[?62;22c\x1b[?2048;2$yq", ["q"], id="other reports"),
        pytest.param(b"\x1b[48;0;0;0;0t\x1b[48;99999999;9999999;1;1tq", ["q"], id="sizes"),
        pytest.param(b"\x1b[<0;99999;1Mq", ["q"], id="mouse nowhere"),
        pytest.param(b"\x1b[12\x1b[A", ["up"], id="cut short by another"),
        pytest.param(b"\x1b[12;", [], id="never completed"),
        pytest.param(b"\x1b]11;rgb", [], id="reply never completed"),
        pytest.param(b"\x1b[200~\xe9\x1b[31mA\nB\x00\x1b[201~q", ["\ufffd[31mA\nB", "q"], id="paste of anything"),
        pytest.param(b"\x1b[200~never closed", ["never closed"], id="paste without an end"),
    ],
)
def test_what_is_no_key_is_dropped_or_replaced(data: bytes, expected: list[str]) -> None:
    assert names(data) == expected
    assert names(*(bytes([byte]) for byte in data)) == expected


def test_the_end_of_a_reply_may_come_late_but_not_for_ever() -> None:
    clock = Clock()
    parser = InputParser(clock)
    assert [*parser.feed(b"\x1b]11;rgb:1c1c")] == []
    clock.now += 0.5  # more than a lone Esc waits
    assert [*parser.tick(), *parser.feed(b"/1c1c\x07")] == []
    assert [*parser.feed(b"\x1b]11;rgb:1c1c")] == []
    clock.now += 5
    assert [*parser.tick()] == []
    assert [str(message) for message in parser.feed(b"q")] == [str(events.Key("q", "q"))]


def test_a_reply_without_an_end_is_not_kept() -> None:
    parser = InputParser(Clock())
    assert [*parser.feed(b"\x1b]52;c;" + b"A" * 100_000)] == []
    (key,) = parser.feed(b"q")
    assert isinstance(key, events.Key)


@given(st.binary(max_size=60))
def test_any_bytes_are_read_without_an_error_and_can_be_written(data: bytes) -> None:
    for name in names(data):
        name.encode()


@given(st.integers(0, 10_000), st.randoms(use_true_random=False))
def test_it_does_not_matter_where_the_bytes_are_cut(seed: int, draw: random.Random) -> None:
    source = steps(seed)
    data = b"".join(step for step, _ in zip(source, range(6), strict=False) if isinstance(step, bytes))
    cuts = sorted(draw.randrange(len(data) + 1) for _ in range(5))
    pieces = [data[start:end] for start, end in zip([0, *cuts], [*cuts, len(data)], strict=True)]
    assert names(*pieces) == names(data)
