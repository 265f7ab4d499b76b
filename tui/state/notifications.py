"""What the terminal is asked to tell its user: a bell, and a notification of the desktop. Off unless it is wanted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from namestui.runs.text import Inert

Desktop = Literal["off", "osc9", "osc777"]
"""How the terminal is asked for a notification: OSC 9 (iTerm2, kitty, Windows Terminal, Ghostty, WezTerm) or OSC 777
(urxvt, foot, Ghostty, WezTerm). Not both: what knows both would show it twice."""
MAX_TEXT = 200
"""Letters of a notification."""
_WITHOUT_OSC = ("dumb", "linux")
"""Terminals that would print it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Notifications:
    """What is wanted when a run finishes, fails or raises an alert while the screen is open."""

    bell: bool = False
    desktop: Desktop = "off"

    def sequence(self, text: Inert, environment: Mapping[str, str]) -> str:
        """What to write to the terminal that ``environment`` describes so that it says ``text``; empty for nothing.

        Within tmux the notification is passed through to the terminal outside, where ``allow-passthrough`` is on.
        """
        terminal = environment.get("TERM") or "dumb"
        if terminal == "dumb":
            return ""
        bell = "\a" if self.bell else ""
        if self.desktop == "off" or terminal in _WITHOUT_OSC or "STY" in environment:  # GNU screen prints it
            return bell
        short = text[:MAX_TEXT].replace(";", ",")  # which separates the fields
        fields = f"9;namestui: {short}" if self.desktop == "osc9" else f"777;notify;namestui;{short}"
        notice = f"\x1b]{fields}\a"
        if environment.get("TMUX"):
            notice = "\x1bPtmux;" + notice.replace("\x1b", "\x1b\x1b") + "\x1b\\"
        return bell + notice
