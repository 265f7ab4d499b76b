"""What went wrong with the shown run, and the last lines of its log."""

from __future__ import annotations

from textual.content import Content
from textual.widgets import Static

from namestui.runs.text import inert
from namestui.tui.state.run_state import RunState

LINES = 5


class Trouble(Static):
    """Shown only where a run failed or was interrupted."""

    DEFAULT_CSS = """
    Trouble {
        height: auto; max-height: 9; padding: 0 1; display: none;
        border: round $error 60%; border-title-color: $text-error; border-subtitle-color: $foreground 70%;
    }
    Trouble.-shown { display: block; }
    """

    @property
    def is_shown(self) -> bool:
        """Whether there is trouble to show."""
        return self.has_class("-shown")

    def show(self, state: RunState | None) -> None:
        """Show the trouble of ``state``, or nothing where there is none."""
        troubled = state is not None and state.state in ("failed", "interrupted")
        self.set_class(troubled, "-shown")
        if state is None or not troubled:
            return
        self.border_title = Content(f"{state.title} {state.state}")
        self.border_subtitle = Content("r resumes from the last checkpoint")
        lines = [
            inert(state.reason or "the worker is gone"),
            *(f"worker.log: {inert(line)}" for line in state.log_tail[-LINES:]),
        ]
        self.update(Content("\n".join(lines)))
