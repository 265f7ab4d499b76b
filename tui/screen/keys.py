"""The keys of the main screen, and which of them would do something now."""

from __future__ import annotations

from textual.binding import Binding, BindingType

from namestui.tui.state.open_runs import OpenRuns
from namestui.tui.state.steer import RESUMABLE

KEYS: list[BindingType] = [
    Binding("p,space", "pause", "pause"),
    Binding("p,space", "go_on", "resume"),
    Binding("p,space", "extend", "how to train on", show=False),
    Binding("r", "go_on", "resume", show=False),
    Binding("r", "resume", "resume"),
    Binding("R", "resume_all", "resume all", key_display="R"),
    Binding("slash,i", "predict", "predict", key_display="/"),
    Binding("m", "matrix", "matrix"),
    Binding("s", "stop", "stop", show=False),
    Binding("n", "new_run", "new run", show=False),
    Binding("o", "all_runs", "all runs"),
    Binding("e", "explain", "explain", show=False),
    Binding("v", "console", "worker's log", show=False),
    Binding("y", "log_axis", "log axis", show=False),
    Binding("d", "dark", "dark/light", show=False),
    Binding("colon", "app.command_palette", "palette", key_display=":", show=False),
    Binding("question_mark", "help", "help", key_display="?"),
    Binding("q", "leave", "leave"),
    Binding("escape", "go_back", "back"),
    *(Binding(str(n), f"tab({n})", f"tab {n}", show=False) for n in range(1, 10)),
    Binding("left_square_bracket", "next_tab(-1)", "tab before", key_display="[", show=False),
    Binding("right_square_bracket", "next_tab(1)", "tab after", key_display="]", show=False),
    Binding("ctrl+w", "close_tab", "close the tab", show=False),
]


def is_offered(action: str, runs: OpenRuns, *, is_replay: bool, in_matrix: bool) -> bool:
    """Whether ``action`` would do something, given the open runs; keys that would not are not offered."""
    word = runs.shown.state if runs.shown is not None else ""
    match action:
        case "pause":
            return word in ("", "starting", "running", "pausing", "stopping")
        case "go_on":
            return word == "paused"
        case "extend":
            return word in ("finished", *RESUMABLE)
        case "resume":
            return word in RESUMABLE and not is_replay
        case "resume_all":
            return not is_replay and any(state.state == "interrupted" for state in runs)
        case "stop":
            return runs.shown is not None and runs.shown.is_live and not is_replay
        case "close_tab" | "next_tab":
            return len(runs) > 1
        case "matrix":
            return not in_matrix
        case _:
            return True
