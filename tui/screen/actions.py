"""The one table of what keys do on the main screen: keys, words, when they are offered; the methods are the screen's.

Bindings, foot, palette, help and the check whether a key would do anything are all made of it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from textual.binding import Binding

from namestui.runs.events import State
from namestui.tui.state.open_runs import OpenRuns
from namestui.tui.state.run_state import RESUMABLE
from namestui.tui.widgets.pane_tabs import PANES


@dataclass(frozen=True, kw_only=True)
class Now:
    """What decides which actions are offered."""

    runs: OpenRuns
    is_replay: bool = False
    pane: str = ""
    """The only one that a small terminal shows; empty where all are shown."""
    in_prompt: bool = False

    @property
    def can_go_back(self) -> bool:
        """Whether there is something to leave: the prompt, or a pane that is not the first."""
        return self.in_prompt or self.pane not in ("", PANES[0])

    @property
    def state(self) -> State | None:
        """Of the shown run; None while there is none."""
        return self.runs.shown.state if self.runs.shown is not None else None


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


def _can_pause(now: Now) -> bool:
    return now.state in (None, "starting", "running", "pausing", "stopping")


def _is_paused(now: Now) -> bool:
    return now.state == "paused"


def _can_resume(now: Now) -> bool:
    return now.runs.shown is not None and now.runs.shown.can_resume and not now.is_replay


def _can_resume_all(now: Now) -> bool:
    return not now.is_replay and any(state.state == "interrupted" for state in now.runs)


def _has_ended(now: Now) -> bool:
    return now.state in ("finished", *RESUMABLE)


def _can_stop(now: Now) -> bool:
    return now.runs.shown is not None and now.runs.shown.is_live and not now.is_replay


def _has_tabs(now: Now) -> bool:
    return len(now.runs) > 1


def _has_run(now: Now) -> bool:
    return now.state is not None


ACTIONS = (
    Action(name="pause", keys="p,space", text="pause", is_offered=_can_pause, foot=0),
    Action(name="resume_paused", keys="p,space,r", text="resume", is_offered=_is_paused, foot=0),
    Action(name="extend", keys="p,space", text="how to train on", is_offered=_has_ended),
    Action(name="resume", keys="r", text="resume", is_offered=_can_resume, foot=0),
    Action(name="resume_all", keys="R", text="resume all", is_offered=_can_resume_all, foot=5, shown_key="R"),
    Action(
        name="predict",
        keys="slash,i",
        text="predict",
        is_offered=lambda now: not now.in_prompt,
        foot=3,
        shown_key="/",
    ),
    Action(name="matrix", keys="m", text="matrix", is_offered=lambda now: now.pane != "matrix", foot=2),
    Action(name="stop", keys="s", text="stop", is_offered=_can_stop),
    Action(name="new_run", keys="n", text="new run"),
    Action(name="all_runs", keys="o", text="all runs", foot=4),
    Action(name="explain", keys="e", text="explain"),
    Action(name="console", keys="v", text="worker's log", is_offered=_has_run),
    Action(name="alerts", keys="exclamation_mark", text="alerts", is_offered=_has_run, shown_key="!"),
    Action(name="log_axis", keys="y", text="log axis"),
    Action(name="dark", keys="d", text="dark/light"),
    Action(name="app.command_palette", keys="colon", text="palette", shown_key=":"),
    Action(name="help", keys="question_mark", text="help", foot=0, shown_key="?"),
    Action(name="leave", keys="q", text="leave", foot=0),
    Action(name="go_back", keys="escape", text="back", is_offered=lambda now: now.can_go_back, foot=0),
    *(Action(name=f"tab({n})", keys=str(n), text=f"tab {n}") for n in range(1, 10)),
    Action(name="next_tab(-1)", keys="left_square_bracket", text="tab before", is_offered=_has_tabs, shown_key="["),
    Action(name="next_tab(1)", keys="right_square_bracket", text="tab after", is_offered=_has_tabs, shown_key="]"),
    Action(name="close_tab", keys="ctrl+w", text="close the tab", is_offered=_has_tabs),
)
_BY_NAME = {action.name.partition("(")[0]: action for action in ACTIONS}


FOOT = {action.name: action.foot for action in ACTIONS if action.foot is not None}
"""The rank of each action that stands in the foot."""


def is_offered(name: str, now: Now) -> bool:
    """Whether the action called ``name`` would do something now; what is not of this table (Textual's own) would."""
    action = _BY_NAME.get(name)
    return action is None or action.is_offered(now)
