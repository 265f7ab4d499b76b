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
    can_unzoom,
    has_ended,
    has_epochs,
    has_later_epochs,
    has_pages,
    has_run,
    has_tabs,
    has_worker,
    in_curves,
    is_in_past,
    is_part,
    is_paused,
    is_smooth,
    sees_curves,
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
    pane: str = ""
    """The pane that has to have the focus for it to stand in the foot; empty: any."""

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
        name="filter_here",
        keys="slash",
        text="filter",
        is_offered=lambda now: in_curves(now) and now.is_zoomed,
        shown_key="/",
    ),
    Action(
        name="predict",
        keys="slash,i",
        text="predict",
        is_offered=lambda now: not now.in_prompt,
        foot=3,
        shown_key="/",
    ),
    Action(name="matrix", keys="m", text="matrix", is_offered=lambda now: now.focus != "matrix", foot=2),
    Action(name="classes", keys="t", text="classes", is_offered=lambda now: now.focus != "classes", foot=6),
    Action(name="curves", keys="g", text="curves", is_offered=lambda now: now.focus != "curves", foot=6),
    Action(name="zoom", keys="z", text="zoom", is_offered=lambda now: not now.in_prompt, foot=3),
    Action(name="next_pane(1)", keys="tab", text="next pane"),
    Action(name="next_pane(-1)", keys="shift+tab", text="pane before"),
)
"""Go to a pane, or give it all of the screen; `panes.py`."""

EPOCHS = (
    Action(name="epoch_before", keys="less_than_sign", text="epoch", is_offered=has_epochs, foot=4, shown_key="<"),
    Action(
        name="epoch_after", keys="greater_than_sign", text="epoch after", is_offered=has_later_epochs, shown_key=">"
    ),
    Action(name="go_to_epoch", keys="G", text="epoch by number", is_offered=has_epochs, shown_key="G"),
    Action(name="live", keys="escape,end", text="live", is_offered=is_in_past, foot=0),
)
"""Which epoch all panes show; `curve_keys.py`."""

CURVES = (
    Action(name="column(-1)", keys="left", text="cursor left", is_offered=in_curves),
    Action(name="column(1)", keys="right", text="cursor right", is_offered=in_curves),
    Action(name="first_epoch", keys="home", text="first epoch", is_offered=in_curves),
    Action(name="closer", keys="plus,equals_sign", text="zoom in", is_offered=sees_curves, shown_key="+"),
    Action(name="farther", keys="minus", text="zoom out", is_offered=is_part, shown_key="-"),
    Action(name="whole", keys="0", text="all epochs", is_offered=is_part),
    Action(name="pan(-1)", keys="left_curly_bracket", text="pan left", is_offered=is_part, shown_key="{"),
    Action(name="pan(1)", keys="right_curly_bracket", text="pan right", is_offered=is_part, shown_key="}"),
    Action(name="x_axis", keys="x", text="x axis", is_offered=sees_curves, foot=5, pane="curves"),
    Action(name="log_axis", keys="y", text="log axis", is_offered=sees_curves, foot=7, pane="curves"),
    Action(name="rougher", keys="comma", text="smooth less", is_offered=is_smooth, shown_key=","),
    Action(
        name="smoother", keys="full_stop", text="smooth", is_offered=sees_curves, foot=5, shown_key=".", pane="curves"
    ),
    Action(name="outliers", keys="b", text="outliers", is_offered=sees_curves, foot=7, pane="curves"),
    Action(name="turn_page(-1)", keys="pageup", text="charts before", is_offered=has_pages),
    Action(name="turn_page(1)", keys="pagedown", text="more charts", is_offered=has_pages, foot=5, pane="curves"),
    Action(name="filter", keys="f", text="filter", is_offered=sees_curves, foot=5, pane="curves"),
)
"""How the charts are looked at; `curve_keys.py`."""

DIALOGS = (
    Action(name="new_run", keys="n", text="new run"),
    Action(name="all_runs", keys="o", text="all runs", foot=4),
    Action(name="compare", keys="c", text="compare", is_offered=has_tabs, foot=3),
    Action(name="explain", keys="e", text="explain"),
    Action(name="console", keys="v", text="worker's log", is_offered=has_run),
    Action(name="alerts", keys="exclamation_mark", text="alerts", is_offered=has_run, shown_key="!"),
    Action(name="machine", keys="M", text="machine", is_offered=has_worker, shown_key="M"),
)
"""Open a dialog; `opening_dialogs.py`, the alerts in `news.py`."""

SCREEN = (
    Action(name="app.copy", keys="Y,ctrl+y", text="copy", shown_key="Y"),
    Action(name="dark", keys="d", text="dark/light"),
    Action(name="app.command_palette", keys="colon", text="palette", shown_key=":"),
    Action(name="help", keys="question_mark", text="help", foot=0, shown_key="?"),
    Action(name="leave", keys="q", text="leave", foot=0),
    Action(name="unzoom", keys="escape", text="all panes", is_offered=can_unzoom, foot=0),
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

ACTIONS = (*STEERING, *PANES, *EPOCHS, *CURVES, *DIALOGS, *SCREEN, *TABS)
_BY_NAME = {action.name.partition("(")[0]: action for action in ACTIONS}


FOOT_OF = {action.name: action.pane for action in ACTIONS if action.pane}
"""Of what stands in the foot only while a pane has the focus, that pane."""

FOOT = {action.name: action.foot for action in ACTIONS if action.foot is not None}
"""The rank of each action that stands in the foot."""


def is_offered(name: str, now: Now) -> bool:
    """Whether the action called ``name`` would do something now; what is not of this table (Textual's own) would."""
    action = _BY_NAME.get(name)
    return action is None or action.is_offered(now)
