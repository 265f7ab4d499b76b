"""What the terminal is asked to tell its user: a bell, and a notification of the desktop, where the user wants them."""

from __future__ import annotations

from collections.abc import Mapping

from namestui.engine.link.updates import Update
from namestui.runs.events import Alert, StateChanged
from namestui.runs.text import NOTHING, Inert, inert
from namestui.tui.state.config import Notices
from namestui.tui.state.run_state import RunState

MAX_TEXT = 200
"""Letters of a notification."""
_WITHOUT_OSC = ("dumb", "linux")
"""Terminals that would print it."""


def sequence(wanted: Notices, text: Inert, environment: Mapping[str, str]) -> str:
    """What to write to the terminal that ``environment`` describes so that it says ``text``; empty for nothing.

    OSC 9 is iTerm2's, kitty's, Windows Terminal's, OSC 777 urxvt's and foot's; Ghostty and WezTerm have both, and would
    show it twice. tmux passes it on to the terminal outside where ``allow-passthrough`` is on; GNU screen prints it.
    """
    terminal = environment.get("TERM") or "dumb"
    if terminal == "dumb":
        return ""
    bell = "\a" if wanted.bell else ""
    if wanted.desktop == "off" or terminal in _WITHOUT_OSC or "STY" in environment:
        return bell
    short = text[:MAX_TEXT].replace(";", ",")  # which separates the fields
    fields = f"9;namestui: {short}" if wanted.desktop == "osc9" else f"777;notify;namestui;{short}"
    notice = f"\x1b]{fields}\a"
    if environment.get("TMUX"):
        notice = "\x1bPtmux;" + notice.replace("\x1b", "\x1b\x1b") + "\x1b\\"
    return bell + notice


def text_of(update: Update, state: RunState) -> Inert:
    """What is worth a notification in ``update``, which ``state`` has folded in: an end, a failure, an alert; else
    nothing."""
    match update:
        case Alert():
            return Inert(f"{state.title}: {inert(update.message)}")
        case StateChanged(state="failed"):
            return Inert(f"{state.title} has failed: {inert(update.reason)}")
        case StateChanged(state="finished"):
            best, test = state.best_accuracy, state.test
            scores = [
                Inert(f"best {best:.1%}") if best is not None else NOTHING,
                Inert(f"test {test.accuracy:.1%}") if test is not None else NOTHING,
            ]
            return Inert(", ".join(filter(None, [f"{state.title} has finished after epoch {state.epoch}", *scores])))
    return NOTHING
