"""When a key of the main screen would do something: what decides it, and the conditions that `actions.py` names."""

from __future__ import annotations

from dataclasses import dataclass

from namestui.runs.events import State
from namestui.tui.state.chart_view import ALL_LIVE, ChartView
from namestui.tui.state.open_runs import OpenRuns
from namestui.tui.state.run_state import RESUMABLE
from namestui.tui.widgets.pane_tabs import PANES


@dataclass(frozen=True, kw_only=True)
class Now:
    """What decides which actions are offered."""

    runs: OpenRuns
    is_replay: bool = False
    pane: str = ""
    """The only one that is shown; empty where all are."""
    focus: str = ""
    """The pane that has the focus."""
    in_prompt: bool = False
    is_zoomed: bool = False
    sees_curves: bool = True
    pages: int = 1
    """Pages of charts."""
    view: ChartView = ALL_LIVE

    @property
    def can_go_back(self) -> bool:
        """Whether there is something to leave: the prompt, or a pane that is not the first."""
        return self.in_prompt or (self.pane not in ("", PANES[0]) and not self.is_zoomed and self.view.cursor is None)

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
    """It has ended early and can train on, or its record has lost what can be trained again."""
    return now.runs.shown is not None and now.runs.shown.can_resume and not now.is_replay


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


def has_worker(now: Now) -> bool:
    """There is a run whose worker says what it does, or has said it."""
    return now.state is not None and not now.is_replay


def has_run(now: Now) -> bool:
    """There is a run to speak of."""
    return now.state is not None


def has_epochs(now: Now) -> bool:
    """There are values to put a cursor on."""
    return not now.in_prompt and now.runs.shown is not None and any(now.runs.shown.series.values())


def has_later_epochs(now: Now) -> bool:
    """The cursor is not on what comes in."""
    return has_epochs(now) and now.view.cursor is not None


def is_in_past(now: Now) -> bool:
    """The cursor holds an epoch."""
    return not now.in_prompt and now.view.cursor is not None


def can_unzoom(now: Now) -> bool:
    """Esc leaves the prompt first, then the epoch, then the zoomed pane."""
    return now.is_zoomed and not now.in_prompt and now.view.cursor is None


def sees_curves(now: Now) -> bool:
    """The charts are on the screen, and show a run."""
    return now.sees_curves and not now.in_prompt and now.state is not None


def in_curves(now: Now) -> bool:
    """The charts have the focus, and show a run."""
    return sees_curves(now) and now.focus == "curves"


def has_pages(now: Now) -> bool:
    """There are more charts than fit."""
    return in_curves(now) and now.pages > 1


def is_part(now: Now) -> bool:
    """A part of the axis is shown."""
    return sees_curves(now) and now.view.span is not None


def is_smooth(now: Now) -> bool:
    """The lines are smoothed."""
    return sees_curves(now) and now.view.smoothing > 0
