"""What every open run takes a name for, as text: the likeliest five, bars, columns that stay where they are."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from textual.geometry import Size
from textual.style import Style

from namestui.runs.text import Inert, inert
from namestui.tui.state.name_question import Share
from namestui.tui.widgets.glyphs import ASCII, UNICODE, Glyphs
from namestui.tui.widgets.predictions import TOP, Answer, Predictions, bar
from tests.any_events import nasty_text
from tests.steering import can_steer

EMPTY = "type a name"


class Answers(Predictions):
    """Of a given size, on no screen."""

    def __init__(self, width: int, height: int, *, glyphs: Glyphs = UNICODE) -> None:
        super().__init__(empty=EMPTY, glyphs=glyphs)
        self._size_here = Size(width, height)

    @property
    def size(self) -> Size:
        return self._size_here

    def _style(self, part: str) -> Style:
        return Style(italic=part == "first")


def lines_of(answers: Sequence[Answer], width: int = 116, height: int = 2, *, glyphs: Glyphs = UNICODE) -> list[str]:
    widget = Answers(width, height, glyphs=glyphs)
    widget.show(answers)
    return widget.render().plain.split("\n")


def answer(title: str, **shares: float) -> Answer:
    return Answer(Inert(title), tuple(Share(inert(label), share) for label, share in shares.items()))


RNN = answer("RNN", Japanese=0.971, Italian=0.019, Polish=0.004, Greek=0.003, Czech=0.002, Dutch=0.001)
LSTM = answer("LSTM", Japanese=1.0, Italian=0.0, Polish=0.0, Greek=0.0, Czech=0.0, Dutch=0.0)

# Bars


@given(st.floats(-1, 2), st.integers(0, 60), st.sampled_from([ASCII, UNICODE]))
def test_a_bar_is_as_wide_as_it_should_be(share: float, width: int, glyphs: Glyphs) -> None:
    drawn = bar(share, width, glyphs)
    assert len(drawn) == cell_len(drawn) == width
    assert drawn.isascii() or not glyphs.is_ascii


@given(st.floats(0, 1), st.integers(1, 60))
def test_a_bar_is_true_to_a_sixteenth_of_a_cell(share: float, width: int) -> None:
    drawn = bar(share, width).rstrip()
    full = drawn.count("█")
    rest = drawn[full:]
    eighths = 8 * full + (" ▏▎▍▌▋▊▉".index(rest) if rest else 0)
    assert abs(eighths - 8 * width * share) <= 0.5 + 1e-9


def test_bars() -> None:
    assert bar(0, 4) == "    "
    assert bar(0.5, 4) == "██  "
    assert bar(1, 4) == "████"
    assert bar(0.78, 4) == "███▏"
    assert bar(0.5, 4, ASCII) == "##  "


@given(st.floats(0, 1), st.floats(0, 1))
def test_more_is_never_shorter(one: float, other: float) -> None:
    less, more = sorted((one, other))

    def filled(share: float) -> int:
        return sum(8 if sign == "█" else " ▏▎▍▌▋▊▉".index(sign) for sign in bar(share, 20))

    assert filled(less) <= filled(more)


# Answers


def test_nothing_asked_says_how_to_ask() -> None:
    assert lines_of([]) == [EMPTY]


def test_a_line_a_run_where_room_is_short() -> None:
    lines = lines_of([RNN, LSTM])
    assert [line.split()[0] for line in lines] == ["RNN", "LSTM"]
    # the top five, likeliest first, in columns that all runs share
    assert [label for label in lines[0].split() if label.isalpha()][1:] == [
        "Japanese",
        "Italian",
        "Polish",
        "Greek",
        "Czech",
    ]
    assert "97.1%" in lines[0]
    assert "100%" in lines[1]
    assert "Dutch" not in "".join(lines)
    for label in ("Japanese", "Italian", "Polish", "Greek", "Czech"):
        assert lines[0].index(label) == lines[1].index(label)
    assert {len(line) for line in lines} == {len(lines[0])}


def test_fewer_than_five_where_the_line_is_shorter_still() -> None:
    (line,) = lines_of([RNN], width=50)
    assert "Japanese" in line
    assert "Italian" in line
    assert "Polish" not in line
    assert len(line) <= 50


def test_blocks_side_by_side_where_there_is_room() -> None:
    lines = lines_of([RNN, LSTM, RNN], width=78, height=18)
    titles = [line.split() for line in lines if "RNN" in line or "LSTM" in line]
    assert titles == [["RNN", "LSTM"], ["RNN"]]
    assert len(lines) == 2 * (TOP + 1) + 1
    assert "Japanese" in lines[1]
    assert lines[1].count("Japanese") == 2
    assert "Czech" in lines[TOP]


@given(st.floats(0, 1))
def test_the_share_ends_in_the_same_column(share: float) -> None:
    (line,) = lines_of([answer("RNN", Japanese=share)], width=60)
    (steady,) = lines_of([answer("RNN", Japanese=0.5)], width=60)
    assert line.rstrip().endswith("%")
    assert len(line) == len(steady)
    assert line.rindex("%") == steady.rindex("%")


@pytest.mark.parametrize(("width", "height"), [(116, 2), (78, 20)])
def test_a_remark_stands_where_answers_would(width: int, height: int) -> None:
    lines = lines_of([RNN, Answer(Inert("LSTM"), remark=inert("no weights [b]yet[/b]\x1b[2J"))], width, height)
    text = "\n".join(lines)
    assert r"no weights [b]yet[/b]\x1b[2J" in text
    assert "97.1%" in text


def test_one_run_alone_is_asked_and_shown() -> None:
    assert "Japanese" in lines_of([LSTM], width=40, height=20)[1]


@pytest.mark.parametrize(("width", "height"), [(116, 3), (78, 20)])
def test_wide_letters_leave_the_columns_where_they_are(width: int, height: int) -> None:
    lines = lines_of([answer("RNN", **{"日本語の名前です": 0.9}), answer("LSTM", **{"Sumo": 0.9})], width, height)
    ascii_lines = lines_of([answer("RNN", **{"Abban": 0.9}), answer("LSTM", **{"Sumo": 0.9})], width, height)
    assert [cell_len(line) for line in lines] == [cell_len(line) for line in ascii_lines]
    at, ascii_at = (text[1 if height > 3 else 0] for text in (lines, ascii_lines))
    assert cell_len(at[: at.index("90.0%")]) == cell_len(ascii_at[: ascii_at.index("90.0%")])


any_answers = st.lists(
    st.builds(
        Answer,
        title=st.sampled_from(["RNN", "LSTM", "LSTM k3f9"]).map(Inert),
        shares=st.lists(st.builds(Share, nasty_text.map(inert), st.floats(0, 1)), max_size=6).map(tuple),
        remark=nasty_text.map(inert),
    ),
    max_size=9,
)


@given(any_answers, st.integers(1, 200), st.integers(1, 60), st.sampled_from([ASCII, UNICODE]))
def test_whatever_runs_answer_steers_nothing(answers: list[Answer], width: int, height: int, glyphs: Glyphs) -> None:
    lines = lines_of(answers, width, height, glyphs=glyphs)
    assert not can_steer("".join(lines))
    shown = [one for one in answers if one.shares]
    if width >= 40 and shown and len(shown) == len(answers):
        assert max(map(cell_len, lines)) <= width


def test_markup_in_a_label_is_text() -> None:
    widget = Answers(116, 2)
    widget.show([answer("RNN", **{"[red]x[/]": 0.9, "[bold]y": 0.1})])
    drawn = widget.render()
    assert "[red]x[/]" in drawn.plain
    assert "[bold]y" in drawn.plain
    assert {span.style for span in drawn.spans} <= {Style(italic=True), Style(italic=False)}
