"""What a terminal is sent of a frame: less, and it looks the same."""

from __future__ import annotations

import pyte
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyte.screens import Char

from namestui.tui.screen.frames import Frames

COLUMNS, ROWS = 12, 4
SIZE = COLUMNS, ROWS
STYLES = ("", "31", "1;38;5;183;48;5;233", "38;5;231;48;5;233", "38;2;1;2;3", "7;48;5;88", "2;3;4;97;100", "9;48;5;88")

texts = st.text("ab  0·│⣿✓é", min_size=1, max_size=COLUMNS)
odd_texts = st.sampled_from(["漢", "a漢b", "e\u0301", "👍x"])


@st.composite
def runs(draw: st.DrawFn, content: st.SearchStrategy[str]) -> str:
    """A move, and pieces of text in styles of their own that fit behind it, as Textual writes them."""
    x, y = draw(st.integers(0, COLUMNS - 1)), draw(st.integers(0, ROWS - 1))
    pieces, room = [f"\x1b[{y + 1};{x + 1}H"], COLUMNS - x
    for text in draw(st.lists(content, max_size=3)):
        style, fitting = draw(st.sampled_from(STYLES)), text[:room]
        room -= len(fitting) + (0 if fitting.isprintable() and fitting.isascii() else 1)
        if fitting:
            pieces.append(f"\x1b[{style}m{fitting}\x1b[0m" if style else fitting)
        if room <= 0:
            break
    return "".join(pieces)


def frames(content: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Some runs, and where the cursor is at last."""
    return st.lists(runs(content), max_size=6).map(lambda parts: "".join(parts) + "\x1b[2;3H")


class Terminal:
    """What is seen of what is written."""

    def __init__(self) -> None:
        self.screen = pyte.Screen(COLUMNS, ROWS)
        self._stream = pyte.Stream(self.screen)
        self.write("\x1b[?7l")

    def write(self, data: str) -> None:
        """Take it in, as a terminal does behind a tty that begins a line anew."""
        self._stream.feed(data.replace("\n", "\r\n"))

    def seen(self) -> list[list[Char]]:
        """Every cell, without what makes no difference to a blank; the place of the cursor."""
        return [[_seen(self.screen.buffer[y][x]) for x in range(COLUMNS)] for y in range(ROWS)]

    def cursor(self) -> tuple[int, int]:
        """Column and row."""
        return self.screen.cursor.x, self.screen.cursor.y


def _seen(char: Char) -> Char:
    is_blank = char.data == " " and not (char.reverse or char.underscore or char.strikethrough)
    return char._replace(fg="default", bold=False, italics=False) if is_blank else char


@given(st.lists(frames(texts), min_size=1, max_size=6))
def test_it_looks_as_if_all_had_been_written(drawn: list[str]) -> None:
    plain, small, reducing = Terminal(), Terminal(), Frames()
    for frame in drawn:
        plain.write(frame)
        small.write(reducing.reduced(frame, SIZE))
        assert small.seen() == plain.seen()
        assert small.cursor() == plain.cursor()


@given(st.lists(frames(texts | odd_texts), min_size=1, max_size=6))
def test_so_it_does_where_nobody_knows_how_wide_a_character_is(drawn: list[str]) -> None:
    plain, small, reducing = Terminal(), Terminal(), Frames()
    for frame in drawn:
        plain.write(frame)
        small.write(reducing.reduced(frame, SIZE))
        assert small.seen() == plain.seen()


@given(runs(texts))
def test_the_same_again_is_nothing(drawn: str) -> None:
    reducing, frame = Frames(), drawn + "\x1b[2;3H"
    reducing.reduced(frame, SIZE)
    assert reducing.reduced(frame, SIZE) == ""


def test_one_digit_costs_a_move_and_a_digit() -> None:
    row = "\x1b[2;1H\x1b[38;5;231;48;5;88m  {} \x1b[0m\x1b[38;5;239;48;5;233m   · \x1b[0m\x1b[1;1H"
    reducing = Frames()
    reducing.reduced(row.format(12), SIZE)
    assert reducing.reduced(row.format(12), SIZE) == ""
    assert reducing.reduced(row.format(13), SIZE) == "\x1b[2;4H\x1b[38;5;231;48;5;88m3\x1b[1;1H\x1b[0m"


def whole(letter: str) -> str:
    """A frame of the whole screen."""
    return "\n".join(f"\x1b[{y};1H{letter * COLUMNS}" for y in range(1, ROWS + 1)) + "\x1b[1;1H"


def test_a_whole_frame_is_drawn_whatever_was_there() -> None:
    reducing, terminal = Frames(), Terminal()
    terminal.write(reducing.reduced(whole("x"), SIZE))
    terminal.write("\x1b[3;3Hsomebody else")
    terminal.write(reducing.reduced(whole("x"), SIZE))
    assert terminal.screen.display == ["x" * COLUMNS] * ROWS


@pytest.mark.parametrize(
    "data", ["\x1b[2J", "\x1b[?1049h", "\x1b[1;1Hab\x1b[K", "\x1b[1;1H\x1b[22mab", "\x1b[9;1Ha", "a\tb"]
)
def test_what_is_no_frame_is_written_as_it_is_and_what_follows_is_drawn_anew(data: str) -> None:
    reducing, frame = Frames(), "\x1b[1;1Habc\x1b[1;1H"
    assert reducing.reduced(frame, SIZE) == reducing.reduced(data, SIZE).replace(data, frame)
    assert "abc" in reducing.reduced(frame, SIZE)


@pytest.mark.parametrize("data", ["\x1b[?2026h", "\x1b[?2026l", "\x07", "\x1b]9;done\x07", "\x1b]52;c;eA==\x1b\\"])
def test_what_draws_nothing_is_written_and_changes_nothing(data: str) -> None:
    reducing, frame = Frames(), "\x1b[1;1Habc\x1b[1;1H"
    reducing.reduced(frame, SIZE)
    assert reducing.reduced(data, SIZE) == data
    assert reducing.reduced(frame, SIZE) == ""


def test_another_size_is_drawn_anew() -> None:
    reducing, frame = Frames(), "\x1b[1;1Habc\x1b[1;1H"
    reducing.reduced(frame, SIZE)
    assert "abc" in reducing.reduced(frame, (COLUMNS + 1, ROWS))
