"""What comes from a terminal beside keys, and keys faster than one at a time: it is taken, or ignored."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from namestui.runs.store import RunDirectory
from tests.pseudo_terminal import PseudoTerminal

NAMESTUI = [sys.executable, "-P", "-m", "namestui.tui"]
Open = Callable[..., PseudoTerminal]


@pytest.fixture
def screen(open_screen: Open, finished: RunDirectory) -> PseudoTerminal:
    """The screen on a finished run."""
    terminal = open_screen(*NAMESTUI, "attach", finished.id)
    terminal.wait_for("finished · epoch 3/3")
    return terminal


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"\xff", id="not UTF-8"),
        pytest.param(b"\xc3", id="half a letter"),
        pytest.param(b"\x1b[200~M\xfcller\x1b[201~", id="Latin-1 paste"),
        pytest.param(b"\x1b[M \xff\x30", id="old mouse report beyond column 95"),
        pytest.param(b"\x1b[97;1:3u", id="release"),
        pytest.param(b"\x1b[97:65;1:3;97:98u", id="sub-parameters everywhere"),
        pytest.param(b"\x1b[99999999999999999999u", id="huge number"),
        pytest.param(b"\x1b[55296u", id="half a surrogate pair"),
        pytest.param(b"\x1b[0;0;0u", id="nothing"),
        pytest.param(b"\x1b[48;0;0;0;0t\x1b[<0;5;5M", id="no size"),
        pytest.param(b"\x1b[48;9999;9999;1;1t", id="a size it cannot have"),
        pytest.param(b"\x1b[<999999999999999999999;1;1M", id="mouse button that nobody has"),
    ],
)
def test_odd_input_is_ignored(screen: PseudoTerminal, data: bytes) -> None:
    screen.send(data)
    screen.send(b"/")
    screen.wait_for("enter ask every open run")
    screen.send(b"Ok")
    screen.wait_for(r"name ▸ \S*Ok")
    screen.send(b"\x1b")
    screen.wait_for("q leave")
    screen.send(b"q")
    assert screen.wait_for_end() == 0
    assert b"Traceback" not in screen.output


@pytest.mark.parametrize("end", [b"\x07", b"\x1b\\"], ids=["BEL", "ST"])
def test_a_stray_reply_of_the_terminal_is_no_keys(screen: PseudoTerminal, end: bytes) -> None:
    screen.send(b"/")
    screen.wait_for("enter ask every open run")
    screen.send(b"A\x1b]11;rgb:1c1c/1c1c/1c1c" + end + b"B")
    screen.wait_for("name ▸ AB ")


@pytest.mark.parametrize("size", [(120, 40), (80, 24)], ids=["120x40", "80x24"])
@pytest.mark.parametrize("keys", [b"/smith\r", b"m/smith\r", b"oo/smith\r", b"n\x1b[27u/smith\r"])
def test_keys_in_one_packet_go_where_each_belongs(screen: PseudoTerminal, keys: bytes, size: tuple[int, int]) -> None:
    screen.resize(*size)
    screen.wait_for("q leave")
    screen.send(keys)
    # THEN the name is in the prompt, and it has been asked
    screen.wait_for(r"name ▸ smith\b")
    screen.wait_for("no weights yet")


@pytest.mark.parametrize(
    ("keys", "shown"),
    [
        (b"n123", r"epochs +123 "),
        (b"n\t\t77", r"seed +77 "),
        (b"o/zzz", r"zzz "),
        (b":worker", r"worker's log"),
        (b"ml\x1b[B\x1b[B", r"true Kirik|true Sumo"),
    ],
)
def test_keys_in_one_packet_reach_what_the_first_has_opened(screen: PseudoTerminal, keys: bytes, shown: str) -> None:
    screen.send(keys)
    screen.wait_for(shown)


def test_several_pasted_names(screen: PseudoTerminal) -> None:
    screen.send(b"/\x1b[200~Smith\r\nKowalski\r\n\r\nSatoshi\r\n\x1b[201~")
    # THEN the first is asked, and it is said what became of the others
    screen.wait_for("name ▸ Smith ")
    screen.wait_for("3 names pasted")
    screen.wait_for("no weights yet")
    # AND they are at hand, ready to be replaced by what is typed
    screen.send(b"\x1b[B")
    screen.wait_for("name ▸ Kowalski ")
    screen.send(b"X")
    screen.wait_for("name ▸ X ")


def test_the_size_is_the_terminals_not_an_exported_one(open_screen: Open, finished: RunDirectory) -> None:
    terminal = open_screen(*NAMESTUI, "attach", finished.id, COLUMNS="70", LINES="20")
    terminal.wait_for("(?s)confusion · RNN.*q leave")  # all panes at once
    terminal.resize(80, 24)
    terminal.wait_for("Curves +Matrix +Classes +Predict")


def test_gnu_screen_gets_no_mouse_reports(open_screen: Open, finished: RunDirectory) -> None:
    terminal = open_screen(*NAMESTUI, "attach", finished.id, STY="1234.pts-0.host")
    terminal.wait_for("finished · epoch 3/3")
    assert b"?1049h" in terminal.output
    assert not re.search(rb"\?(1000|1002|1003|1006|1015)h", terminal.output)
    terminal.type("q")
    assert terminal.wait_for_end() == 0


@pytest.mark.parametrize("term", ["dumb", "unknown"])
@pytest.mark.parametrize("arguments", [[], ["new", "rnn"], ["attach", "last"], ["replay", "last"]])
def test_a_dumb_terminal_gets_one_line(
    open_screen: Open, finished: RunDirectory, arguments: list[str], term: str
) -> None:
    terminal = open_screen(*NAMESTUI, *arguments, TERM=term)
    assert terminal.wait_for_end() == 2
    assert terminal.output.count(b"\n") == 1
    assert b"\x1b" not in terminal.output
    said = terminal.output.decode()
    assert said.startswith(f"namestui: TERM={term} cannot draw the screen; ")
    assert said.rstrip().endswith(", or try TERM=xterm-256color")
    assert finished.path.parent.joinpath(finished.id).is_dir()
    assert len(list(finished.path.parent.iterdir())) == 1


def test_a_home_of_nobody_is_one_line(open_screen: Open) -> None:
    terminal = open_screen(*NAMESTUI, NAMESTUI_HOME="~nobodyxyz")
    assert terminal.wait_for_end() == 2
    assert terminal.output.decode().splitlines() == ["namestui: NAMESTUI_HOME ~nobodyxyz: there is no such user"]


def test_a_home_below_a_folder_that_is_gone_is_one_line(open_screen: Open, tmp_path: Path) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    enter = 'cd "$1" && rmdir "$1" && shift && exec "$@"'
    terminal = open_screen("/bin/sh", "-c", enter, "sh", str(gone), *NAMESTUI, NAMESTUI_HOME="here")
    assert terminal.wait_for_end() == 2
    (line,) = terminal.output.decode().splitlines()
    assert line.startswith("namestui: NAMESTUI_HOME here: the current folder is gone")


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_a_placeholder_can_be_read_in_16_colours(open_screen: Open, finished: RunDirectory, theme: str) -> None:
    terminal = open_screen(*NAMESTUI, "attach", finished.id, TERM="xterm", COLORTERM="")
    terminal.wait_for("finished · epoch 3/3")
    terminal.send(b"n" if theme == "dark" else b"dn")
    terminal.wait_for("the recipe's")
    row = next(row for row, line in enumerate(terminal.screen.display) if "the recipe's" in line)
    first = terminal.screen.display[row].index("the recipe's")
    for column in range(first + 1, first + len("the recipe's")):
        cell = terminal.screen.buffer[row][column]
        assert cell.fg != cell.bg
