"""When a key of the main screen would do something: what decides it, and the conditions that `actions.py` names."""

from __future__ import annotations

from dataclasses import dataclass

from namestui.runs.events import State
from namestui.tui.state.open_runs import OpenRuns
from namestui.tui.state.steer import RESUMABLE
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


def can_pause(now: Now) -> bool:
    """A run trains, or is about to; also while there is none."""
    return now.state in (None, "starting", "running", "pausing", "stopping")


def is_paused(now: Now) -> bool:
    """It is held at the end of a batch."""
    return now.state == "paused"


def can_resume(now: Now) -> bool:
    """It has ended early, and can train on."""
    return now.state in RESUMABLE and not now.is_replay


def can_resume_all(now: Now) -> bool:
    """Several may have been interrupted by one reboot."""
    return not now.is_replay and any(state.state == "interrupted" for state in now.runs)


def has_ended(now: Now) -> bool:
    """Its plan is trained, or it ended early."""
    return now.state in ("finished", *RESUMABLE)


def can_stop(now: Now) -> bool:
    """A worker trains it."""
    return now.runs.shown is not None and now.runs.shown.is_live and not now.is_replay


def has_tabs(now: Now) -> bool:
    """There is another tab."""
    return len(now.runs) > 1


def has_run(now: Now) -> bool:
    """There is a run to speak of."""
    return now.state is not None
