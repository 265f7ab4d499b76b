"""The one table of what keys do on the main screen: keys, words, when they are offered; the methods are the screen's.

Bindings, foot, palette, help and the check whether a key would do anything are all made of it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from textual.binding import Binding

from namestui.tui.screen.offered import (
    Now,
    can_pause,
    can_resume,
    can_resume_all,
    can_stop,
    has_ended,
    has_run,
    has_tabs,
    is_paused,
)


def _always(_: Now) -> bool:
    return True


@dataclass(frozen=True, kw_only=True)
class Action:
    """One thing that a key does: ``action_NAME`` of the main screen, or of the app for a name that begins so."""

    name: str
    keys: str
    """Apart by commas, as Textual calls them."""
    text: str
    """In the foot, in the palette and in the help."""
    is_offered: Callable[[Now], bool] = _always
    """Whether it would do something; what would not is not offered."""
    foot: int | None = None
    """Its rank in the foot, None: it is not there. Where room is short those with the highest go first, 0 stays."""
    shown_key: str | None = None
    """How its key is shown, where Textual's own way is longer."""

    def binding(self) -> Binding:
        """For Textual."""
        return Binding(self.keys, self.name, self.text, show=self.foot is not None, key_display=self.shown_key)


STEERING = (
    Action(name="pause", keys="p,space", text="pause", is_offered=can_pause, foot=0),
    Action(name="resume_paused", keys="p,space,r", text="resume", is_offered=is_paused, foot=0),
    Action(name="extend", keys="p,space", text="how to train on", is_offered=has_ended),
    Action(name="resume", keys="r", text="resume", is_offered=can_resume, foot=0),
    Action(name="resume_all", keys="R", text="resume all", is_offered=can_resume_all, foot=5, shown_key="R"),
    Action(name="stop", keys="s", text="stop", is_offered=can_stop),
)
"""Steer the shown run; `steering.py`."""

PANES = (
    Action(
        name="predict",
        keys="slash,i",
        text="predict",
        is_offered=lambda now: not now.in_prompt,
        foot=3,
        shown_key="/",
    ),
    Action(name="matrix", keys="m", text="matrix", is_offered=lambda now: now.pane != "matrix", foot=2),
    Action(name="log_axis", keys="y", text="log axis"),
)
"""Go to a pane and look at it otherwise; `panes.py`."""

DIALOGS = (
    Action(name="new_run", keys="n", text="new run"),
    Action(name="all_runs", keys="o", text="all runs", foot=4),
    Action(name="compare", keys="c", text="compare", is_offered=has_tabs, foot=3),
    Action(name="explain", keys="e", text="explain"),
    Action(name="console", keys="v", text="worker's log", is_offered=has_run),
    Action(name="alerts", keys="exclamation_mark", text="alerts", is_offered=has_run, shown_key="!"),
)
"""Open a dialog; `opening_dialogs.py`."""

SCREEN = (
    Action(name="dark", keys="d", text="dark/light"),
    Action(name="app.command_palette", keys="colon", text="palette", shown_key=":"),
    Action(name="help", keys="question_mark", text="help", foot=0, shown_key="?"),
    Action(name="leave", keys="q", text="leave", foot=0),
    Action(name="go_back", keys="escape", text="back", is_offered=lambda now: now.can_go_back, foot=0),
)
"""The screen itself; `main.py`, `leaving.py` and the app."""

TABS = (
    *(Action(name=f"tab({n})", keys=str(n), text=f"tab {n}") for n in range(1, 10)),
    Action(name="next_tab(-1)", keys="left_square_bracket", text="tab before", is_offered=has_tabs, shown_key="["),
    Action(name="next_tab(1)", keys="right_square_bracket", text="tab after", is_offered=has_tabs, shown_key="]"),
    Action(name="close_tab", keys="ctrl+w", text="close the tab", is_offered=has_tabs),
)
"""The tabs of the runs; `run_tabs.py`."""

ACTIONS = (*STEERING, *PANES, *DIALOGS, *SCREEN, *TABS)
_BY_NAME = {action.name.partition("(")[0]: action for action in ACTIONS}


FOOT = {action.name: action.foot for action in ACTIONS if action.foot is not None}
"""The rank of each action that stands in the foot."""


def is_offered(name: str, now: Now) -> bool:
    """Whether the action called ``name`` would do something now; what is not of this table (Textual's own) would."""
    action = _BY_NAME.get(name)
    return action is None or action.is_offered(now)
